import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { projectPath } from '../kit/project.ts';

/**
 * Makes sample/facts anew from the files as their publishers left them: lines, or columns of a survey, are
 * taken whole or not at all, and never changed. `node dist/sample/extract.js FOLDER`, where FOLDER holds viewing/, platform/ and feedback/; facts/README.md
 * says where each file comes from.
 */

/** How many jobs of the grid's log are taken, from its beginning. */
const GRID_JOBS = 4000;
/** What the engagement reports put between a title in English and the original one. */
const ORIGINAL_TITLE = ' // ';
const NO_SEASON = 'N/A';

const text = async (path: string): Promise<string> => {
  const bytes = await readFile(path);
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
};

/** Titles as the engagement reports would write them: a season's title where there is one, else the show's. */
function toLinkedTitles(top10: string): ReadonlySet<string> {
  const [header = '', ...rows] = top10.split(/\r?\n/);
  const columns = header.split('\t');
  const [show, season] = [columns.indexOf('show_title'), columns.indexOf('season_title')];
  const titles = rows.filter((row) => row !== '').map((row) => {
    const cells = row.split('\t');
    const named = cells[season];
    return (named === undefined || named === NO_SEASON ? cells[show] : named) ?? '';
  });
  return new Set(titles);
}

interface Row {
  readonly cells: readonly string[];
  /** As it stands in the file, without the end of its last line. */
  readonly raw: string;
}

/** Every row of a comma-separated file, its header first. */
function toRows(csv: string): Row[] {
  const raws: string[] = [];
  // Twice, since with `raw` the parser gives records in another form than its types say.
  parse(csv, {
    raw: true,
    relax_column_count: true,
    on_record(_record, { raw }) {
      raws.push((raw ?? '').replace(/\r?\n$/, ''));
      return null;
    },
  });
  return parse(csv, { relax_column_count: true }).map((cells, place) => ({ cells, raw: raws[place] ?? '' }));
}

const toText = (rows: readonly string[]): string => `${rows.join('\n')}\n`;

function takeEngagement(csv: string, titles: ReadonlySet<string>): string {
  const [header, ...rows] = toRows(csv);
  const title = header?.cells.indexOf('title') ?? -1;
  const taken = rows.filter(({ cells }) => titles.has(cells[title]?.split(ORIGINAL_TITLE)[0] ?? ''));
  return toText([header?.raw ?? '', ...taken.map(({ raw }) => raw)]);
}

/** The header whole, with the acknowledgement that its licence asks for, and the first jobs. */
function takeGridJobs(swf: string): string {
  const lines = swf.split('\n');
  const header = lines.filter((line) => line.startsWith(';'));
  const jobs = lines.filter((line) => line !== '' && !line.startsWith(';'));
  return toText([...header, ...jobs.slice(0, GRID_JOBS)]);
}

/**
 * The columns of how often and how long Jupyter is used (1, 2), by whom (4), and whether it met expectations where data is
 * prepared (7b): none of them is free text, and the survey service's number of a person is not among them.
 */
const SURVEY_COLUMNS = /^(?:1|2|4|7b\d)\./;

function takeAnswers(csv: string): string {
  const rows = toRows(csv);
  const places = (rows[0]?.cells ?? []).flatMap((column, place) => (SURVEY_COLUMNS.test(column) ? [place] : []));
  return toText(rows.map(({ cells }) => places.map((place) => toCell(cells[place] ?? '')).join(',')));
}

function toCell(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

async function extract(from: string): Promise<void> {
  const source = (path: string): Promise<string> => text(join(from, path));
  const top10 = await source('viewing/netflix-top10-global_to-2024-11-17.tsv.gz');
  const files: Record<string, string> = {
    'netflix-top10-global.tsv.gz': top10,
    'netflix-engagement.csv.gz': takeEngagement(await source('viewing/netflix-engagement_2023H1-2024H2.csv.gz'), toLinkedTitles(top10)),
    'netflix-top10-scrape-runs.jsonl.gz': await source('platform/netflix-top10-scrape-runs.jsonl'),
    'netflix-top10-scrape-job-history.json.gz': await source('platform/netflix-top10-scrape-job-history.json'),
    'openlineage-recorded-runs.jsonl.gz': await source('platform/openlineage-recorded-runs.jsonl'),
    'openlineage-handwritten.jsonl.gz': await source('platform/openlineage-handwritten.jsonl'),
    'LCG-2005-1.swf.gz': takeGridJobs(await source('platform/LCG-2005-1.swf.gz')),
    'jupyter-2020-surveymonkey.csv.gz': takeAnswers(await source('feedback/jupyter-2020-surveymonkey.csv.gz')),
  };
  for (const [name, content] of Object.entries(files)) {
    const zipped = gzipSync(content, { level: 9 });
    await writeFile(projectPath('sample', 'facts', name), zipped);
    process.stdout.write(`${name}: ${content.split('\n').length - 1} lines, ${zipped.byteLength} bytes\n`);
  }
}

const [from] = process.argv.slice(2);
if (from === undefined) {
  process.stderr.write('expected the folder that holds viewing/, platform/ and feedback/\n');
  process.exitCode = 1;
} else {
  await extract(from);
}
