import { execute, parse, printSchema } from 'graphql';
import type { DocumentNode, ExecutionResult } from 'graphql';
import { createHttpClient } from '../gateway/execution/http-client.ts';
import { createLocalClient } from '../gateway/execution/local-client.ts';
import type { SubgraphClient } from '../gateway/execution/subgraph-client.ts';
import { createSupergraph } from '../gateway/execution/supergraph.ts';
import { median } from './raw/generated.ts';
import { composeLinkedGraph, createMonolith, createSubgraphSchema, QUESTIONS, SUBGRAPH_NAMES } from './raw/linked-graph.ts';
import { serveSubgraph } from './raw/subgraph-server.ts';

const ROUNDS = 4;
const ROUND_MS = 1_500;

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

/** Asks the same three questions of a monolith, of the gateway in one process and of the gateway over HTTP, in turns; prints ratios. */
export async function run(): Promise<void> {
  const schemas = new Map(SUBGRAPH_NAMES.map((name) => [name, createSubgraphSchema(name)]));
  const supergraphSdl = composeLinkedGraph();
  const locals = new Map<string, SubgraphClient>([...schemas].map(([name, schema]) => [name, createLocalClient(name, schema, () => ({}))]));
  const servers = await Promise.all([...schemas].map(async ([name, schema]) => ({ name, ...(await serveSubgraph(schema)) })));
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

