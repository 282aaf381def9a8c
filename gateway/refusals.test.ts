import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { StoreError } from '../kit/store/port.ts';
import type { Subgraph } from '../kit/subgraph.ts';
import { intake } from '../subgraphs/intake/index.ts';
import { platform } from '../subgraphs/platform/index.ts';
import type { Running } from './start.ts';
import { ask, createFolder, startTest } from './test-gateway.ts';

let running: Running;
let folder: Awaited<ReturnType<typeof createFolder>>;
/** Whether refusals can be kept. */
let isAvailable = true;

const subgraph: Subgraph = {
  ...intake,
  receivers: {
    ...intake.receivers,
    refusal: (surroundings, events) => {
      if (!isAvailable) throw new StoreError('STORE_UNAVAILABLE', 'no primary');
      return (intake.receivers.refusal as NonNullable<typeof intake.receivers.refusal>)(surroundings, events);
    },
  },
};

beforeAll(async () => {
  folder = await createFolder();
  running = await startTest({ STORE: `lmdb:${join(folder.path, 'store')}` }, { subgraphs: [platform, subgraph], now: () => Date.parse('2026-01-05T10:05:00Z') });
});

afterAll(async () => {
  expect(running.failures.count()).toBe(0);
  await running.close();
  await folder.remove();
});

const event = (runId: unknown) => ({
  eventType: 'START', eventTime: '2026-01-05T10:00:00.000Z', producer: 'https://example.com/', run: { runId }, job: { namespace: 'tests', name: 'nightly' },
});
const send = (path: string, body: unknown) => ask(`${running.address}${path}`, body);

interface Listed {
  readonly receiver: string;
  readonly kind: string | null;
  readonly code: string;
  readonly field: string | null;
  readonly message: string;
  readonly excerpt: string | null;
  readonly times: number;
}
async function listed(receiver: string): Promise<readonly Listed[]> {
  const query = 'query ($receiver: RefusalReceiver) { refusals(receiver: $receiver, first: 100) { nodes { id receiver kind code field message excerpt times canBeSentAgain } } }';
  const { body } = await send('/graphql', { query, variables: { receiver } });
  expect(body).not.toHaveProperty('errors');
  return (body as { data: { refusals: { nodes: Listed[] } } }).data.refusals.nodes;
}

test('an event that its owner refuses is listed with its reason, and counted when it comes again', async () => {
  await send('/api/v1/lineage', event(7));
  await send('/api/v1/lineage/batch', [event(7), event('01941f29-7c00-7aaa-8bbb-0123456789ab'), {}]);
  const refused = await listed('OPENLINEAGE');
  expect(refused).toHaveLength(2);
  expect(refused).toContainEqual(expect.objectContaining({ kind: 'openlineage', code: 'EVENT_INVALID', field: 'run.runId', times: 2, excerpt: null, canBeSentAgain: true }));
});

test('bytes that are no event are listed with the offset, and only the shape of how they begin', async () => {
  await send('/api/v1/lineage', '{"user": "ann", oops');
  expect(await listed('OPENLINEAGE')).toContainEqual(expect.objectContaining({
    kind: null, code: 'BODY_UNREADABLE', message: expect.stringContaining('offset 16'), excerpt: '{"xxxx": "xxx", xxxx', canBeSentAgain: false,
  }));
  await send('/subgraphs/platform/events', `no\n${JSON.stringify({ kind: 'weather', event: 1 })}\n${JSON.stringify({ kind: 'openlineage', event: { a: 1 } })}\n`);
  const refused = await listed('SUBGRAPHS');
  expect(refused.map(({ code }) => code).sort()).toEqual(['EVENT_INVALID', 'EVENT_INVALID', 'EVENT_UNKNOWN_KIND']);
});

test('what is too large or nested too deep to be kept is listed all the same', async () => {
  const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
  expect(await send('/api/v1/lineage/batch', `[{"a": ${deep}}, {"a": "${'x'.repeat(1_100_000)}"}]`)).toMatchObject({ status: 200, body: { summary: { failed: 2 } } });
  const excerpts = (await listed('OPENLINEAGE')).map(({ excerpt }) => excerpt);
  expect(excerpts).toContain('{xxxxxx xxx xxxx xx xx xxxx}');
  expect(excerpts.filter((excerpt) => excerpt?.startsWith('{"x":"xxx'))).toHaveLength(1);
});

test('a refusal of a refusal is not recorded, and one of another gateway is left to it', async () => {
  const before = (await listed('SUBGRAPHS')).length;
  expect(await send('/subgraphs/intake/events', `${JSON.stringify({ kind: 'refusal', event: {} })}\n`)).toMatchObject({ body: { rejected: [{ code: 'EVENT_INVALID' }] } });
  await ask(`${running.address}/subgraphs/platform/events`, `${JSON.stringify({ kind: 'openlineage', event: { a: 2 } })}\n`, { 'x-loopgraph-forwarded': '1' });
  expect(await listed('SUBGRAPHS')).toHaveLength(before);
});

test('the good part is taken also where refusals cannot be kept', async () => {
  isAvailable = false;
  const answer = await send('/api/v1/lineage/batch', [event('01941f29-7c00-7aaa-8bbb-0123456789ac'), { a: 3 }]);
  isAvailable = true;
  expect(answer).toMatchObject({ status: 200, body: { summary: { successful: 1, failed: 1 } } });
});

test('no client is served a refused body', async () => {
  expect(await send('/graphql', { query: '{ refusals { nodes { body } } }' })).toMatchObject({ body: { errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] } });
});
