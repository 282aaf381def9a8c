import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { StoreError } from '../kit/store/port.ts';
import type { Subgraph } from '../kit/subgraph.ts';
import { platform } from '../subgraphs/platform/index.ts';
import type { Running } from './start.ts';
import { ask, createFolder, startTest } from './test-gateway.ts';

let running: Running;
let folder: Awaited<ReturnType<typeof createFolder>>;
/** Whether the store behind the receiver answers. */
let isAvailable = true;

const subgraph: Subgraph = {
  ...platform,
  receivers: {
    ...platform.receivers,
    openlineage: (surroundings, events) => {
      if (!isAvailable) throw new StoreError('STORE_UNAVAILABLE', 'no primary');
      const receiver = platform.receivers.openlineage;
      if (receiver === undefined) throw new Error('platform takes openlineage');
      return receiver(surroundings, events);
    },
  },
};

const event = (runId: string, eventType = 'START') => ({
  eventType,
  eventTime: '2026-01-05T10:00:00.000Z',
  producer: 'https://example.com/emitter',
  schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
  run: { runId },
  job: { namespace: 'tests', name: 'nightly' },
});
const RUN = '01941f29-7c00-7aaa-8bbb-0123456789ab';

beforeAll(async () => {
  folder = await createFolder();
  running = await startTest({ STORE: `lmdb:${join(folder.path, 'store')}` }, { subgraphs: [subgraph], now: () => Date.parse('2026-01-05T10:05:00Z') });
});

afterAll(async () => {
  await running.close();
  await folder.remove();
});

const send = (path: string, body: unknown, headers?: Record<string, string>) => ask(`${running.address}${path}`, body, headers);

test('an event is taken with 201 and a body of known length, and again as a repeat', async () => {
  const first = await send('/api/v1/lineage?from=spark', event(RUN), { 'content-type': 'application/json; charset=utf-8' });
  expect(first).toMatchObject({ status: 201, body: { status: 'accepted' } });
  expect(Number(first.headers.get('content-length'))).toBeGreaterThan(0);
  expect(await send('/api/v1/lineage', gzipSync(JSON.stringify(event(RUN))), { 'content-encoding': 'gzip' })).toMatchObject({ status: 201, body: { status: 'repeated' } });
});

test('what was taken can be asked at once', async () => {
  const { body } = await send('/graphql', { query: '{ job(namespace: "tests", name: "nightly") { latestRun { runId state } } }' });
  expect(body).toMatchObject({ data: { job: { latestRun: { runId: RUN, state: 'RUNNING' } } } });
});

test('an event without its run id is refused with the field', async () => {
  expect(await send('/api/v1/lineage', { ...event(RUN), run: {} })).toMatchObject({ status: 400, body: { error: { code: 'EVENT_INVALID', field: 'run.runId' } } });
});

test('of a batch the good part is kept, and each failed event is named', async () => {
  const batch = [event(RUN, 'COMPLETE'), {}, event(RUN)];
  for (const path of ['/api/v1/lineage/batch', '/api/v1/lineage']) {
    expect(await send(path, batch)).toMatchObject({
      status: 200,
      body: { status: 'partial_success', summary: { received: 3, successful: 2, failed: 1 }, failed_events: [{ index: 1, retriable: false }] },
    });
  }
  expect(await send('/api/v1/lineage/batch', [])).toMatchObject({ status: 200, body: { status: 'success', summary: { received: 0 } } });
  expect(await send('/api/v1/lineage/batch', event(RUN))).toMatchObject({ status: 400, body: { error: { code: 'EVENT_INVALID' } } });
});

test('a store that does not answer is 503 with Retry-After, and no fault of the server', async () => {
  isAvailable = false;
  const answer = await send('/api/v1/lineage', event(RUN));
  isAvailable = true;
  expect(answer).toMatchObject({ status: 503, body: { error: { code: 'STORE_UNAVAILABLE' } } });
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(running.failures.count()).toBe(0);
});
