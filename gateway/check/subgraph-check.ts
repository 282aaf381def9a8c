import { Kind, OperationTypeNode, parse } from 'graphql';
import type { DefinitionNode, DirectiveNode, DocumentNode, ObjectTypeDefinitionNode, ObjectTypeExtensionNode, TypeNode } from 'graphql';
import { createApiSchema } from '../execution/api-schema.ts';
import { composeSubgraphs, type SubgraphSource } from '../graph/composition.ts';
import { loadQuestions } from '../questions/questions.ts';

/** What one check found: null where all is well, else what was expected and what came. */
export interface Finding {
  readonly check: string;
  readonly problem: string | null;
}

export interface CheckOptions {
  /** Where the subgraph answers GraphQL. */
  readonly url: string;
  /** What it is to be called in the supergraph. */
  readonly name: string;
  /** The subgraphs that it is to be composed with. */
  readonly others: readonly SubgraphSource[];
  /** Where the saved questions lie. */
  readonly questionsFolder: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A subgraph that does not answer by then is too slow for any question, in milliseconds. */
const PATIENCE = 10_000;

interface Answer {
  readonly status: number;
  readonly body: { readonly data?: Record<string, unknown> | null; readonly errors?: readonly { readonly message?: unknown; readonly path?: unknown }[] };
}

type Ask = (query: string, variables?: Readonly<Record<string, unknown>>) => Promise<Answer>;

class Failed extends Error {}

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 200);

function createAsk({ url, headers }: CheckOptions): Ask {
  return async (query, variables = {}) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json, application/json;q=0.9', ...headers },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(PATIENCE),
    });
    const text = await response.text();
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      throw new Failed(`expected JSON, got HTTP ${response.status} with ${shown(text)}`);
    }
    if (typeof body !== 'object' || body === null || Array.isArray(body) || !('data' in body || 'errors' in body)) throw new Failed(`expected an object with data or errors, got ${shown(body)}`);
    return { status: response.status, body: body as Answer['body'] };
  };
}

/** An object type with the fields of its first key that is plain and can be resolved here, each with its type. */
interface Entity {
  readonly type: string;
  readonly key: ReadonlyMap<string, string>;
}

type ObjectNode = ObjectTypeDefinitionNode | ObjectTypeExtensionNode;

const isObjectNode = (node: DefinitionNode): node is ObjectNode => node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.OBJECT_TYPE_EXTENSION;

const namedType = (type: TypeNode): string => (type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type));

/** The fields of a key as its directive writes them; null where it is nested or only a stub's. */
function plainKey(directive: DirectiveNode): readonly string[] | null {
  const read = (name: string) => directive.arguments?.find((argument) => argument.name.value === name)?.value;
  const [fields, resolvable] = [read('fields'), read('resolvable')];
  if (directive.name.value !== 'key' || fields?.kind !== Kind.STRING || fields.value.includes('{')) return null;
  return resolvable?.kind === Kind.BOOLEAN && !resolvable.value ? null : fields.value.trim().split(/[\s,]+/);
}

function entitiesOf({ definitions }: DocumentNode): Entity[] {
  const nodes = new Map<string, ObjectNode[]>();
  for (const node of definitions.filter(isObjectNode)) nodes.set(node.name.value, [...(nodes.get(node.name.value) ?? []), node]);
  return [...nodes].flatMap(([type, parts]) => {
    const [key] = parts.flatMap(({ directives = [] }) => directives.flatMap((directive) => [plainKey(directive)].filter((each) => each !== null)));
    const types = new Map(parts.flatMap(({ fields = [] }) => fields.map((field) => [field.name.value, namedType(field.type)])));
    return key === undefined ? [] : [{ type, key: new Map(key.map((field) => [field, types.get(field) ?? 'ID'])) }];
  });
}

/** What the query type is called; `Query` unless the schema says otherwise. */
function queryTypeOf({ definitions }: DocumentNode): string {
  const roots = definitions.flatMap((node) => (node.kind === Kind.SCHEMA_DEFINITION || node.kind === Kind.SCHEMA_EXTENSION ? (node.operationTypes ?? []) : []));
  return roots.find(({ operation }) => operation === OperationTypeNode.QUERY)?.type.name.value ?? 'Query';
}

const ENTITIES = 'query ($representations: [_Any!]!) { _entities(representations: $representations) { __typename } }';

