import { createReadStream, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { createStores } from '../kit/store/test-stores.ts';
import { itWithRealData } from '../kit/test-data.ts';
import { ask, receive } from '../subgraphs/viewing/fixtures.ts';
import { viewing } from '../subgraphs/viewing/index.ts';
import { collect, eventsOf, inChunks, rejectionsOf } from './fixtures.ts';
import { playbackSessions } from './playback-sessions.ts';
import { importFile } from './runner.ts';

const read = (content: string) => collect(playbackSessions.read(inChunks(content), {}));

describe('playbackSessions', () => {
  it('reads a plain table, with a show or without one, and keeps the columns it does not know', async () => {
    const content = 'id,started_at,watched_ms,title,kind,device,cdn\n1,2024-01-01T00:00:00+01:00,5000,A,FILM,tv,x\n2,1704067200,0,,,,\n';
    expect(eventsOf(await read(content))).toMatchObject([
      { id: '1', startedAt: '2023-12-31T23:00:00.000Z', watchedMs: 5_000, show: { title: 'A', season: null, kind: 'FILM' }, device: 'tv', extra: { cdn: 'x' } },
      { id: '2', startedAt: '2024-01-01T00:00:00.000Z', watchedMs: 0, show: null, device: null, extra: {} },
    ]);
  });

  it('rejects broken cells by line and column', async () => {
    const rows = await read('id,started_at,watched_ms,kind\n1,today,1,FILM\n,2024-01-01,1,FILM\n1,2024-01-01T00:00Z,-1,FILM\n1,2024-01-01T00:00Z,,FILM\n1,2024-01-01T00:00Z,1,movie\n');
    expect(rejectionsOf(rows).map(({ line, field }) => [line, field])).toEqual([
      [2, 'started_at'], [3, 'id'], [4, 'watched_ms'], [5, 'watched_ms'], [6, 'kind'],
    ]);
  });

  it('names a missing column', async () => {
    await expect(read('id,watched_ms\n1,1\n')).rejects.toMatchObject({ code: 'FILE_MISSING_COLUMN' });
  });

  const stores = createStores('LMDB', null);

  itWithRealData("takes a test bed's sessions whole, and their sums are the file's", ['viewing/youtube-sessions.csv.gz'], async (file = '') => {
    const store = await stores.open(viewing.collections);
    const summary = await importFile(playbackSessions, createReadStream(file), {}, (kind, events) => receive(store, kind, events));
    expect(summary).toEqual({ rows: 12_472, accepted: 12_472, repeated: 0, rejectedTotal: 0, rejected: [] });
    const rows = parse(gunzipSync(readFileSync(file)), { columns: true }) as Record<string, string>[];
    const played = (row: Record<string, string>) =>
      Object.entries(row).reduce((sum, [column, text]) => (/^pl_time_spent_itag/.test(column) ? sum + Number(text) : sum), 0);
    const sum = (of: (row: Record<string, string>) => number) => rows.reduce((total, row) => total + of(row), 0);
    const { playback } = await ask<{ playback: { total: { whole: { hoursViewed: number } } } }>(
      store,
      `{ playback(window: { from: "2014-01-01", to: "2017-01-01", granularity: MONTH }) { total { whole { sessions hoursViewed rebufferEvents bytes viewers } } } }`,
    );
    expect(playback.total.whole).toEqual({
      sessions: 12_472,
      hoursViewed: expect.closeTo(sum(played) / 3_600, 2) as number,
      rebufferEvents: sum((row) => Number(row['pl_buffering_events'])),
      bytes: sum((row) => Number(row['net_dl_total'])),
      viewers: null,
    });
  });
});
