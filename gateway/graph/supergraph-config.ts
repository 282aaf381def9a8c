import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { describeFileFault } from '../../kit/file-fault.ts';
import { GATEWAY, type Introduce } from '../identity/passports.ts';
import { StartFault } from '../settings.ts';

/** A subgraph of another process, to be composed. */
export interface RemoteSubgraph {
  readonly name: string;
  /** Where it answers GraphQL. */
  readonly url: string;
  readonly typeDefs: string;
}

const configSchema = z.object({
  subgraphs: z.record(
    z.string(),
    z.object({
      routing_url: z.url().optional(),
      schema: z.union([z.object({ file: z.string() }), z.object({ subgraph_url: z.url() })], {
        error: 'expected schema.file or schema.subgraph_url',
      }),
    }),
  ),
});

/** A process that is started together with its subgraphs waits so long for them, in milliseconds. */
const PATIENCE = 15_000;
const PAUSE = 500;

/** How subgraphs are asked for their schemas. */
interface Asking {
  readonly introduce: Introduce;
  /** How long one that does not answer is asked again, in milliseconds. */
  readonly patienceMs: number;
}

const reason = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : String(cause);
};

async function askSdl(url: string, introduce: Introduce): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...(await introduce(GATEWAY)) },
    body: JSON.stringify({ query: '{ _service { sdl } }' }),
    signal: AbortSignal.timeout(PATIENCE),
  });
  const answer: unknown = await response.json();
  const parsed = z.object({ data: z.object({ _service: z.object({ sdl: z.string() }) }) }).safeParse(answer);
  if (!parsed.success) throw new Error(`it answers ${response.status} without _service.sdl, so it is no subgraph`);
  return parsed.data.data._service.sdl;
}

async function fetchSdl(name: string, url: string, { introduce, patienceMs }: Asking): Promise<string> {
  const until = Date.now() + patienceMs;
  for (;;) {
    try {
      return await askSdl(url, introduce);
    } catch (error) {
      if (Date.now() + PAUSE > until) {
        throw new StartFault(`subgraph ${name} does not tell its schema at ${url}: ${reason(error)}; start it, or take it out of SUPERGRAPH_CONFIG`);
      }
      await sleep(PAUSE);
    }
  }
}

async function readText(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new StartFault(`${what} cannot be read: ${describeFileFault(error)}; give the path of a file that is there`);
  }
}

/**
 * Reads a `supergraph.yaml` in Rover's form and the schemas that it names: from a file beside it, or by asking the
 * subgraph itself, which is waited for.
 * @throws StartFault naming the file or the subgraph, and what is wrong with it.
 */
export async function loadSupergraphConfig(path: string, { introduce = async () => ({}), patienceMs = PATIENCE }: Partial<Asking> = {}): Promise<readonly RemoteSubgraph[]> {
  const asking = { introduce, patienceMs };
  const text = await readText(path, `SUPERGRAPH_CONFIG ${path}`);
  let document: unknown;
  try {
    const { parse: parseYaml } = await import('yaml');
    document = parseYaml(text);
  } catch (error) {
    throw new StartFault(`SUPERGRAPH_CONFIG ${path} is no YAML: ${reason(error).split('\n')[0]}`);
  }
  const parsed = configSchema.safeParse(document);
  if (!parsed.success) {
    throw new StartFault(`SUPERGRAPH_CONFIG ${path}: ${parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')}`);
  }
  return Promise.all(
    Object.entries(parsed.data.subgraphs).map(async ([name, { routing_url: routingUrl, schema }]) => {
      if ('subgraph_url' in schema) {
        return { name, url: routingUrl ?? schema.subgraph_url, typeDefs: await fetchSdl(name, schema.subgraph_url, asking) };
      }
      if (routingUrl === undefined) throw new StartFault(`SUPERGRAPH_CONFIG ${path}: subgraphs.${name}.routing_url: expected the URL where ${name} answers`);
      return { name, url: routingUrl, typeDefs: await readText(resolve(dirname(path), schema.file), `the schema of subgraph ${name}`) };
    }),
  );
}