const UNKNOWN: Readonly<Record<string, unknown>> = { Int: 0, Float: 0, Boolean: false };

async function checkUnknownEntity(ask: Ask, { type, key }: Entity): Promise<void> {
  const representation = { __typename: type, ...Object.fromEntries([...key].map(([field, its]) => [field, UNKNOWN[its] ?? 'loopgraph-checks-what-is-not-there'])) };
  const { body } = await ask(ENTITIES, { representations: [representation, representation] });
  const { _entities: entities } = body.data ?? {};
  if (!Array.isArray(entities) || entities.length !== 2) {
    throw new Failed(`expected for two representations that nobody knows a list of two, each null or an object${body.errors === undefined ? '' : ', and errors beside them'}; got ${shown(body)}`);
  }
  for (const entity of entities as unknown[]) {
    if (entity !== null && (entity as { __typename?: unknown }).__typename !== type) throw new Failed(`expected null or a ${type}, got ${shown(entity)}`);
  }
}

/** Asks a subgraph all that a gateway relies on, and says what it found of each. The first checks are what the later ones stand on. */
export async function checkSubgraph(options: CheckOptions): Promise<Finding[]> {
  const findings: Finding[] = [];
  const ask = createAsk(options);
  const check = async <T>(name: string, run: () => Promise<T> | T): Promise<T | null> => {
    try {
      const value = await run();
      findings.push({ check: name, problem: null });
      return value;
    } catch (error) {
      const reason = error instanceof Error && error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error instanceof Error ? error.message : String(error);
      findings.push({ check: name, problem: reason });
      return null;
    }
  };

  const sdl = await check('tells its schema at _service', async () => {
    const { body } = await ask('{ _service { sdl } }');
    const text = (body.data?.['_service'] as { sdl?: unknown } | null | undefined)?.sdl;
    if (typeof text !== 'string' || text === '') throw new Failed(`expected data._service.sdl, got ${shown(body)}`);
    return text;
  });
  if (sdl === null) return findings;
  const schema = await check('has a schema that parses', () => parse(sdl));
  const { name, url, others, questionsFolder } = options;
  const composed = await check('composes with the others', () => composeSubgraphs([...others.filter((each) => each.name !== name), { name, url, typeDefs: sdl }]));
  if (composed !== null) {
    await check('breaks no saved question', async () => {
      const { problems } = await loadQuestions(questionsFolder, createApiSchema(parse(composed.supergraphSdl, { noLocation: true })));
      if (problems.size > 0) throw new Failed([...problems].map(([question, problem]) => `${question}: ${problem}`).join('\n'));
    });
  }
  if (schema === null) return findings;

  await check('answers a field that does not exist with errors and no data', async () => {
    const { body } = await ask('{ loopgraphChecksAFieldThatIsNotThere }');
    if (body.data != null || !Array.isArray(body.errors) || body.errors.length === 0) throw new Failed(`expected errors and no data, got ${shown(body)}`);
    if (!body.errors.every(({ message }) => typeof message === 'string')) throw new Failed(`expected a message in each error, got ${shown(body.errors)}`);
  });
  await check('answers __typename of its root', async () => {
    const { body } = await ask('{ __typename }');
    if (body.data?.['__typename'] !== queryTypeOf(schema)) throw new Failed(`expected ${queryTypeOf(schema)}, got ${shown(body)}`);
  });
  const entities = entitiesOf(schema);
  if (entities.length > 0) {
    await check('answers no representations with an empty list', async () => {
      const { body } = await ask(ENTITIES, { representations: [] });
      const list = body.data?.['_entities'];
      if (!Array.isArray(list) || list.length > 0) throw new Failed(`expected data._entities to be an empty list, got ${shown(body)}`);
    });
    await check('refuses representations of a type that it does not have, and goes on', async () => {
      const { body } = await ask(ENTITIES, { representations: [{ __typename: 'LoopgraphChecksATypeThatIsNotThere', id: '1' }] });
      if (!Array.isArray(body.errors) || body.errors.length === 0) throw new Failed(`expected errors, got ${shown(body)}`);
      await ask('{ __typename }');
    });
    for (const entity of entities) await check(`answers ${entity.type} by ${[...entity.key.keys()].join(' and ')} in order, also where nobody knows it`, () => checkUnknownEntity(ask, entity));
  }
  return findings;
}
