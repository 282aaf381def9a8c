import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importers } from '../importers/index.ts';
import { subgraphs } from '../subgraphs/index.ts';
import { LIMITS } from './limits.ts';
import type { Running } from './start.ts';
import { ask, createFolder, startTest } from './test-gateway.ts';

const RUN = { eventType: 'COMPLETE', eventTime: '2026-01-05T10:00:00Z', producer: 'p', schemaURL: 's', run: { runId: '01941f29-7c00-7aaa-8bbb-0123456789ab', facets: {} }, job: { namespace: 'limits', name: 'job', facets: {} } };
const SESSION = { source: '/player', namespace: 'limits', startedAt: '2026-01-05T10:00:00Z', watchedMs: 60_000 };
const CLOUD = { specversion: '1.0', type: 'com.example.thing', source: '/thing', data: {} };
const ANSWER = { answeredAt: '2026-01-05T10:00:00Z', answers: [{ question: 'q', value: 3 }] };

const MARK = 'mark of the place';
/** As deep as would overflow the stack of whoever called itself for each level. */
const DEEP = `${'{"a":['.repeat(5_000)}1${']}'.repeat(5_000)}`;
/** JSON text of a value, nested 10,000 deep where the mark stands. */
const deepen = (value: object): string => JSON.stringify(value).replace(`"${MARK}"`, DEEP);

let running: Running;
let folder: Awaited<ReturnType<typeof createFolder>>;

beforeAll(async () => {
  folder = await createFolder();
  running = await startTest({ STORE: `lmdb:${folder.path}/store` }, { subgraphs, importers, now: () => Date.parse('2026-01-06T00:00:00Z') });
});

afterAll(async () => {
  expect(running.failures.count()).toBe(0);
  await running.close();
  await folder.remove();
});

const send = (path: string, type: string, body: string, headers: Readonly<Record<string, string>> = {}) => ask(`${running.address}${path}`, body, { 'content-type': type, ...headers });
const line = (kind: string, event: object): string => `${JSON.stringify({ kind, event })}\n`;

/** A receiver with what it says of one event that nests too deep between two that are good. */
interface Case {
  readonly path: string;
  readonly type: string;
  /** The good ones, and all three. */
  readonly good: string;
  readonly all: string;
  readonly refused: { readonly status: number; readonly body: object };
  readonly again: object;
}

const NESTED = expect.stringMatching(/at most \d+ levels of nesting/) as string;
const BINARY = { 'ce-specversion': '1.0', 'ce-type': 'com.example.thing', 'ce-source': '/binary' };

const batches: readonly Case[] = [
  {
    path: '/api/v1/lineage/batch', type: 'application/json',
    good: JSON.stringify([RUN, { ...RUN, eventType: 'OTHER' }]),
    all: deepen([RUN, { ...RUN, job: { ...RUN.job, facets: { deep: MARK } } }, { ...RUN, eventType: 'OTHER' }]),
    refused: { status: 200, body: { status: 'partial_success', summary: { successful: 2, failed: 1 }, failed_events: [{ index: 1, code: 'EVENT_INVALID', field: 'job', reason: NESTED }] } },
    again: { summary: { successful: 2, repeated: 2 } },
  },
  {
    path: '/events', type: 'application/cloudevents-batch+json',
    good: JSON.stringify([{ ...CLOUD, id: '1' }, { ...CLOUD, id: '3' }]),
    all: deepen([{ ...CLOUD, id: '1' }, { ...CLOUD, id: '2', data: { deep: MARK } }, { ...CLOUD, id: '3' }]),
    refused: { status: 400, body: { status: 'partial_success', summary: { accepted: 2, failed: 1 }, error: { code: 'EVENT_INVALID', field: 'data' }, failed_events: [{ index: 1, code: 'EVENT_INVALID', field: 'data', reason: NESTED }] } },
    again: { summary: { repeated: 2, failed: 0 } },
  },
  {
    path: '/subgraphs/viewing/events', type: 'application/x-ndjson',
    good: line('playback-session', { ...SESSION, id: '1' }) + line('playback-session', { ...SESSION, id: '3' }),
    all: line('playback-session', { ...SESSION, id: '1' }) + `${deepen({ kind: 'playback-session', event: { ...SESSION, id: '2', extra: { deep: MARK } } })}\n` + line('playback-session', { ...SESSION, id: '3' }),
    refused: { status: 200, body: { accepted: 2, rejected: [{ index: 1, code: 'EVENT_INVALID', field: 'extra', message: NESTED }] } },
    again: { accepted: 0, repeated: 2, rejected: [] },
  },
  {
    path: '/import/openlineage', type: 'application/octet-stream',
    good: `${JSON.stringify({ ...RUN, producer: 'file' })}\n`,
    all: `${JSON.stringify({ ...RUN, producer: 'file' })}\n${deepen({ ...RUN, run: { ...RUN.run, facets: { deep: MARK } } })}\n`,
    refused: { status: 200, body: { accepted: 1, rejected: [{ line: 2, code: 'EVENT_INVALID', field: 'run', message: NESTED }] } },
    again: { accepted: 0, repeated: 1, rejected: [] },
  },
];

