import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { platform } from '../subgraphs/platform/index.ts';
import { viewing } from '../subgraphs/viewing/index.ts';
import type { Running } from './start.ts';
import { ask, createFolder, startTest } from './test-gateway.ts';

const NOW = Date.parse('2026-01-05T10:05:00Z');
const TITLE = 'A title that nobody may find in a label';
const PERSON = 'ada@example.com';

let running: Running;
let folder: Awaited<ReturnType<typeof createFolder>>;
const lines: Record<string, unknown>[] = [];

beforeAll(async () => {
  folder = await createFolder();
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString('utf8')) as Record<string, unknown>);
      done();
    },
  });
  await writeFile(join(folder.path, 'who-is-it.graphql'), 'query WhoIsIt { jobs { totalCount } }');
  running = await startTest(
    { STORE: `lmdb:${join(folder.path, 'store')}` },
    { subgraphs: [platform, viewing], now: () => NOW, questionsFolder: folder.path, logger: pino({ level: 'info', base: null }, sink) },
  );
});

afterAll(async () => {
  await running.close();
  await folder.remove();
});

const send = (path: string, body: unknown) => ask(`${running.address}${path}`, body);

const event = (number: number, eventTime = '2026-01-05T10:00:00Z') => ({
  eventType: 'START', eventTime, producer: 'https://example.com/emitter',
  schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
  run: { runId: `01941f29-7c00-7aaa-8bbb-${String(number).padStart(12, '0')}` },
  job: { namespace: 'tests', name: TITLE },
});

const sessionLine = (id: string, watchedMs: number) =>
  JSON.stringify({
    kind: 'playback-session',
    event: { source: '/player', id, namespace: 'tests', show: { title: TITLE }, startedAt: '2026-01-05T09:05:00Z', watchedMs, user: PERSON },
  });

