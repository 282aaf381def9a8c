import { describe, expect, it } from 'vitest';
import { createStores } from '../kit/store/test-stores.ts';
import { collections, createDesk } from '../subgraphs/platform/fixtures.ts';
import { collect, eventsOf, inChunks, rejectionsOf } from './fixtures.ts';
import type { Importer, Row } from './importer.ts';
import { openlineage } from './openlineage.ts';
import { importFile } from './runner.ts';
import { scrapeHistory } from './scrape-history.ts';
import { swf } from './swf.ts';

const read = (importer: Importer, text: string, size = 7): Promise<Row[]> => collect(importer.read(inChunks(text, size), {}));

const toEvent = (run: string, more: object = {}): object => ({ eventTime: '2024-01-01T00:00:00Z', eventType: 'COMPLETE', run: { runId: run }, job: { namespace: 'n', name: 'j' }, ...more });
const runsOf = (rows: readonly Row[]): unknown[] => rows.map((row) => ('rejected' in row ? 'rejected' : (row.event as { run: { runId: string } }).run.runId));

describe('OpenLineage events in a file', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((run) => toEvent(run));
  const lines = (...values: unknown[]): string => values.map((value) => JSON.stringify(value)).join('\r\n');
  it.each([
    ['indented, one behind the other', [a, b, c].map((value) => JSON.stringify(value, null, 2)).join('\n'), ['a', 'b', 'c']],
    ['indented in an array, with a mark in front', `\uFEFF${JSON.stringify([a, b, c], null, '\t')}`, ['a', 'b', 'c']],
    ['a batch a line', lines([a, b], [c]), ['a', 'b', 'c']],
    ['a page of a server', JSON.stringify({ events: [a, b, c], totalCount: 3 }, null, 2), ['a', 'b', 'c']],
    ['wrapped in any way', lines({ source: 's', index: 0, event: a }, { payload: b }, { key: 'k', value: JSON.stringify(c) }), ['a', 'b', 'c']],
    ['a broken line between others', `${lines(a)}\n{"eventTime": {\n${lines(b)}\n{"x": [}\n${lines(c)}`, ['a', 'rejected', 'b', 'rejected', 'c']],
    ['a last line that was cut', `${lines(a, b)}\n{"eventTime":"2024-01-01`, ['a', 'b', 'rejected']],
  ])('are read %s', async (_, text, runs) => {
    expect(runsOf(await read(openlineage, text))).toEqual(runs);
  });

  it('are refused by where they stop being JSON, and by cells without mail addresses', async () => {
    const rows = await read(openlineage, `${lines(a)}\n{"user": ann, "mail": "bob@example.org"}\n${lines(toEvent('d', { eventTime: '{{ now }} of cat@example.org' }))}`);
    expect(rejectionsOf(rows).map(({ line, message }) => [line, message])).toEqual([
      [2, 'expected JSON; it stops being so at offset 9 of 40 characters'],
      [3, expect.stringMatching(/^expected an instant, got the template "\{\{ now \}\} of person:…": /)],
    ]);
  });

  it('are read from a line of 10 MB', async () => {
    const long = toEvent('long', { producer: 'x'.repeat(10_000_000) });
    expect(runsOf(await read(openlineage, lines(long, a), 65_536))).toEqual(['long', 'a']);
  });

  const { open } = createStores('LMDB', null);
  it('are taken with facets that are none, null datasets and times as Java writes them', async () => {
    const desk = createDesk(await open(collections));
    const odd = { run: { runId: 'R', facets: [] }, job: { namespace: 'n', name: 'j', facets: 'none' }, inputs: null, outputs: [{ namespace: 'n', name: 'd', facets: { schema: 'text', ownership: [] }, outputFacets: [] }] };
    const events = ['2024-01-01T01:00:00.123456789+01:00[Europe/Paris]', '2024-01-01T00:00:01Z[UTC]', '2024-01-01 01:00:02+01'].map((eventTime, place) => toEvent('R', { ...odd, eventTime, eventType: ['START', 'RUNNING', 'complete'][place] }));
    expect(await importFile(openlineage, inChunks(lines(...events)), {}, desk.send)).toMatchObject({ accepted: 3, rejectedTotal: 0 });
    expect(await desk.ask('{ runs { nodes { startedAt endedAt state } } }')).toEqual({ runs: { nodes: [{ startedAt: '2024-01-01T00:00:00.123Z', endedAt: '2024-01-01T00:00:02.000Z', state: 'COMPLETE' }] } });
  });
});