describe.each(batches)('a batch to $path', ({ path, type, good, all, refused, again }) => {
  it('keeps its good part where an event nests 10,000 deep, and names that one and its field', async () => {
    expect(await send(path, type, all)).toMatchObject(refused);
    expect(await send(path, type, good)).toMatchObject({ status: 200, body: again });
  });
});

const singles: readonly { readonly path: string; readonly type: string; readonly headers?: Readonly<Record<string, string>>; readonly body: string; readonly field: string | null }[] = [
  { path: '/api/v1/lineage', type: 'application/json', body: deepen({ ...RUN, run: { ...RUN.run, facets: { deep: MARK } } }), field: 'run' },
  { path: '/events', type: 'application/cloudevents+json', body: deepen({ ...CLOUD, id: '4', data: MARK }), field: 'data' },
  { path: '/events', type: 'application/json', headers: { ...BINARY, 'ce-id': '5' }, body: DEEP, field: 'data' },
  { path: '/surveys/limits:s:1/responses', type: 'application/json', body: deepen({ ...ANSWER, responseId: '1', extra: MARK }), field: 'extra' },
];

describe.each(singles)('an event to $path as $type', ({ path, type, headers, body, field }) => {
  it('that nests 10,000 deep is refused by its field', async () => {
    expect(await send(path, type, body, headers)).toMatchObject({ status: 400, body: { error: { code: 'EVENT_INVALID', field, message: NESTED } } });
  });
});

/** Each as it is taken, with a text in it that makes it too large. */
const large = 'x'.repeat(LIMITS.ingestBody);
const bodies: readonly { readonly path: string; readonly type: string; readonly headers?: Readonly<Record<string, string>>; readonly body: string }[] = [
  { path: '/api/v1/lineage', type: 'application/json', body: JSON.stringify({ ...RUN, producer: large }) },
  { path: '/api/v1/lineage/batch', type: 'application/json', body: JSON.stringify([{ ...RUN, producer: large }]) },
  { path: '/events', type: 'application/cloudevents+json', body: JSON.stringify({ ...CLOUD, id: '6', data: large }) },
  { path: '/events', type: 'application/cloudevents-batch+json', body: JSON.stringify([{ ...CLOUD, id: '6', data: large }]) },
  { path: '/events', type: 'application/json', headers: { ...BINARY, 'ce-id': '7' }, body: JSON.stringify(large) },
  { path: '/surveys/limits:s:1/responses', type: 'application/json', body: JSON.stringify({ ...ANSWER, responseId: large }) },
  { path: '/subgraphs/viewing/events', type: 'application/x-ndjson', body: line('playback-session', { ...SESSION, id: large }) },
];

describe.each(bodies)('a body to $path as $type', ({ path, type, headers, body }) => {
  it('of more bytes than a batch may have is answered 413', async () => {
    expect(await send(path, type, body, headers)).toMatchObject({ status: 413, body: { error: { code: 'BODY_TOO_LARGE', message: expect.stringContaining(`${LIMITS.ingestBody} bytes`) as string } } });
  });
});

it('players are answered 204 for a body that is too large: the whole lines before its end are taken, and the rest is listed', async () => {
  const report = 'e=i,sid="limits",sn=1,cid="A",ts=1767607210000,v=2\n';
  expect((await send('/cmcd', 'application/cmcd', `${report}e=i,sid="${large}"\n`)).status).toBe(204);
  const { body } = await ask(`${running.address}/graphql`, { query: '{ refusals(receiver: CMCD, first: 5) { nodes { code message } } }' });
  expect(body).toMatchObject({ data: { refusals: { nodes: [{ code: 'BODY_TOO_LARGE', message: expect.stringContaining('larger') as string }] } } });
});
