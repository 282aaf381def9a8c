import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { buildASTSchema, execute, parse, printSchema } from 'graphql';
import type { DocumentNode, ExecutionResult, GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import { composeSubgraphs } from '../gateway/graph/composition.ts';
import { createHttpClient } from '../gateway/execution/http-client.ts';
import { createLocalClient } from '../gateway/execution/local-client.ts';
import type { SubgraphClient } from '../gateway/execution/subgraph-client.ts';
import { createSupergraph } from '../gateway/execution/supergraph.ts';

type Fields = Record<string, GraphQLFieldResolver<{ id: number }, unknown>>;

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\n';
const SUBGRAPHS: Record<string, string> = {
  viewing: `type Query { shows(n: Int!): [Show!]! } type Show @key(fields: "id") { id: ID! title: String! season: Int datasets: [Dataset!]! team: Team } type Dataset @key(fields: "id", resolvable: false) { id: ID! } type Team @key(fields: "id", resolvable: false) { id: ID! }`,
  platform: `type Dataset @key(fields: "id") { id: ID! name: String! writers: [Job!]! } type Job @key(fields: "id") { id: ID! name: String! runs: [Run!]! team: Team } type Run { id: ID! state: String! durationMs: Int startedAt: String! } type Team @key(fields: "id", resolvable: false) { id: ID! }`,
  feedback: `type Team @key(fields: "id") { id: ID! name: String! registered: Boolean! feedback: [Feedback!]! } type Feedback { id: ID! n: Int! mean: Float }`,
};
const some = (count: number, from: number, modulus: number): { id: number }[] => Array.from({ length: count }, (_, index) => ({ id: (from * 7 + index * 13) % modulus }));
const RESOLVERS: Record<string, Fields> = {
  Query: { shows: (_root, { n }) => Array.from({ length: Number(n) }, (_, id) => ({ id })) },
  Show: { title: ({ id }) => `Show ${id}`, season: ({ id }) => id % 5, datasets: ({ id }) => some(2, id, 40), team: ({ id }) => ({ id: id % 12 }) },
  Dataset: { name: ({ id }) => `dataset_${id}`, writers: ({ id }) => some(2, Number(id), 60) },
  Job: { name: ({ id }) => `job_${id}`, runs: ({ id }) => some(3, Number(id), 1_000), team: ({ id }) => ({ id: Number(id) % 12 }) },
  Run: { state: ({ id }) => (id % 9 === 0 ? 'FAIL' : 'COMPLETE'), durationMs: ({ id }) => id * 31, startedAt: () => '2024-11-17T00:00:00.000Z' },
  Team: { name: ({ id }) => `Team ${id}`, registered: () => true, feedback: ({ id }) => some(2, Number(id), 100) },
  Feedback: { n: ({ id }) => id, mean: ({ id }) => id / 7 },
};
const QUESTIONS: Record<string, string> = {
  simple: '{ shows(n: 10) { id title season } }',
  linked: '{ shows(n: 30) { title team { name feedback { n mean } } datasets { name writers { name runs { state durationMs startedAt } team { name feedback { n mean } } } } } }',
  wide: '{ shows(n: 1000) { id title season team { id } datasets { id } } }',
};
const ROUNDS = 4;
const ROUND_MS = 1_500;

function createSchemas(): { schemas: Map<string, GraphQLSchema>; supergraphSdl: string } {
  const schemas = new Map<string, GraphQLSchema>();
  for (const [name, sdl] of Object.entries(SUBGRAPHS)) {
    const typeDefs = parse(LINK + sdl);
    const resolvers: Record<string, Fields> = {};
    for (const definition of typeDefs.definitions) {
      if (definition.kind !== 'ObjectTypeDefinition') continue;
      const fields: Fields = {};
      for (const field of definition.fields ?? []) {
        const resolve = RESOLVERS[definition.name.value]?.[field.name.value];
        if (resolve) fields[field.name.value] = resolve;
      }
      resolvers[definition.name.value] = fields;
    }
    schemas.set(name, buildSubgraphSchema([{ typeDefs, resolvers }]));
  }
  return { schemas, supergraphSdl: composeSubgraphs(Object.entries(SUBGRAPHS).map(([name, sdl]) => ({ name, url: `http://${name}/`, typeDefs: LINK + sdl }))).supergraphSdl };
}

/** A subgraph over HTTP at its barest, so that what is measured is the gateway. */
async function serve(schema: GraphQLSchema): Promise<{ server: Server; url: string }> {
  const documents = new Map<string, DocumentNode>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      const { query, variables } = JSON.parse(Buffer.concat(chunks).toString()) as { query: string; variables?: Record<string, unknown> };
      let document = documents.get(query);
      if (!document) documents.set(query, (document = parse(query)));
      void Promise.resolve(execute({ schema, document, variableValues: variables })).then((result) => response.end(JSON.stringify(result)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

function createMonolith(sdl: string): GraphQLSchema {
  const schema = buildASTSchema(parse(sdl));
  for (const [type, fields] of Object.entries(RESOLVERS)) {
    const known = schema.getType(type);
    if (!known || !('getFields' in known)) continue;
    for (const [field, resolve] of Object.entries(fields)) Object.assign(known.getFields()[field] ?? {}, { resolve });
  }
  return schema;
}

type Ask = (document: DocumentNode) => ExecutionResult | Promise<ExecutionResult>;

async function measure(ask: Ask, document: DocumentNode): Promise<number> {
  const end = performance.now() + ROUND_MS;
  let count = 0;
  const work = async (): Promise<void> => {
    while (performance.now() < end) {
      JSON.stringify(await ask(document));
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: 16 }, work));
  return count / (ROUND_MS / 1_000);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** Asks the same three questions of a monolith, of the gateway in one process and of the gateway over HTTP, in turns; prints ratios. */
export async function run(): Promise<void> {
  const { schemas, supergraphSdl } = createSchemas();
  const locals = new Map<string, SubgraphClient>([...schemas].map(([name, schema]) => [name, createLocalClient(name, schema, () => ({}))]));
  const servers = await Promise.all([...schemas].map(async ([name, schema]) => ({ name, ...(await serve(schema)) })));
  const remotes = new Map<string, SubgraphClient>(servers.map(({ name, url }) => [name, createHttpClient(name, url)]));
  const inProcess = createSupergraph(supergraphSdl, locals);
  const overHttp = createSupergraph(supergraphSdl, remotes);
  const monolith = createMonolith(printSchema(inProcess.apiSchema));
  const asks: Record<string, Ask> = {
    'monolith (graphql-js)': (document) => execute({ schema: monolith, document }),
    'gateway, one process': (document) => inProcess.execute({ document }),
    'gateway, over HTTP in one process': (document) => overHttp.execute({ document }),
  };
  for (const [question, query] of Object.entries(QUESTIONS)) {
    const document = parse(query);
    const answers = await Promise.all(Object.values(asks).map(async (ask) => JSON.stringify(await ask(document))));
    if (new Set(answers).size !== 1) throw new Error(`The answers to ${question} differ.`);
    process.stdout.write(`${question} (${answers[0]?.length ?? 0} bytes)\n`);
    const rates = new Map<string, number[]>(Object.keys(asks).map((name) => [name, []]));
    for (let round = 0; round < ROUNDS; round++) for (const [name, ask] of Object.entries(asks)) rates.get(name)?.push(await measure(ask, document));
    const base = median(rates.get('monolith (graphql-js)') ?? []);
    for (const [name, all] of rates) process.stdout.write(`  ${name.padEnd(36)} ${median(all).toFixed(0).padStart(7)}/s  ${(median(all) / base).toFixed(2)}\n`);
  }
  await Promise.all([...remotes.values()].map((client) => client.close?.()));
  for (const { server } of servers) server.close();
}

