import { parse } from 'csv-parse/sync';
import { type DelimitedRow, openDelimited } from './delimited.ts';
import { FileError } from './importer.ts';
import { foreignKind, readLines, toText } from './lines.ts';

/** Exports of surveys are small; a larger file is something else. */
const LARGEST_FILE = 256 * 1024 * 1024;
/** A header cell is a question, which may run over lines. */
const HEADER_LINES = 200;

/** A survey export as it lies there: what heads each column, and the cells of each row by place. */
export interface SurveyTable {
  /** Which program wrote it, by the form of its header. */
  readonly source: 'PLAIN' | 'SURVEYMONKEY' | 'QUALTRICS';
  readonly columns: readonly SurveyColumn[];
  readonly rows: readonly SurveyRow[];
}

export interface SurveyColumn {
  /** The header cell, without markup. */
  readonly text: string;
  /** What a second header row says of the column; null where there is none. */
  readonly detail: string | null;
}

export type SurveyRow =
  | { readonly line: number; readonly cells: readonly string[] }
  | { readonly line: number; readonly problem: string };

/**
 * Reads the whole of an export, since what a column's answers are shows in all of them. Takes commas, semicolons or
 * tabs, a byte order mark, either line end, header cells over several lines, SurveyMonkey's two header rows and
 * Qualtrics' three (two in its legacy form).
 * @throws FileError
 */
export async function readSurveyTable(bytes: AsyncIterable<Uint8Array>): Promise<SurveyTable> {
  const lines: Buffer[] = [];
  let size = 0;
  for await (const { bytes: line } of readLines(bytes)) {
    size += line.length + 1;
    if (size > LARGEST_FILE) throw new FileError('FILE_WRONG_KIND', 'expected a survey export of at most 256 MiB, got a larger file');
    // Lines are parts of a chunk, which would be kept whole.
    lines.push(Buffer.from(line));
  }
  const first = lines.findIndex((line) => line.length > 0);
  const start = lines[first];
  if (start === undefined) throw new FileError('FILE_WRONG_KIND', 'expected a survey export, got an empty file');
  const foreign = foreignKind(start);
  if (foreign !== null) throw new FileError('FILE_WRONG_KIND', `expected a survey export, got ${foreign}`);
  const head = readHead(lines.slice(first, first + HEADER_LINES));
  const names = head.columns.map((_, place) => `c${place}`);
  const body = [Buffer.from(names.join(head.delimiter)), ...lines.slice(first + head.lines)];
  const skipped = first + head.lines - 1;
  const file = await openDelimited(streamOf(body), {
    expected: 'a survey export',
    needed: () => names,
  });
  const rows: SurveyRow[] = [];
  for await (const row of file.rows) rows.push(toSurveyRow(row, names, skipped));
  return { source: head.source, columns: head.columns, rows };
}

async function* streamOf(lines: readonly Buffer[]): AsyncGenerator<Uint8Array> {
  const newline = Buffer.from('\n');
  for (const line of lines) yield Buffer.concat([line, newline]);
}

function toSurveyRow(row: DelimitedRow, names: readonly string[], skipped: number): SurveyRow {
  const line = row.line + skipped;
  if ('problem' in row) return { line, problem: row.problem };
  return { line, cells: names.map((name) => row.cells[name] ?? '') };
}

interface Head {
  readonly source: SurveyTable['source'];
  readonly delimiter: string;
  readonly columns: readonly SurveyColumn[];
  /** How many lines the header rows take. */
  readonly lines: number;
}

function readHead(lines: readonly Buffer[]): Head {
  const text = lines.map((line) => toText(line) ?? '').join('\n');
  // A question may hold the others' delimiter: rows of one width tell which is meant, then the number of columns.
  const [best] = [',', '\t', ';']
    .map((delimiter) => ({ delimiter, records: readRecords(text, delimiter) }))
    .map((each) => ({ ...each, widths: each.records.map(({ cells }) => cells.length) }))
    .sort((a, b) => Number(areEqual(b.widths)) - Number(areEqual(a.widths)) || (b.widths[0] ?? 0) - (a.widths[0] ?? 0));
  const [first, second, third] = best?.records ?? [];
  if (!best || !first || first.cells.length < 2) {
    throw new FileError('FILE_WRONG_KIND', 'expected a survey export with a header of at least two columns');
  }
  const { delimiter } = best;
  const columns = (texts: readonly string[], details: readonly string[] | null): SurveyColumn[] =>
    first.cells.map((_, place) => ({
      text: toPlainText(texts[place] ?? ''),
      detail: details ? toPlainText(details[place] ?? '') : null,
    }));
  if (third && second && third.cells.some((cell) => cell.startsWith('{"ImportId"'))) {
    return { source: 'QUALTRICS', delimiter, columns: columns(qualtricsTexts(first.cells, second.cells, third.cells), null), lines: third.end };
  }
  if (second && /^V\d+$/.test(first.cells[0] ?? '') && /^response ?id$/i.test(second.cells[0] ?? '')) {
    return { source: 'QUALTRICS', delimiter, columns: columns(second.cells, null), lines: second.end };
  }
  if (second && /^respondent ?id$/i.test(first.cells[0]?.trim() ?? '') && (second.cells[0] ?? '').trim() === '') {
    return { source: 'SURVEYMONKEY', delimiter, columns: columns(carryForward(first.cells, second.cells), second.cells), lines: second.end };
  }
  return { source: 'PLAIN', delimiter, columns: columns(first.cells, null), lines: first.end };
}

const areEqual = (widths: readonly number[]): boolean => (widths[0] ?? 0) > 1 && widths.every((width) => width === widths[0]);

/** Questions by their wording; columns about the response by the first row, which is English whatever the second one's language. */
function qualtricsTexts(names: readonly string[], texts: readonly string[], imports: readonly string[]): string[] {
  return names.map((name, place) => (imports[place]?.startsWith('{"ImportId":"QID') ? (texts[place] ?? name) : name));
}

/** A question's text stands over the first of its columns only. */
function carryForward(texts: readonly string[], details: readonly string[]): string[] {
  let carried = '';
  return texts.map((text, place) => {
    if (text.trim() !== '') carried = text;
    return text.trim() === '' && (details[place] ?? '').trim() === '' ? '' : carried;
  });
}

interface HeadRecord {
  readonly cells: readonly string[];
  /** How many lines lie up to its end. */
  readonly end: number;
}

function readRecords(text: string, delimiter: string): HeadRecord[] {
  try {
    const records = parse(text, { delimiter, relax_column_count: true, relax_quotes: true, info: true, to: 3 }) as unknown as {
      record: string[];
      info: { lines: number };
    }[];
    return records.map(({ record, info }) => ({ cells: record, end: info.lines }));
  } catch {
    // Not of this delimiter, or a quote that is open past the header: the others are tried, and then the file refused.
    return [];
  }
}

const ENTITIES: Readonly<Record<string, string>> = { nbsp: ' ', amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", '#39': "'" };

/** A header's text without HTML, with single spaces. */
export function toPlainText(text: string): string {
  return text
    .replace(/<\/?[a-z][^<>]*>/gi, ' ')
    .replace(/&(nbsp|amp|lt|gt|quot|apos|#39);/gi, (_, name: string) => ENTITIES[name.toLowerCase()] ?? ' ')
    .replace(/[\s\u00a0\u200b]+/g, ' ')
    .trim();
}
