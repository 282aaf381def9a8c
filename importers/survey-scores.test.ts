import { createReadStream } from 'node:fs';
import { describe, expect } from 'vitest';
import { createStores } from '../kit/store/test-stores.ts';
import { itWithRealData } from '../kit/test-data.ts';
import { type AskedFeedback, type AskedScore, createHarness, feedbackOf } from '../subgraphs/feedback/fixtures.ts';
import { feedback } from '../subgraphs/feedback/index.ts';
import { type SurveyQuestionDocument, surveys } from '../subgraphs/feedback/documents.ts';
import { surveyIdOf } from '../subgraphs/feedback/ingest.ts';
import { importFile } from './runner.ts';
import { survey } from './survey.ts';
import { REAL_SURVEYS, recordsOf, squeeze } from './survey-fixtures.ts';

/** Headers and cells do not write an option quite alike: `iPython` and `IPython.`. */
const bare = (option: string): string => squeeze(option).replace(/\.$/, '').toLowerCase();

/** How many people answered, and how many gave each answer, from the raw file alone; null where no column is headed so. */
function countAgain(records: readonly string[][], { text, row, kind }: SurveyQuestionDocument): { n: number; counts: Map<string, number> } | null {
  const [header = [], ...rows] = records;
  const number = /^Question (\d+)$/.exec(text)?.[1];
  const counts = new Map<string, number>();
  const add = (answer: string): unknown => counts.set(answer, (counts.get(answer) ?? 0) + 1);
  if (number !== undefined) {
    // `3. SQL.`, `3. R.`: one column an option.
    const places = header.flatMap((name, place) => (name.startsWith(`${number}. `) ? [place] : []));
    const ticked = rows.map((cells) => places.filter((place) => (cells[place] ?? '').trim() !== ''));
    for (const options of ticked) for (const place of options) add(bare(header[place]?.slice(number.length + 2) ?? ''));
    return { n: ticked.filter((options) => options.length > 0).length, counts };
  }
  const place = header.findIndex((name) => [text, `${text} [${row}]`, `${row}:${text}`].includes(squeeze(name)));
  if (place === -1) return null;
  const cells = rows.map((cell) => cell[place] ?? '').filter((cell) => cell.trim() !== '');
  for (const cell of cells) {
    for (const part of new Set((kind === 'MULTIPLE_CHOICE' ? cell.split(';') : [cell]).map(bare))) if (part !== '') add(part);
  }
  return { n: cells.length, counts };
}

describe('the scores of the real surveys', () => {
  const { open } = createStores('LMDB', null);

  for (const { file, headers } of REAL_SURVEYS) {
    const [name = ''] = file.slice('feedback/'.length).split('.');
    itWithRealData(`are those of a second count over the raw file: ${name}`, [file], async (path = '') => {
      const harness = createHarness(await open(feedback.collections));
      const key = { namespace: 'default', name, edition: '1' };
      await importFile(survey, createReadStream(path), { name, edition: '1' }, harness.send);
      const [stored] = await harness.store.get(surveys, [surveyIdOf(key)]);
      const [all] = (await feedbackOf(harness, 'ALL', key)) as [AskedFeedback];
      const records = recordsOf(path).slice(headers - 1);
      expect(all.n).toBe(records.length - 1);
      let compared = 0;
      for (const score of all.scores) {
        const question = stored?.questions.find(({ id }) => id === score.question.id);
        if (!question) throw new Error(`expected a question of the survey, got ${score.question.id}`);
        const again = countAgain(records, question);
        expect([question.text, score.n]).toEqual([question.text, again?.n]);
        // None of these files states a scale, so that no figure but shares may be made of it.
        expect([question.text, score.mean, score.nps, score.offScale]).toEqual([question.text, null, null, 0]);
        compared += compareShares(question, score, again?.counts ?? new Map<string, number>());
      }
      if (records.length > 2) expect(compared).toBeGreaterThan(9);
      else expect([all.scores, all.withheld?.code]).toEqual([[], 'UNDER_FIVE']);
    });
  }
});

function compareShares({ text, options }: SurveyQuestionDocument, { n, shares }: AskedScore, counts: ReadonlyMap<string, number>): number {
  const named = shares.filter(({ answer }) => answer !== null);
  expect([text, named.length]).toEqual([text, options?.length]);
  for (const { answer, count, share } of named) {
    const again = counts.get(bare(answer ?? '')) ?? 0;
    expect([text, answer, count, share]).toEqual([text, answer, again, again / n]);
  }
  return named.length;
}
