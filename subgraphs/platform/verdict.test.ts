import { describe, expect, it } from 'vitest';
import { createStores } from '../../kit/store/test-stores.ts';
import { collections, createDesk, type Desk, toOutput, toRunEvent } from './fixtures.ts';
import { lostColumns } from './verdict.ts';

const HEADER = ['week', 'title', 'hours'];
const good = (lines = 101, header: readonly string[] = HEADER): Record<string, unknown> => ({ header, lines, bytes: lines * 20, contentHash: `good ${lines} ${header.join()}` });

describe('a lost column', () => {
  it.each([
    ['renamed in its place', ['a', 'b', 'c'], ['a', 'x', 'c'], []],
    ['renamed and moved, with a like name', ['week', 'hours_viewed', 'rank'], ['week', 'rank', 'hours_viewed_91_days'], []],
    ['replaced by several in its place', ['a', 'first_28'], ['a', 'first_91', 'runtime', 'views'], []],
    ['added', ['a', 'b'], ['a', 'x', 'b', 'y'], []],
    ['reordered', ['a', 'b', 'c'], ['c', 'a', 'b'], []],
    ['written in another case elsewhere', ['hoursViewed', 'a', 'größe_m'], ['a', 'Größe_M', 'hours_viewed'], []],
    ['gone while another of a half like name is added elsewhere', ['weekly_rank', 'a', 'b'], ['a', 'b', 'weekly_views'], ['weekly_rank']],
    ['gone', ['a', 'b', 'c'], ['a', 'c'], ['b']],
    ['gone while another is added elsewhere', ['a', 'b', 'c'], ['a', 'c', 'x'], ['b']],
    ['gone where one takes the place of two', ['a', 'b', 'c', 'd'], ['a', 'x', 'd'], ['c']],
  ])('is told from one that is %s', (_, before, after, lost) => {
    expect(lostColumns(before, after)).toEqual(lost);
  });
});

