import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { projectPath } from '../kit/project.ts';
import type { Parameters, Row } from './importer.ts';
import { survey } from './survey.ts';

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function readRows(text: string, parameters: Parameters = {}): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const row of survey.read(bytesOf(text), parameters)) rows.push(row);
  return rows;
}

const beginningOf = (file: string, lines: number): string => gunzipSync(readFileSync(projectPath('sample', 'facts', file))).toString('utf8').split('\n').slice(0, lines).join('\n');

describe('the survey importer', () => {
  it.each([
    ['netflix-top10', beginningOf('netflix-top10-global.tsv.gz', 20)],
    ['netflix-top10', 'country_name\tcountry_iso2\tweek\tcategory\tweekly_rank\tshow_title\tseason_title\nArgentina\tAR\t2024-11-17\tFilms\t1\tHot Frosty\tN/A\n'],
    ['netflix-engagement', beginningOf('netflix-engagement.csv.gz', 20)],
    ['netflix-engagement', 'What We Watched,,\nTitle,Hours Viewed,Report\nHot Frosty,1000000,2024Jul-Dec\n'],
    ['playback-sessions', 'id,started_at,watched_ms\n1,2024-01-01T00:00:00Z,5\n'],
    ['swf', beginningOf('LCG-2005-1.swf.gz', 60)],
  ])('refuses a file of %s by its header, and names that importer', async (kind, text) => {
    await expect(readRows(text)).rejects.toMatchObject({ code: 'FILE_WRONG_KIND', message: expect.stringContaining(`which is read as ${kind};`) as string });
  });

  it('refuses OpenLineage', async () => {
    await expect(readRows(beginningOf('openlineage-recorded-runs.jsonl.gz', 3))).rejects.toMatchObject({ code: 'FILE_WRONG_KIND', message: expect.stringContaining('got JSON') as string });
  });

  it('takes a survey that asks the same, where a parameter says what its columns are', async () => {
    const text = 'Title,Hours viewed\nHot Frosty,2\nWednesday,3\n';
    await expect(readRows(text)).rejects.toMatchObject({ code: 'FILE_WRONG_KIND' });
    for (const parameters of [{ show: 'Title' }, { questions: '[{"column": "Hours viewed", "kind": "TEXT"}]' }]) {
      expect((await readRows(text, parameters)).map(({ line }) => line)).toEqual([0, 2, 3]);
    }
  });
});
