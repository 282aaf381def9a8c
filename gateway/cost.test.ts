import { readdir, readFile } from 'node:fs/promises';
import { Kind, parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectPath } from '../kit/project.ts';
import { subgraphs } from '../subgraphs/index.ts';
import { createCostEstimate } from './cost.ts';
import { createApiSchema } from './execution/api-schema.ts';
import { composeSubgraphs } from './graph/composition.ts';
import { LIMITS } from './limits.ts';
import { parseQuestion } from './questions/questions.ts';
import type { Running } from './start.ts';
import { ask, createFolder, startTest } from './test-gateway.ts';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@cost", "@listSize"])';
const { supergraphSdl } = composeSubgraphs([
  {
    name: 'things',
    url: 'http://127.0.0.1/',
    typeDefs: `${LINK}
      type Query {
        things(first: Int = 20): Things @listSize(assumedSize: 5, slicingArguments: ["first"], sizedFields: ["nodes", "edges"], requireOneSlicingArgument: false)
        few: [Thing!]! @listSize(assumedSize: 3)
        plain: [Thing!]!
        dear: Int @cost(weight: 40)
      }
      type Things { nodes: [Thing!]! edges: [Edge!]! total: Int }
      type Edge { node: Thing! }
      type Thing { name: String things(first: Int): Things @listSize(assumedSize: 5, slicingArguments: ["first"], sizedFields: ["nodes", "edges"], requireOneSlicingArgument: false) }`,
  },
]);
const supergraph = parse(supergraphSdl, { noLocation: true });
const estimate = createCostEstimate(supergraph, createApiSchema(supergraph));
const costOf = (text: string, variables: Readonly<Record<string, unknown>> = {}): number => {
  const document = parse(text);
  const operation = document.definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION);
  if (operation === undefined) throw new Error('expected an operation');
  return estimate(operation, document, variables);
};

test.each<[string, number, Readonly<Record<string, unknown>>?]>([
  ['{ __typename }', 0],
  ['{ dear }', 40],
  ['{ plain { name } }', 1],
  ['{ few { name } }', 3],
  ['{ things { total } }', 1],
  ['{ things { nodes { name } } }', 21],
  ['{ things(first: 7) { nodes { name } edges { node { name } } } }', 1 + 7 + 14],
  ['{ things(first: null) { nodes { name } } }', 6],
  ['query ($n: Int) { things(first: $n) { nodes { name } } }', 9, { n: 8 }],
  ['query ($n: Int = 4) { things(first: $n) { nodes { name } } }', 5],
  ['{ things(first: 10) { nodes { things(first: 10) { nodes { name } } } } }', 1 + 10 * (1 + 1 + 10)],
  ['{ ...F } fragment F on Query { things(first: 2) { ... on Things { nodes { ...G } } } } fragment G on Thing { things { nodes { name } } }', 1 + 2 * (1 + 1 + 5)],
])('%s costs %i', (text, cost, variables = {}) => {
  expect(costOf(text, variables)).toBe(cost);
});

describe('over the real schema', () => {
  let running: Running;
  let folder: Awaited<ReturnType<typeof createFolder>>;
  beforeAll(async () => {
    folder = await createFolder();
    running = await startTest({ STORE: `lmdb:${folder.path}` }, { subgraphs });
  });
  afterAll(async () => {
    await running?.close();
    await folder.remove();
  });
  const send = (query: string): Promise<{ status: number; body: unknown }> => ask(`${running.address}/graphql`, { query }, { 'x-loopgraph-cost': '1' });
  const nested = (first: number): string => `{ shows(first: ${first}) { nodes { reports(first: ${first}) { nodes { __typename } } } } }`;

  test('refuses an operation that can have more objects than is allowed, and says how many', async () => {
    const { status, body } = await send(nested(1_000));
    expect(status).toBe(400);
    expect(body).toMatchObject({ errors: [{ message: expect.stringContaining('costs 1002001'), extensions: { code: 'QUERY_TOO_COMPLEX' } }] });
  });

  test('runs one that can not, and tells its cost where it is asked to', async () => {
    expect(await send(nested(900))).toMatchObject({ status: 200, body: { data: { shows: { nodes: [] } }, extensions: { cost: { estimate: 1 + 900 * 902, limit: LIMITS.cost } } } });
    expect((await ask(`${running.address}/graphql`, { query: nested(1) })).body).not.toHaveProperty('extensions');
  });

  test('leaves every saved question far below what is allowed', async () => {
    const served = running.gateway.graph.served();
    const real = createCostEstimate(parse(served.supergraphSdl, { noLocation: true }), served.supergraph.apiSchema);
    const files = await readdir(projectPath('questions'));
    for (const file of files.filter((each) => each.endsWith('.graphql'))) {
      const document = parse(parseQuestion(file, await readFile(projectPath('questions', file), 'utf8')).text);
      const [operation] = document.definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION);
      if (operation === undefined) throw new Error('expected an operation');
      const cost = real(operation, document, {});
      expect(cost).toBeGreaterThan(1);
      expect(cost).toBeLessThan(LIMITS.cost / 10);
    }
  });
});
