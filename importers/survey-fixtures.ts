import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import type { ResponseEvent, SurveyEvent } from '../subgraphs/feedback/events.ts';
import { inChunks } from './fixtures.ts';
import type { Parameters, Row } from './importer.ts';
import { survey } from './survey.ts';

/** What the importer makes of an export. */
export interface ReadSurvey {
  readonly declared: SurveyEvent;
  readonly declarations: readonly SurveyEvent[];
  readonly responses: readonly ResponseEvent[];
  readonly rejected: readonly { line: number; field: string | null }[];
}

/** Reads an export, in chunks that cut lines anywhere. */
export async function readSurvey(content: string | Uint8Array, parameters: Parameters = {}, chunk = 60_000): Promise<ReadSurvey> {
  const rows: Row[] = [];
  for await (const row of survey.read(inChunks(content, chunk), parameters)) rows.push(row);
  const events = rows.flatMap((row) => ('event' in row ? [row] : []));
  const declarations = events.filter(({ kind }) => kind === 'survey').map(({ event }) => event as SurveyEvent);
  return {
    declared: declarations[0] as SurveyEvent,
    declarations,
    responses: events.filter(({ kind }) => kind === 'survey-response').map(({ event }) => event as ResponseEvent),
    rejected: rows.flatMap((row) => ('rejected' in row ? [{ line: row.line, field: row.rejected.field }] : [])),
  };
}

/** Questions as `KIND text / row`. */
export const kindsOf = ({ questions }: SurveyEvent): string[] => questions.map(({ kind, text, row }) => `${kind} ${text}${row ? ` / ${row}` : ''}`);

/** Lines by number, from 0. */
export const repeat = (times: number, row: (n: number) => string): string => Array.from({ length: times }, (_, n) => row(n)).join('\n');

/** A text with single spaces, as wordings are compared. */
export const squeeze = (text: string): string => text.replace(/\s+/g, ' ').replace(' ]', ']').trim();

/** A file's bytes, unzipped. */
export function bytesOf(path: string): Buffer {
  const bytes = readFileSync(path);
  return path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

/** The records of a raw file, read without the importer. */
export const recordsOf = (path: string): string[][] => parse(bytesOf(path), { bom: true, relax_column_count: true }) as string[][];

/** The real exports, each with its rows and how many header rows it has. */
export const REAL_SURVEYS = [
  { file: 'feedback/mybinder-2020-googleforms.csv', rows: 346, headers: 1 },
  { file: 'feedback/dask-2019-googleforms.csv.gz', rows: 259, headers: 1 },
  { file: 'feedback/dask-2020-googleforms.csv.gz', rows: 239, headers: 1 },
  { file: 'feedback/jupyter-2020-surveymonkey.csv.gz', rows: 1_135, headers: 1 },
  { file: 'feedback/jupyter-2015-20160115235816-SurveyExport.csv.gz', rows: 1_706, headers: 1 },
  { file: 'feedback/qualtrics_three_header_rows.csv', rows: 1, headers: 3 },
  { file: 'feedback/qualtrics_legacy.csv', rows: 1, headers: 2 },
] as const;
