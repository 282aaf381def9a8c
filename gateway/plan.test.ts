import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Running } from './start.ts';
import { ask, createFolder, startTest } from './test-gateway.ts';

const KEY = { reader: randomBytes(32).toString('base64url'), boss: randomBytes(32).toString('base64url') };
let open: Running;
let silent: Running;
let folder: Awaited<ReturnType<typeof createFolder>>;

beforeAll(async () => {
  folder = await createFolder();
  open = await startTest({ STORE: `lmdb:${folder.path}/open` });
  silent = await startTest({ STORE: `lmdb:${folder.path}/silent`, INTROSPECTION: 'off', API_KEYS: `reader read ${KEY.reader}; boss admin ${KEY.boss}` });
});
afterAll(async () => {
  await open?.close();
  await silent?.close();
  await folder.remove();
});

const linked = '{ notes(about: "Thing:a") { text about { name } } things { weight } }';
const plan = async ({ address }: Running, query: string, headers: Readonly<Record<string, string>> = {}): Promise<unknown> => {
  const { body } = await ask(`${address}/graphql`, { query }, { 'x-loopgraph-plan': '1', ...headers });
  return (body as { extensions?: { plan?: unknown } }).extensions?.plan;
};

test('tells which subgraph is asked what, in which order and for which entities, where it is asked to', async () => {
  const told = await plan(open, linked);
  expect(told).toMatchObject({
    kind: 'sequence',
    steps: [
      { kind: 'parallel', steps: expect.arrayContaining([{ kind: 'fetch', subgraph: 'notes', operation: expect.stringContaining('notes(about:') }, { kind: 'fetch', subgraph: 'things', operation: expect.stringContaining('weight') }]) },
      { kind: 'fetch', subgraph: 'things', operation: expect.stringContaining('_entities'), paths: [expect.stringMatching(/notes\.about$/)] },
    ],
  });
  expect((await ask(`${open.address}/graphql`, { query: linked })).body).not.toHaveProperty('extensions');
});

test('tells that no subgraph is asked', async () => {
  expect(await plan(open, '{ __typename }')).toBeNull();
});

test('tells beside the cost, and the same of a plan that is kept', async () => {
  const { body } = await ask(`${open.address}/graphql`, { query: linked }, { 'x-loopgraph-plan': '1', 'x-loopgraph-cost': '1' });
  expect(body).toMatchObject({ extensions: { cost: { estimate: expect.any(Number) }, plan: await plan(open, linked) } });
});

test('tells administrators only where the schema is not told', async () => {
  expect(await plan(silent, linked, { authorization: `Bearer ${KEY.reader}` })).toBeUndefined();
  expect(await plan(silent, linked, { authorization: `Bearer ${KEY.boss}` })).toMatchObject({ kind: 'sequence' });
});
