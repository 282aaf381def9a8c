import { z } from 'zod';
import { isLoopbackHost } from './access.ts';
import { KeysProblem, parseKeys, type Keys } from './identity/keys.ts';
import type { TokenOptions } from './identity/tokens.ts';

/** A fault that keeps the program from starting: one plain line that says what is wrong and what to do. */
export class StartFault extends Error {
  override readonly name = 'StartFault';
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** The shortest PSEUDONYM_KEY that is taken, in characters: 128 bits written as base64. */
const KEY_LENGTH = 22;

const DEFAULT_HOST = '127.0.0.1';

const list = (text: string): readonly string[] => text.split(',').map((part) => part.trim()).filter((part) => part !== '');

const isOrigin = (text: string): boolean => {
  if (text === '*') return true;
  const url = URL.canParse(text) ? new URL(text) : null;
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === text;
};

const isHttpUrl = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

/** Keys as callers by digest; what is wrong with them is said without them. */
function readKeys(text: string, context: z.RefinementCtx): Keys {
  try {
    return parseKeys(text);
  } catch (error) {
    if (!(error instanceof KeysProblem)) throw error;
    context.addIssue(error.message);
    return z.NEVER;
  }
}

/** What came as a store, told by its beginning only: the rest may hold a password. */
const describeLocation = (text: string): string => {
  const kind = /^[a-z][a-z+]{0,20}(?=:)/i.exec(text)?.[0];
  return kind === undefined ? 'a text without such a beginning' : `${kind}:…`;
};

const switchOf = z.enum(['on', 'off'], { error: (issue) => `expected on or off, got "${String(issue.input)}"` });

/** One setting: how its text is read, what it is when absent, and what `--help` says of it. */
interface Setting<T> {
  readonly meaning: string;
  /** How the value that an absent setting has is written in `--help`. */
  readonly default: string;
  readonly parse: z.ZodType<T>;
}

const setting = <T>(meaning: string, shown: string, parse: z.ZodType<T>): Setting<T> => ({ meaning, default: shown, parse });

const TABLE = {
  HOST: setting('the address to listen on; other machines reach it only where API_KEYS or JWKS_URL say who may call', DEFAULT_HOST, z.string().default(DEFAULT_HOST)),
  PORT: setting(
    'the port to listen on; 0 takes any free one',
    '4000',
    z
      .string()
      .refine((text) => /^\d{1,5}$/.test(text) && Number(text) <= 65_535, {
        error: (issue) => `expected a port from 0 to 65535, got "${String(issue.input)}"`,
      })
      .transform(Number)
      .default(4000),
  ),
  STORE: setting(
    'where facts are kept: lmdb:FOLDER, or the mongodb:// URI of a replica set',
    'lmdb:.data',
    z
      .string()
      .refine((text) => /^lmdb:.+/.test(text) || /^mongodb(\+srv)?:\/\/.+/.test(text), {
        error: (issue) => `expected lmdb:FOLDER or a mongodb:// URI, got ${describeLocation(String(issue.input))}`,
      })
      .default('lmdb:.data'),
  ),
  SAMPLE: setting('whether an empty store is filled with the sample: on or off', 'on for lmdb, off for MongoDB', switchOf.optional()),
  SUBGRAPHS: setting('which subgraphs run in this process, by name, with commas; none runs none', 'all', z.string().transform(list).optional()),
  SUPERGRAPH: setting(
    'a composed supergraph file to serve instead; its subgraphs are reached at the URLs in it, but for those in SUBGRAPHS',
    'composed at start',
    z.string().optional(),
  ),
  SUPERGRAPH_CONFIG: setting(
    "a supergraph.yaml in Rover's form: remote subgraphs to compose with the local ones",
    'none',
    z.string().optional(),
  ),
  SUPERGRAPH_POLL: setting(
    'how often SUPERGRAPH or SUPERGRAPH_CONFIG and the subgraphs named there are looked at for another schema, in seconds; 0 never',
    '10',
    z
      .string()
      .refine((text) => /^\d{1,5}(\.\d+)?$/.test(text), { error: (issue) => `expected seconds from 0 to 99999, got "${String(issue.input)}"` })
      .transform(Number)
      .default(10),
  ),
  CORS_ORIGINS: setting(
    'origins whose pages may call this address, with commas; * for any. While none is named, all may send to /cmcd, where players report',
    'none',
    z
      .string()
      .transform(list)
      .refine((origins) => origins.every(isOrigin), {
        error: (issue) => `expected origins such as https://tools.example.com, without a path, with commas between, or *; got "${String(issue.input)}"`,
      })
      .default([]),
  ),
  API_KEYS: setting(
    'who may call: NAME ROLES KEY, one a line or with semicolons between; roles are read, emit, emit:SOURCE, own, own:TEAM and admin, with + between',
    'none; on loopback every caller then has every role',
    z.string().transform(readKeys).optional(),
  ),
  API_KEY: setting('the key by which the commands import and simulate call a running server', 'none', z.string().optional()),
  JWKS_URL: setting("where the issuer of callers' tokens publishes its keys; with JWT_ISSUER and JWT_AUDIENCE", 'none', z.string().refine(isHttpUrl, { error: 'expected a URL with https, or http' }).optional()),
  JWT_ISSUER: setting("what the tokens' claim iss must be", 'none', z.string().optional()),
  JWT_AUDIENCE: setting("what the tokens' claim aud must hold", 'none', z.string().optional()),
  GATEWAY_KEY: setting(
    `the secret by which a gateway tells the processes of its subgraphs who asks, at least ${KEY_LENGTH} characters; the same in every process`,
    'none',
    z.string().min(KEY_LENGTH, { error: `expected at least ${KEY_LENGTH} characters, such as the output of: openssl rand -base64 32` }).optional(),
  ),
  RATE_LIMIT: setting(
    'how many requests a second each caller may send, taken over ten seconds',
    'no limit',
    z
      .string()
      .refine((text) => /^[1-9]\d{0,5}$/.test(text), { error: (issue) => `expected a whole number from 1 to 999999, got "${String(issue.input)}"` })
      .transform(Number)
      .optional(),
  ),
  INTROSPECTION: setting('whether anyone may ask for the schema: on, or off, and then only administrators get it, as /schema.graphql', 'on', switchOf.default('on')),
  OPERATIONS: setting(
    'which operations are run: any, or saved, and then only saved questions by name',
    'any',
    z.enum(['any', 'saved'], { error: (issue) => `expected any or saved, got "${String(issue.input)}"` }).default('any'),
  ),
  PSEUDONYM_KEY: setting(
    `the secret that people's identifiers are hashed with, at least ${KEY_LENGTH} characters; the same in every process`,
    'made on first start in the folder of an embedded store',
    z.string().min(KEY_LENGTH, { error: `expected at least ${KEY_LENGTH} characters, such as the output of: openssl rand -base64 32` }).optional(),
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: setting(
    'where an OpenTelemetry collector takes traces over HTTP, such as http://127.0.0.1:4318',
    'none; nothing is traced',
    z.string().refine(isHttpUrl, { error: 'expected a URL with http or https' }).optional(),
  ),
  LOG_LEVEL: setting(
    `how much is logged to stderr: ${LOG_LEVELS.join(', ')}`,
    'info',
    z.enum(LOG_LEVELS, { error: (issue) => `expected one of ${LOG_LEVELS.join(', ')}, got "${String(issue.input)}"` }).default('info'),
  ),
} satisfies Record<string, Setting<unknown>>;

/** What the program was told, read once and frozen. */
export interface Settings {
  readonly host: string;
  readonly port: number;
  /** `lmdb:FOLDER` or a `mongodb://` URI. */
  readonly store: string;
  readonly sample: boolean;
  /** The subgraphs of this process; null where nothing was said. */
  readonly subgraphs: readonly string[] | null;
  /** Path of a composed supergraph to serve; null to compose. */
  readonly supergraph: string | null;
  /** Path of a `supergraph.yaml`; null for none. */
  readonly supergraphConfig: string | null;
  /** Seconds from one look for another supergraph to the next; 0 for never. */
  readonly supergraphPoll: number;
  readonly corsOrigins: readonly string[];
  /** Callers by their keys; null where there are none. */
  readonly keys: Keys | null;
  /** What the commands of this project call a running server with. */
  readonly apiKey: string | null;
  /** Whose tokens are taken; null for nobody's. */
  readonly tokens: TokenOptions | null;
  readonly gatewayKey: string | null;
  /** Requests a second of each caller; null for any number. */
  readonly rateLimit: number | null;
  /** Whether anyone may ask for the schema. */
  readonly introspection: boolean;
  readonly operations: 'any' | 'saved';
  readonly pseudonymKey: string | null;
  /** The collector of traces; null for none. */
  readonly traceEndpoint: string | null;
  readonly logLevel: (typeof LOG_LEVELS)[number];
}

/** True for a store in a folder of this machine, which one process holds at a time. */
export function isEmbedded(store: string): boolean {
  return store.startsWith('lmdb:');
}

type Values = { [K in keyof typeof TABLE]: z.output<(typeof TABLE)[K]['parse']> };

const schema = z.object(
  Object.fromEntries(Object.entries(TABLE).map(([name, each]) => [name, each.parse])) as { [K in keyof typeof TABLE]: z.ZodType<Values[K]> },
);

/** What the settings ask of each other and of the subgraphs that there are; each problem begins with the setting's name. */
function* crossProblems(given: Partial<Record<keyof Values, string | undefined>>, known: readonly string[]): Generator<string> {
  for (const name of list(given.SUBGRAPHS ?? '')) {
    if (!known.includes(name) && name !== 'none') {
      yield `SUBGRAPHS: no subgraph is named "${name}"; known are ${known.join(', ')}, and none for no subgraph at all`;
    }
  }
  if (given.SUPERGRAPH !== undefined && given.SUPERGRAPH_CONFIG !== undefined) {
    yield 'SUPERGRAPH_CONFIG: set either SUPERGRAPH, to serve a composed file, or SUPERGRAPH_CONFIG, to compose; not both';
  }
}

/** What the settings of identity ask of each other. */
function* identityProblems(given: Partial<Record<keyof Values, string | undefined>>): Generator<string> {
  const { HOST: host = DEFAULT_HOST, API_KEYS: keys, JWKS_URL: jwks, JWT_ISSUER: issuer, JWT_AUDIENCE: audience } = given;
  if (!isLoopbackHost(host) && keys === undefined && jwks === undefined) {
    yield `HOST: other machines reach ${host}, so callers must be known: set API_KEYS or JWKS_URL, or leave HOST at ${DEFAULT_HOST}`;
  }
  if (jwks !== undefined && (issuer === undefined || audience === undefined)) yield 'JWKS_URL: set JWT_ISSUER and JWT_AUDIENCE too, or a token of anyone else who uses that issuer would do';
  if (jwks === undefined && (issuer !== undefined || audience !== undefined)) yield 'JWKS_URL: expected beside JWT_ISSUER and JWT_AUDIENCE, got nothing';
}

/**
 * Reads the settings from an environment. An empty text is the same as an absent one.
 * @throws StartFault that names every wrong setting at once, one a line.
 */
export function parseSettings(environment: Readonly<Record<string, string | undefined>>, knownSubgraphs: readonly string[]): Settings {
  const given = Object.fromEntries(Object.keys(TABLE).map((name) => [name, environment[name]?.trim() || undefined]));
  const parsed = schema.safeParse(given);
  const issues = parsed.success ? [] : parsed.error.issues;
  const problems = [...issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`), ...crossProblems(given, knownSubgraphs), ...identityProblems(given)];
  if (!parsed.success || problems.length > 0) {
    throw new StartFault(`wrong settings (npm start -- --help explains each):\n${problems.map((each) => `  ${each}`).join('\n')}`);
  }
  const values = parsed.data;
  return Object.freeze({
    host: values.HOST,
    port: values.PORT,
    store: values.STORE,
    sample: values.SAMPLE === undefined ? isEmbedded(values.STORE) : values.SAMPLE === 'on',
    subgraphs: values.SUBGRAPHS === undefined ? null : Object.freeze(values.SUBGRAPHS.filter((name) => name !== 'none')),
    supergraph: values.SUPERGRAPH ?? null,
    supergraphConfig: values.SUPERGRAPH_CONFIG ?? null,
    supergraphPoll: values.SUPERGRAPH_POLL,
    corsOrigins: Object.freeze(values.CORS_ORIGINS),
    apiKey: values.API_KEY ?? null,
    keys: values.API_KEYS ?? null,
    tokens: values.JWKS_URL === undefined ? null : { jwksUrl: values.JWKS_URL, issuer: values.JWT_ISSUER ?? '', audience: values.JWT_AUDIENCE ?? '' },
    gatewayKey: values.GATEWAY_KEY ?? null,
    rateLimit: values.RATE_LIMIT ?? null,
    introspection: values.INTROSPECTION === 'on',
    operations: values.OPERATIONS,
    pseudonymKey: values.PSEUDONYM_KEY ?? null,
    traceEndpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT ?? null,
    logLevel: values.LOG_LEVEL,
  });
}

/** The settings of this process; the one place that reads its environment. */
export function loadSettings(knownSubgraphs: readonly string[]): Settings {
  return parseSettings(process.env, knownSubgraphs);
}

/** Every setting with its default and meaning, as `npm start -- --help` prints it. */
export function describeSettings(): string {
  const lines = Object.entries(TABLE).map(([name, each]) => `  ${name.padEnd(18)} ${each.meaning}\n${' '.repeat(21)}default: ${each.default}`);
  return `loopgraph: one GraphQL API over shows, platform and people\n\nnpm start\n\nSettings, from the environment:\n${lines.join('\n')}\n`;
}