/** The samples of the text format by name and labels, as they are written. */
async function readMetrics(): Promise<Map<string, number>> {
  const { status, headers, body } = await ask(`${running.address}/metrics`);
  expect(status).toBe(200);
  expect(headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const samples = String(body).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(samples.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

/** How much a sample grew; one that is absent is 0. */
const growth = (before: Map<string, number>, after: Map<string, number>, name: string): number => (after.get(name) ?? 0) - (before.get(name) ?? 0);

test('events are counted by kind and by what became of them, with their lag and their commit', async () => {
  const before = await readMetrics();
  await send('/api/v1/lineage/batch', [event(1), event(2, '2026-01-04T10:05:00Z'), event(1), { eventTime: 'yesterday' }, event(3, '2026-01-07T10:05:00Z')]);
  await send('/subgraphs/viewing/events', [sessionLine('1', 10), sessionLine('2', 10), sessionLine('2', 11)].join('\n'));
  const after = await readMetrics();
  const grew = (name: string): number => growth(before, after, name);

  expect(grew('loopgraph_events_total{kind="openlineage",outcome="accepted",code=""}')).toBe(2);
  expect(grew('loopgraph_events_total{kind="openlineage",outcome="repeated",code=""}')).toBe(1);
  expect(grew('loopgraph_events_total{kind="openlineage",outcome="rejected",code="EVENT_INVALID"}')).toBe(1);
  expect(grew('loopgraph_events_total{kind="openlineage",outcome="rejected",code="EVENT_IN_FUTURE"}')).toBe(1);
  expect(grew('loopgraph_events_total{kind="playback-session",outcome="accepted",code=""}')).toBe(2);
  expect(grew('loopgraph_events_total{kind="playback-session",outcome="rejected",code="EVENT_CONFLICT"}')).toBe(1);
  // Two events of five minutes ago and one of a day ago; two sessions of an hour ago.
  expect(grew('loopgraph_event_lag_seconds_count{kind="openlineage"}')).toBe(3);
  expect(grew('loopgraph_event_lag_seconds_sum{kind="openlineage"}')).toBe(300 + 300 + 86_400);
  expect(grew('loopgraph_event_lag_seconds_bucket{le="900",kind="openlineage"}')).toBe(2);
  expect(grew('loopgraph_event_lag_seconds_sum{kind="playback-session"}')).toBe(2 * 3_600);
  expect(grew('loopgraph_commit_duration_seconds_count')).toBe(2);
  expect(grew('loopgraph_commit_duration_seconds_sum')).toBeGreaterThan(0);
  expect(grew('loopgraph_commit_works_sum')).toBe(2);
  expect(grew('loopgraph_commit_documents_sum')).toBeGreaterThan(10);
  expect(after.get('loopgraph_internal_failures_total')).toBe(0);
});

test('requests are counted by route and status, and refused ones by their code', async () => {
  const before = await readMetrics();
  await send('/api/v1/lineage', '{"half"');
  await send('/api/v1/lineage', '{"half');
  await ask(`${running.address}/import/nothing?name=${PERSON}`, 'x');
  await ask(`${running.address}/no/such/${PERSON}`);
  // A request is measured when its answer is off, which its client may see first.
  await vi.waitFor(async () => {
    const after = await readMetrics();
    expect(growth(before, after, 'loopgraph_requests_refused_total{route="/api/v1/lineage",code="BODY_UNREADABLE"}')).toBe(2);
    expect(growth(before, after, 'loopgraph_requests_refused_total{route="/import/:kind",code="FILE_UNKNOWN_KIND"}')).toBe(1);
    expect(growth(before, after, 'loopgraph_http_request_duration_seconds_count{method="POST",route="/api/v1/lineage",status="400"}')).toBe(2);
    expect(growth(before, after, 'loopgraph_http_request_duration_seconds_count{method="GET",route="(none)",status="404"}')).toBe(1);
  });
});

test('operations are timed by saved question, and all others as one', async () => {
  const before = await readMetrics();
  await send('/graphql', { operationName: 'WhoIsIt' });
  await send('/graphql', { query: 'query Anything { jobs { totalCount } }' });
  await send('/graphql', { query: '{ jobs { totalCount } }' });
  const after = await readMetrics();
  expect(growth(before, after, 'loopgraph_operation_duration_seconds_count{question="who-is-it"}')).toBe(1);
  expect(growth(before, after, 'loopgraph_operation_duration_seconds_count{question="(other)"}')).toBe(2);
});

test('events that nobody could be asked to take are counted as refused, and an unknown kind gives no label', async () => {
  const before = await readMetrics();
  await expect(running.gateway.ingest.send(TITLE, [{}, {}])).rejects.toMatchObject({ code: 'EVENT_UNKNOWN_KIND' });
  const after = await readMetrics();
  expect(growth(before, after, 'loopgraph_events_total{kind="unknown",outcome="refused",code="EVENT_UNKNOWN_KIND"}')).toBe(2);
});

test('the process tells its memory and its event loop', async () => {
  const samples = await readMetrics();
  expect(samples.get('process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
  expect([...samples.keys()].some((name) => name.startsWith('nodejs_eventloop_lag_p99_seconds'))).toBe(true);
});

test('every request is one line with its route and counts, without its address, body or anybody in it', async () => {
  await vi.waitFor(() => expect(lines.at(-1)).toMatchObject({ route: '/metrics' }));
  lines.length = 0;
  await send(`/api/v1/lineage/batch?token=${PERSON}`, [event(10), event(10), {}]);
  await send('/graphql', { query: `{ job(namespace: "tests", name: "${TITLE}") { id } }` });
  await ask(`${running.address}/no/such/${PERSON}`);
  await vi.waitFor(() => expect(lines).toHaveLength(3));
  const [batch, graphql, nowhere] = lines;
  expect(batch).toMatchObject({ level: 30, method: 'POST', route: '/api/v1/lineage/batch', status: 200, accepted: 1, repeated: 1, rejected: 1 });
  expect(batch?.bytesIn).toBeGreaterThan(JSON.stringify([event(10), event(10), {}]).length);
  expect(batch?.ms).toBeGreaterThan(0);
  expect(graphql).toMatchObject({ route: '/graphql', status: 200 });
  expect(graphql).not.toHaveProperty('accepted');
  expect(nowhere).toMatchObject({ route: '(none)', status: 404 });
  const all = JSON.stringify(lines) + [...(await readMetrics()).keys()].join('\n');
  expect(all).not.toContain(PERSON);
  expect(all).not.toContain(TITLE);
});