describe('the verdict on an output', () => {
  const { open } = createStores('LMDB', null);
  const moment = (day: number): string => `2024-03-${String(day).padStart(2, '0')}T12:00:00Z`;

  async function written(contents: readonly (Record<string, unknown> | null)[], order?: readonly number[]): Promise<Desk> {
    const desk = createDesk(await open(collections));
    const events = contents.map((content, day) =>
      toRunEvent({ run: `run ${day}`, at: moment(day + 1), type: content === null ? 'FAIL' : 'COMPLETE', outputs: [toOutput('table', content ?? good(1_000))] }));
    for (const place of order ?? events.keys()) expect((await desk.send('openlineage', [events[place]])).accepted).toBe(1);
    return desk;
  }

  const outputsOf = async (desk: Desk): Promise<(string | null)[][]> => {
    const { dataset } = await desk.ask<{ dataset: { outputs: { nodes: { verdict: string; fault: string | null }[] } } }>(
      '{ dataset(namespace: "tests", name: "table") { outputs { nodes { verdict fault } } } }',
    );
    return dataset.outputs.nodes.map(({ verdict, fault }) => [verdict, fault]).reverse();
  };
  const incidentsOf = async (desk: Desk): Promise<unknown[]> => {
    const { incidents } = await desk.ask<{ incidents: { nodes: unknown[] } }>('{ incidents { nodes { fault since until badOutputs } } }');
    return incidents.nodes;
  };

  it.each([
    ['a web page', { firstLine: '  <!DOCTYPE html><html>', lines: 1, bytes: 99 }, 'WEB_PAGE'],
    ['a page that says it moved', { firstLine: '<a href="https://x">Moved Permanently</a>.', lines: 2, bytes: 99 }, 'WEB_PAGE'],
    ['a page that was taken for a header', { header: ['<html>'], lines: 20, bytes: 99 }, 'WEB_PAGE'],
    ['a page whose first line was cut at its commas', { header: ['<!DOCTYPE html PUBLIC "-//W3C"', 'x', 'y'], lines: 90, bytes: 99 }, 'WEB_PAGE'],
    ['an error as JSON', { firstLine: '{"message": "Not Found"}', lines: 1, bytes: 24 }, 'WEB_PAGE'],
    ['an error as XML', { firstLine: '<?xml version="1.0"?><Error><Code>AccessDenied</Code>', lines: 1, bytes: 99 }, 'WEB_PAGE'],
    ['an error as text', { header: ['404: Not Found'], lines: 1, bytes: 14 }, 'WEB_PAGE'],
    ['half of the rows', good(51), 'ROW_LOSS'],
    ['the word null', { firstLine: 'null', lines: 1, bytes: 4 }, 'NULL_CONTENT'],
    ['an empty file', { bytes: 0, lines: 0 }, 'EMPTY'],
    ['a header alone', { header: HEADER, lines: 1, bytes: 17 }, 'EMPTY'],
    ['a fraction of the rows', good(40), 'ROW_LOSS'],
    ['a header without a needed column', good(101, ['week', 'hours']), 'COLUMN_GONE'],
    ['text without a header', { firstLine: 'Service unavailable', lines: 80, bytes: 2_000 }, 'COLUMN_GONE'],
  ])('is bad for %s', async (_, content, fault) => {
    expect(await outputsOf(await written([good(), content, good(111)]))).toEqual([['GOOD', null], ['BAD', fault], ['GOOD', null]]);
  });

  it('is a schema change for a renamed column, and no incident', async () => {
    const desk = await written([good(), good(102, ['week', 'title', 'hours_viewed'])]);
    expect(await incidentsOf(desk)).toEqual([]);
    const { dataset } = await desk.ask<{ dataset: { schemaChanges: unknown[] } }>(
      '{ dataset(namespace: "tests", name: "table") { schemaChanges { at change { added removed } run { runId } } } }',
    );
    expect(dataset.schemaChanges).toEqual([{ at: '2024-03-02T12:00:00.000Z', change: { added: ['hours_viewed'], removed: ['hours'] }, run: { runId: 'run 1' } }]);
  });

  it('is unknown without content, which ends a stretch only where the hash differs', async () => {
    const page = { firstLine: '<html>', lines: 1, bytes: 9, contentHash: 'page' };
    const same = await written([good(), page, { contentHash: 'page' }, {}, good(110)]);
    expect(await outputsOf(same)).toEqual([['GOOD', null], ['BAD', 'WEB_PAGE'], ['BAD', 'WEB_PAGE'], ['UNKNOWN', null], ['GOOD', null]]);
    expect(await incidentsOf(same)).toEqual([{ fault: 'WEB_PAGE', since: '2024-03-02T12:00:00.000Z', until: '2024-03-05T12:00:00.000Z', badOutputs: 2 }]);
    const other = await written([good(), page, { contentHash: 'other' }, good(110)]);
    expect(await outputsOf(other)).toEqual([['GOOD', null], ['BAD', 'WEB_PAGE'], ['UNKNOWN', null], ['GOOD', null]]);
    expect(await incidentsOf(other)).toEqual([{ fault: 'WEB_PAGE', since: '2024-03-02T12:00:00.000Z', until: '2024-03-03T12:00:00.000Z', badOutputs: 1 }]);
  });

  it('is unknown where only a size was recorded, and the hash before it is remembered', async () => {
    const page = { firstLine: '<html>', lines: 1, bytes: 9, contentHash: 'page' };
    const desk = await written([good(), page, {}, { contentHash: 'page', bytes: 9 }, { contentHash: 'other', bytes: 99_000 }, good(110)]);
    expect(await outputsOf(desk)).toEqual([['GOOD', null], ['BAD', 'WEB_PAGE'], ['UNKNOWN', null], ['UNKNOWN', null], ['UNKNOWN', null], ['GOOD', null]]);
    expect(await incidentsOf(desk)).toEqual([{ fault: 'WEB_PAGE', since: '2024-03-02T12:00:00.000Z', until: '2024-03-05T12:00:00.000Z', badOutputs: 1 }]);
  });

  it('finds an error that is the first output of its chain', async () => {
    expect(await outputsOf(await written([{ firstLine: '{"error":"quota"}', lines: 1, bytes: 17 }, good()]))).toEqual([['BAD', 'WEB_PAGE'], ['GOOD', null]]);
  });

  it('is unknown for what a failed run wrote, which no later output is compared with', async () => {
    expect(await outputsOf(await written([good(), null, good(103)]))).toEqual([['GOOD', null], ['UNKNOWN', null], ['GOOD', null]]);
  });

  it('is the same in whatever order the runs arrive', async () => {
    const contents = [good(), good(40), good(45), good(200), good(120), good(50)];
    const desk = await written(contents, [5, 1, 3, 0, 4, 2]);
    expect(await outputsOf(desk)).toEqual(await outputsOf(await written(contents)));
    expect(await incidentsOf(desk)).toEqual([
      { fault: 'ROW_LOSS', since: '2024-03-06T12:00:00.000Z', until: null, badOutputs: 1 },
      { fault: 'ROW_LOSS', since: '2024-03-02T12:00:00.000Z', until: '2024-03-04T12:00:00.000Z', badOutputs: 2 },
    ]);
  });

  it('is told from standard facets where nobody looked at the content', async () => {
    const desk = createDesk(await open(collections));
    const statistics = (rowCount: number, fields: readonly string[]): unknown => ({
      namespace: 'tests', name: 'table',
      facets: { schema: { fields: fields.map((name) => ({ name })) } },
      outputFacets: { outputStatistics: { rowCount, size: rowCount * 8 } },
    });
    const outputs = [statistics(100, HEADER), statistics(0, HEADER), statistics(101, ['week', 'hours']), statistics(102, HEADER)];
    for (const [day, output] of outputs.entries()) {
      await desk.send('openlineage', [toRunEvent({ run: `run ${day}`, at: moment(day + 1), type: 'COMPLETE', outputs: [output] })]);
    }
    expect(await outputsOf(desk)).toEqual([['GOOD', null], ['BAD', 'EMPTY'], ['BAD', 'COLUMN_GONE'], ['GOOD', null]]);
  });
});
