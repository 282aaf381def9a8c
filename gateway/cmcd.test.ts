import { readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectPath } from '../kit/project.ts';
import { StoreError } from '../kit/store/port.ts';
import type { Subgraph } from '../kit/subgraph.ts';
import { intake } from '../subgraphs/intake/index.ts';
import { viewing } from '../subgraphs/viewing/index.ts';
import type { Running } from './start.ts';
import { ask, createFolder, startTest } from './test-gateway.ts';

let running: Running;
let folder: Awaited<ReturnType<typeof createFolder>>;
let isAvailable = true;

const subgraph: Subgraph = {
  ...viewing,
  receivers: {
    ...viewing.receivers,
    'cmcd-report': (surroundings, events) => {
      if (!isAvailable) throw new StoreError('STORE_UNAVAILABLE', 'no primary');
      return (viewing.receivers['cmcd-report'] as NonNullable<Subgraph['receivers'][string]>)(surroundings, events);
    },
  },
};

beforeAll(async () => {
  folder = await createFolder();
  running = await startTest({ STORE: `lmdb:${join(folder.path, 'store')}` }, { subgraphs: [subgraph, intake], now: () => Date.parse('2026-11-24T19:00:00Z') });
});

afterAll(async () => {
  expect(running.failures.count()).toBe(0);
  await running.close();
  await folder.remove();
});

const HEADERS = { 'content-type': 'application/cmcd', origin: 'https://player.example.com' };
const send = (body: string | Uint8Array, headers: Record<string, string> = {}, query = '') => ask(`${running.address}/cmcd${query}`, body, { ...HEADERS, ...headers });

async function graph<T>(query: string): Promise<T> {
  const { body } = await ask(`${running.address}/graphql`, { query });
  expect(body).not.toHaveProperty('errors');
  return (body as { data: T }).data;
}

interface Listed {
  readonly code: string;
  readonly kind: string | null;
  readonly field: string | null;
  readonly message: string;
  readonly times: number;
}
const listed = async (): Promise<readonly Listed[]> =>
  (await graph<{ refusals: { nodes: Listed[] } }>('{ refusals(receiver: CMCD, first: 100) { nodes { kind code field message times } } }')).refusals.nodes;

const WINDOW = 'window: { from: "2026-11-24", to: "2026-11-25" }';
const viewingOf = async (source: string): Promise<Record<string, unknown>[]> =>
  (await graph<{ shows: { nodes: { viewing: { whole: Record<string, unknown> } }[] } }>(
    `{ shows(namespace: "${source}") { nodes { title viewing(${WINDOW}) { whole { sessions hoursViewed startup { totalMs } rebufferEvents meanBitrateKbps bytes errors } } } } }`,
  )).shows.nodes.map(({ viewing: { whole }, ...show }) => ({ ...show, ...whole }));

const recorded = (player: string): Promise<string> => readFile(projectPath('test', 'emitters', 'players', 'recorded', `${player}.cmcd`), 'utf8');
const seconds = (count: number): unknown => expect.closeTo(count / 3_600, 4);

describe('What players sent', () => {
  test.each([
    ['hls', { hoursViewed: seconds(8.05), startup: { totalMs: 467 }, rebufferEvents: 0, meanBitrateKbps: expect.closeTo(466, 0), bytes: null }],
    ['dashjs', { hoursViewed: seconds(8.26), rebufferEvents: 0, meanBitrateKbps: expect.closeTo(464, 0), bytes: 464_000 }],
    ['shaka', { hoursViewed: null, startup: { totalMs: 220 }, rebufferEvents: null, meanBitrateKbps: null, bytes: null }],
  ])('%s: is a session of its content', async (player, expected) => {
    const body = await recorded(player);
    const { status, headers } = await send(body, {}, `?source=${player}`);
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe('https://player.example.com');
    expect(await viewingOf(player)).toMatchObject([{ title: 'A film: größe', sessions: 1, errors: 0, ...expected }]);
    const before = await viewingOf(player);
    for (const line of body.split('\n').reverse()) await send(line, {}, `?source=${player}`);
    expect(await viewingOf(player)).toEqual(before);
  });

  test('by dash.js with its default keys are reports of no session', async () => {
    await send(await recorded('dashjs-default-keys'), {}, '?source=defaults');
    const { playback } = await graph<{ playback: { playerReports: Record<string, number> } }>(`{ playback(${WINDOW}) { playerReports { reports withoutSession ignoredValues } } }`);
    expect(playback.playerReports.withoutSession).toBe((await recorded('dashjs-default-keys')).trim().split('\n').length);
    // Each of dash.js's times to first byte counts from the epoch.
    expect(playback.playerReports.ignoredValues).toBe((await recorded('dashjs')).match(/ttfb=17\d{11}/g)?.length);
  });
});

