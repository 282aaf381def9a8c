import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { describe, expect } from 'vitest';
import { createStores } from '../kit/store/test-stores.ts';
import { itWithRealData } from '../kit/test-data.ts';
import { createHarness, type Harness } from '../subgraphs/feedback/fixtures.ts';
import { feedback } from '../subgraphs/feedback/index.ts';
import { surveyIdOf } from '../subgraphs/feedback/ingest.ts';
import { inChunks } from './fixtures.ts';
import type { Parameters } from './importer.ts';
import { importFile } from './runner.ts';
import { survey } from './survey.ts';

const key = (edition: string) => ({ namespace: 'default', name: 'dask', edition });

interface Asked {
  readonly sameBy: string;
  readonly differs: string | null;
  readonly difference: number | null;
  readonly optionsAdded: readonly string[];
  readonly optionsDropped: readonly string[];
  readonly now: { readonly n: number; readonly question: { readonly text: string; readonly row: string | null } };
  readonly before: Asked['now'];
  readonly shares: readonly {
    readonly answer: string;
    readonly now: number;
    readonly before: number;
    readonly difference: number;
    readonly interval: { readonly lower: number; readonly upper: number };
  }[];
}

async function comparisons(harness: Harness, edition: string): Promise<readonly Asked[]> {
  const asked = 'n question { text row }';
  const data = (await harness.ask(
    `query ($id: ID!) { survey(id: $id) { feedback { nodes { comparisons { sameBy differs difference optionsAdded optionsDropped
      now { ${asked} } before { ${asked} } shares { answer now before difference interval { lower upper } } } } } } }`,
    { id: surveyIdOf(key(edition)) },
  )) as { survey: { feedback: { nodes: { comparisons: Asked[] }[] } } };
  return data.survey.feedback.nodes[0]?.comparisons ?? [];
}

const squeeze = (text: string): string => text.replace(/\s+/g, ' ').replace(' ]', ']').trim();
const headerOf = ({ question: { text, row } }: Asked['now']): string => (row === null ? text : `${text} [${row}]`);

/** The raw file by header: the second computation's own reading. */
function columnsOf(text: string): Map<string, string[]> {
  const [header = [], ...rows] = parse(text) as string[][];
  return new Map(header.map((name, place) => [squeeze(name), rows.map((row) => row[place] ?? '').filter((cell) => cell.trim() !== '')]));
}

const shareOf = (cells: readonly string[], answer: string): number =>
  cells.filter((cell) => [squeeze(cell), ...cell.split(';').map(squeeze)].includes(answer)).length / cells.length;

const FILES = ['feedback/dask-2019-googleforms.csv.gz', 'feedback/dask-2020-googleforms.csv.gz'];

describe('two editions of a survey whose wording drifted', () => {
  const { open } = createStores('LMDB', null);
  const load = async (harness: Harness, edition: string, text: string, more: Parameters = {}) =>
    importFile(survey, inChunks(text, 65_536), { name: 'dask', edition, ...more }, harness.send);
  const textOf = (path: string | undefined): string => gunzipSync(readFileSync(path ?? '')).toString('utf8');

  itWithRealData('are compared question by question as a second count over the raw files does', FILES, async (...paths) => {
    const harness = createHarness(await open(feedback.collections));
    const [old, late] = paths.map(textOf) as [string, string];
    await load(harness, '2019', old);
    await load(harness, '2020', late);
    const found = await comparisons(harness, '2020');
    const [before, now] = [columnsOf(old), columnsOf(late)];
    const notCompared = ['Timestamp', 'What are some other libraries that you often use with Dask?'];
    expect(found.map((each) => headerOf(each.now))).toEqual([...now.keys()].filter((name) => before.has(name) && !notCompared.includes(name)));
    expect(found.every(({ sameBy }) => sameBy === 'EXACT')).toBe(true);
    let compared = 0;
    for (const { now: later, before: earlier, shares, differs, difference } of found) {
      const [cells, was] = [now.get(headerOf(later)) ?? [], before.get(headerOf(earlier)) ?? []];
      expect([later.n, earlier.n, difference]).toEqual([cells.length, was.length, null]);
      if (differs === null) expect(shares.length).toBeGreaterThan(1);
      for (const share of shares) {
        const [p, q] = [shareOf(cells, share.answer), shareOf(was, share.answer)];
        expect([headerOf(later), share.answer, share.now, share.before]).toEqual([headerOf(later), share.answer, p, q]);
        expect(share.difference).toBeCloseTo(p - q, 12);
        expect(share.interval.lower).toBeLessThan(share.difference);
        expect(share.interval.upper).toBeGreaterThan(share.difference);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(60);
    // Of this one the options changed, so that only those of both years are compared, and the rest is named.
    const support = found.find((each) => headerOf(each.now).startsWith('What Dask resources'));
    expect(support).toMatchObject({ differs: 'OPTIONS', optionsDropped: expect.arrayContaining(['Tutorial']) });
    expect(support?.optionsAdded).toContain('Tutorial at tutorial.dask.org');
    expect(support?.shares.map(({ answer }) => answer)).toContain('Documentation');
  });

  itWithRealData('say how they know that a question is the same, and give no figure where scale or options are others', FILES, async (...paths) => {
    const harness = createHarness(await open(feedback.collections));
    const [old, late] = paths.map(textOf) as [string, string];
    const drifted = late
      .replace('Is Dask stable enough for you?', '7) is “Dask” stable enough – for you')
      .replace('Which would help you most right now?', 'What should we work on first?')
      .replace('How often do you use Dask?', 'How frequently do you use Dask?');
    const ease = 'How easy is it for you to upgrade to newer versions of Python libraries';
    const scale = (max: number) => ({ column: ease, kind: 'SCALE', scale: { min: 1, max } });
    await load(harness, '2019', old, { questions: JSON.stringify([scale(4)]) });
    const formerly = { column: 'What should we work on first?', formerly: 'Which would help you most right now?' };
    await load(harness, '2020', drifted, { questions: JSON.stringify([formerly, scale(5)]) });
    const found = await comparisons(harness, '2020');
    const of = (start: string) => found.find((each) => headerOf(each.now).startsWith(start));
    expect(of('7) is “Dask”')).toMatchObject({ sameBy: 'NORMALISED', differs: null });
    expect(of('7) is “Dask”')?.shares.map(({ answer }) => answer)).toEqual(['Yes', 'No']);
    expect(of('What should we')).toMatchObject({ sameBy: 'DECLARED', before: { question: { text: 'Which would help you most right now?' } } });
    expect(of('How frequently')).toBeUndefined();
    expect(of(ease)).toMatchObject({ sameBy: 'EXACT', differs: 'SCALE', difference: null, shares: [] });

    await load(harness, '2021', late, { questions: JSON.stringify([scale(5)]) });
    const mean = (cells: readonly string[]): number => cells.reduce((sum, cell) => sum + Number(cell), 0) / cells.length;
    const again = (await comparisons(harness, '2021')).find((each) => headerOf(each.now).startsWith(ease));
    expect(again).toMatchObject({ sameBy: 'EXACT', differs: null, difference: 0 });
    const other = createHarness(await open(feedback.collections));
    await load(other, '2019', old, { questions: JSON.stringify([scale(4)]) });
    await load(other, '2020', late, { questions: JSON.stringify([scale(4)]) });
    const moved = (await comparisons(other, '2020')).find((each) => headerOf(each.now).startsWith(ease));
    expect(moved?.difference).toBeCloseTo(mean(columnsOf(late).get(ease) ?? []) - mean(columnsOf(old).get(ease) ?? []), 12);
  });
});