describe('the history of another scraper', () => {
  interface Event { readonly eventType?: string; readonly outputs: readonly { readonly outputFacets?: { readonly loopgraph_content: Record<string, unknown> } }[] }
  const toLine = (by: string | undefined, output: object): string => JSON.stringify({ commit: 'c', committed_at: '2024-01-01T02:00:00+02:00', by, outputs: [{ path: 'data/x.csv', ...output }] });
  const readOne = async (by: string | undefined, output: object): Promise<Event> => eventsOf(await read(scrapeHistory, toLine(by, output)))[0] as Event;

  it.each([['bot', true], ['github-actions[bot]', true], ['Automated', true], [undefined, true], ['human', false], ['Abbott', false]])('tells whether %s is the job: %s', async (by, isJob) => {
    expect((await readOne(by, {})).eventType === 'COMPLETE').toBe(isJob);
  });

  it('keeps no name of whoever commits beside the job', async () => {
    const historyOf = async (by: string): Promise<unknown> => ((await readOne(by, {})) as unknown as { readonly job: { readonly facets: { readonly loopgraph_commit: unknown } } }).job.facets.loopgraph_commit;
    expect(await historyOf('human')).toMatchObject({ by: 'human' });
    // What stands under `user` is stored as a pseudonym.
    expect(await historyOf('Ann Lee')).toMatchObject({ by: 'human', user: 'Ann Lee' });
  });

  it.each([
    [{ min_date: '2024-01-01', max_date: '2024-01-31' }, { firstPeriodOn: '2024-01-01', lastPeriodOn: '2024-01-31' }],
    [{ min_updated: '2024-01-01T10:00:00+02:00', max_updated: '2024-01-31T10:00:00Z' }, { firstPeriodOn: '2024-01-01', lastPeriodOn: '2024-01-31' }],
    [{ min_price: '3', max_price: '9', min_day: '2024-01-01', max_day: '2024-01-31' }, { firstPeriodOn: '2024-01-01', lastPeriodOn: '2024-01-31' }],
    [{ git_blob: 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391' }, { bytes: 0 }],
  ])('reads %o', async (output, content) => {
    expect((await readOne('bot', output)).outputs[0]?.outputFacets?.loopgraph_content).toMatchObject(content);
  });
});

describe('another workload log', () => {
  const RUN = '1 10 5 60 1 -1 -1 -1 -1 -1 1 3 7 -1 2 -1 -1 -1';
  const startOf = async (...header: string[]): Promise<unknown> => (eventsOf(await read(swf, [...header, '', RUN.replaceAll(' ', '\t')].join('\r\n')))[0] as { submittedAt: string }).submittedAt;

  it('begins when its text says where it has no number', async () => {
    expect(await startOf('; UnixStartTime: 0', ';  StartTime: Fri Oct  1 00:00:03 PDT 1993')).toBe('1993-10-01T07:00:13.000Z');
    expect(await startOf('; StartTime: Oct 1 00:00:03 1993', '; TimeZone: 3600')).toBe('1993-09-30T23:00:13.000Z');
    expect(await startOf('; UnixStartTime: 1000 (estimated)')).toBe('1970-01-01T00:16:50.000Z');
    await expect(startOf('; StartTime: Fri Oct  1 00:00:03 1993')).rejects.toMatchObject({ code: 'FILE_MISSING_COLUMN' });
  });

  it('has comments among its lines, runs of no length, and lines without a number or a moment', async () => {
    const rows = await read(swf, ['; UnixStartTime: 1000', RUN, '; Note: stopped', '', RUN.replace(/^1 10 5 60/, '2 10 -1 0'), Array.from({ length: 18 }, () => '-1').join(' '), RUN.replace(/^1 10/, '3 1e30')].join('\n'));
    expect(rejectionsOf(rows).map(({ line }) => line)).toEqual([6, 7]);
    expect(eventsOf(rows.slice(0, 2))).toMatchObject([{ number: 1, durationMs: 60_000 }, { number: 2, durationMs: 0 }]);
  });
});