describe('A body', () => {
  const line = (sn: number, rest = ''): string => `cid="b",e=ps,sid="b",sn=${sn},sta=p,ts=${Date.parse('2026-11-24T12:00:00Z') + sn * 1_000},v=2${rest}`;

  test('is read gzipped, in chunks, as text, and with Windows line ends', async () => {
    expect((await send(gzipSync(`${line(0)}\n`), { 'content-encoding': 'gzip' }, '?source=bodies')).status).toBe(204);
    expect((await send(`${line(1)}\r\n\r\n${line(2)}`, { 'content-type': 'text/plain;charset=UTF-8' }, '?source=bodies')).status).toBe(204);
    const status = await new Promise((resolve, reject) => {
      const request = httpRequest(`${running.address}/cmcd?source=bodies`, { method: 'POST', headers: { 'content-type': 'application/cmcd' } }, (response) => resolve(response.resume().statusCode));
      request.once('error', reject);
      for (const part of [line(3).slice(0, 20), line(3).slice(20), `\n${line(4)}`]) request.write(part);
      request.end();
    });
    expect(status).toBe(204);
    expect(await viewingOf('bodies')).toMatchObject([{ sessions: 1, hoursViewed: 4 / 3_600 }]);
  });

  test('with bad lines gives the good ones, and the bad ones are listed with their reason', async () => {
    const bad = ['e=ps,ts=', 'hello', 'E=1', 'e=t,v=1,ts=1795543031729', `e=t,v=2,ts=${Date.parse('2026-12-24')}`];
    expect(await send([line(0), ...bad, line(60)].join('\n'), {}, '?source=mixed')).toMatchObject({ status: 204, body: '' });
    expect(await viewingOf('mixed')).toMatchObject([{ sessions: 1, hoursViewed: 60 / 3_600 }]);
    expect(await listed()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ code: 'EVENT_INVALID', message: expect.stringContaining('at offset 8') }),
        expect.objectContaining({ code: 'EVENT_INVALID', message: expect.stringContaining('at offset 0, where a key is expected') }),
        expect.objectContaining({ kind: 'cmcd-report', code: 'EVENT_INVALID', field: 'report.e' }),
        expect.objectContaining({ kind: 'cmcd-report', code: 'EVENT_INVALID', field: 'report.v' }),
        expect.objectContaining({ kind: 'cmcd-report', code: 'EVENT_IN_FUTURE', field: 'report.ts' }),
      ]),
    );
  });

  test.each<[string, Uint8Array, Record<string, string>, string]>([
    ['of bytes that are no text', Uint8Array.of(0xff, 0xfe, 0x65), {}, 'UTF-8'],
    ['that ends inside its gzip', gzipSync(`${line(0)}\n`.repeat(2_000)).subarray(0, 60), { 'content-encoding': 'gzip' }, 'gzip'],
    ['in another encoding', Buffer.from('x'), { 'content-encoding': 'br' }, 'gzip'],
    ['that unzips to more than is read', gzipSync(Buffer.alloc(20_000_000, 'a')), { 'content-encoding': 'gzip' }, 'larger than'],
    ['with a line longer than any report', Buffer.from(`e=t,cid="${'x'.repeat(70_000)}"`), {}, 'at most 65536 bytes'],
  ])('%s is answered 204 too, and listed', async (_, body, headers, reason) => {
    expect((await send(body, headers)).status).toBe(204);
    expect((await listed()).map(({ message }) => message)).toContainEqual(expect.stringContaining(reason));
  });

  test('is refused for now, with a time to come again, where the store does not answer', async () => {
    isAvailable = false;
    const { status, headers } = await send(line(0));
    isAvailable = true;
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toMatch(/^\d+$/);
    expect(headers.get('access-control-allow-origin')).toBe('https://player.example.com');
  });
});

describe('A page of another origin', () => {
  const preflight = (path: string) =>
    fetch(`${running.address}${path}`, { method: 'OPTIONS', headers: { origin: 'https://player.example.com', 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' } });

  test('is told that it may send reports, and for how long that holds', async () => {
    const { status, headers } = await preflight('/cmcd?source=x');
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe('https://player.example.com');
    expect(headers.get('access-control-allow-methods')).toContain('POST');
    expect(headers.get('access-control-allow-headers')).toBe('content-type');
    expect(Number(headers.get('access-control-max-age'))).toBeGreaterThan(600);
  });

  test('may send reports and nothing else', async () => {
    expect((await preflight('/api/v1/lineage')).headers.get('access-control-allow-origin')).toBeNull();
    const { status } = await ask(`${running.address}/graphql`, { query: '{ __typename }' }, HEADERS);
    expect(status).toBe(403);
  });

  test('may not where CORS_ORIGINS names others', async () => {
    const other = await createFolder();
    const strict = await startTest({ STORE: `lmdb:${join(other.path, 'store')}`, CORS_ORIGINS: 'https://tools.example.com' }, { subgraphs: [subgraph, intake] });
    const statuses = await Promise.all(['https://tools.example.com', 'https://player.example.com'].map(async (origin) => (await ask(`${strict.address}/cmcd`, 'e=t', { ...HEADERS, origin })).status));
    expect(statuses).toEqual([204, 403]);
    await strict.close();
    await other.remove();
  });
});
