import { parse } from 'csv-parse/sync';
import { isPersonalField } from '../kit/ingest/personal.ts';
import { type DelimitedRow, openDelimited } from './delimited.ts';
import { FileError } from './importer.ts';
import { foreignKind, readLines, toText } from './lines.ts';
import { ABOUT, IDS, normalise, OPEN_DETAILS, TIMES } from './survey-names.ts';
import { parseSurveyTime } from './survey-time.ts';

/** A header cell is a question, which may run over lines. */
const HEADER_LINES = 200;
/** So many rows show what a column's answers are; they, and no more, are held at once. */
const SAMPLE_ROWS = 20_000;
const SAMPLE_CHARACTERS = 16 * 1024 * 1024;
const CHUNK_BYTES = 65_536;

/** A survey export as it lies there: what heads each column, and the cells of each row by place. */
export interface SurveyTable {
  /** Which program wrote it, by the form of its header. */
  readonly source: 'PLAIN' | 'SURVEYMONKEY' | 'QUALTRICS';
  /** The IANA zone of its times, where the file names one. */
  readonly timeZone: string | null;
  readonly columns: readonly SurveyColumn[];
  /** The first rows: all of a file of usual size. */
  readonly rows: readonly SurveyRow[];
  /** The rows behind them, read as they are asked for. */
  readonly rest: AsyncIterable<SurveyRow>;
}

export interface SurveyColumn {
  /** The header cell, without markup. */
  readonly text: string;
  /** What a second header row says of the column; null where there is none. */
  readonly detail: string | null;
  /** The question's number in the tool that wrote the file, which its columns share; null where the file names none. */
  readonly group: string | null;
}

export type SurveyRow =
  | { readonly line: number; readonly cells: readonly string[] }
  | { readonly line: number; readonly problem: string };

/**
 * Opens an export: its header, the rows that show what each column's answers are, and a stream of the others. Takes
 * commas, semicolons or tabs (and Excel's `sep=` line), quoted or not, a byte order mark, either line end, header cells
 * over several lines, SurveyMonkey's two header rows and Qualtrics' three (two in its legacy form, or where one was cut).
 * @throws FileError
 */
export async function readSurveyTable(bytes: AsyncIterable<Uint8Array>): Promise<SurveyTable> {
  const lines = readLines(bytes);
  const start: Buffer[] = [];
  let first = -1;
  while (start.length < HEADER_LINES) {
    const next = await lines.next();
    if (next.done === true) break;
    const { line, bytes: text } = next.value;
    if (first === -1 && (text.length === 0 || /^"?sep=.?"?$/i.test(text.toString('latin1')))) continue;
    if (first === -1) first = line - 1;
    // Lines are parts of a chunk, which would be kept whole.
    start.push(Buffer.from(text));
  }
  const [opening] = start;
  if (opening === undefined) throw new FileError('FILE_WRONG_KIND', 'expected a survey export, got an empty file');
  const foreign = foreignKind(opening);
  if (foreign !== null) throw new FileError('FILE_WRONG_KIND', `expected a survey export, got ${foreign}`);
  const head = readHead(start);
  const names = head.columns.map((_, place) => `c${place}`);
  const body = [Buffer.from(names.join(head.delimiter)), ...start.slice(head.lines)];
  const skipped = first + head.lines - 1;
  const file = await openDelimited(streamOf(body, lines), { expected: 'a survey export', needed: () => names, lenient: true });
  const source = file.rows[Symbol.asyncIterator]();
  const rows: SurveyRow[] = [];
  let characters = 0;
  while (rows.length < SAMPLE_ROWS && characters < SAMPLE_CHARACTERS) {
    const next = await source.next();
    if (next.done === true) break;
    const row = toSurveyRow(next.value, names, skipped);
    if ('cells' in row) characters += row.cells.reduce((sum, cell) => sum + cell.length, 0);
    rows.push(row);
  }
  const { timeZone, columns } = head;
  return { source: head.source, timeZone, columns, rows, rest: restOf(source, names, skipped) };
}

async function* restOf(source: AsyncIterator<DelimitedRow>, names: readonly string[], skipped: number): AsyncGenerator<SurveyRow> {
  for (let next = await source.next(); next.done !== true; next = await source.next()) {
    yield toSurveyRow(next.value, names, skipped);
  }
}

async function* streamOf(held: readonly Buffer[], lines: AsyncIterable<{ bytes: Buffer }>): AsyncGenerator<Uint8Array> {
  const newline = Buffer.from('\n');
  for (const line of held) yield Buffer.concat([line, newline]);
  let chunk: Buffer[] = [];
  let size = 0;
  for await (const { bytes } of lines) {
    chunk.push(bytes, newline);
    size += bytes.length + 1;
    if (size < CHUNK_BYTES) continue;
    yield Buffer.concat(chunk);
    [chunk, size] = [[], 0];
  }
  yield Buffer.concat(chunk);
}

function toSurveyRow(row: DelimitedRow, names: readonly string[], skipped: number): SurveyRow {
  const line = row.line + skipped;
  if ('problem' in row) return { line, problem: row.problem };
  return { line, cells: names.map((name) => row.cells[name] ?? '') };
}

/** A table's columns are asked for again and again while it is found out what they are. */
const columnCells = new WeakMap<SurveyTable, Map<number, readonly string[]>>();

/** The cells of a column's first rows that hold something, trimmed. */
export function cellsAt(table: SurveyTable, place: number): readonly string[] {
  const columns = columnCells.get(table) ?? new Map<number, readonly string[]>();
  columnCells.set(table, columns);
  const known = columns.get(place);
  if (known) return known;
  const cells = table.rows.flatMap((row) => {
    const cell = 'cells' in row ? (row.cells[place]?.trim() ?? '') : '';
    return cell === '' ? [] : [cell];
  });
  columns.set(place, cells);
  return cells;
}

interface Head {
  readonly source: SurveyTable['source'];
  readonly delimiter: string;
  readonly timeZone: string | null;
  readonly columns: readonly SurveyColumn[];
  /** How many lines the header rows take. */
  readonly lines: number;
}

function readHead(lines: readonly Buffer[]): Head {
  const texts = lines.map((line) => toText(line));
  const text = texts.map((line) => line ?? '').join('\n');
  // A question may hold the others' delimiter: rows of one width tell which is meant, then the number of columns.
  const [best] = [',', '\t', ';']
    .map((delimiter) => ({ delimiter, records: readRecords(text, delimiter) }))
    .map((each) => ({ ...each, widths: each.records.map(({ cells }) => cells.length) }))
    .sort((a, b) => Number(areEqual(b.widths)) - Number(areEqual(a.widths)) || (b.widths[0] ?? 0) - (a.widths[0] ?? 0));
  const [first, second, third] = best?.records ?? [];
  if (!best || !first || first.cells.length < 2) {
    throw new FileError('FILE_WRONG_KIND', 'expected a survey export with a header of at least two columns');
  }
  // A header that is read in part would put another line in its place.
  if (texts.slice(0, first.end).includes(null)) {
    throw new FileError('FILE_WRONG_KIND', 'expected a survey export in UTF-8 or UTF-16, got a header in another encoding; save it as UTF-8');
  }
  const { delimiter } = best;
  const columns = (texts: readonly string[], details: readonly string[] | null, groups: readonly (string | null)[] = []): SurveyColumn[] =>
    first.cells.map((_, place) => ({
      text: toPlainText(texts[place] ?? ''),
      detail: details ? toPlainText(details[place] ?? '') : null,
      group: groups[place] ?? null,
    }));
  const head = { delimiter, timeZone: null };
  if (third && second && third.cells.some((cell) => IMPORT.test(cell))) {
    const imports = third.cells.map(toImport);
    const asked = imports.map(({ question }) => question !== null);
    const texts = columns(textsWhere(asked, first.cells, second.cells), null, imports.map(({ question }) => question));
    const timeZone = imports.find((each) => each.timeZone !== null)?.timeZone ?? null;
    return { source: 'QUALTRICS', delimiter, timeZone, columns: texts.map(withoutSelected), lines: third.end };
  }
  if (second && /^V\d+$/.test(first.cells[0] ?? '') && /^response ?id$/i.test(second.cells[0] ?? '')) {
    return { ...head, source: 'QUALTRICS', columns: columns(second.cells, null).map(withoutSelected), lines: second.end };
  }
  if (second && isSecondHeader(first.cells, second.cells, third?.cells)) {
    return { ...head, source: 'SURVEYMONKEY', columns: columns(carryForward(first.cells, second.cells), second.cells), lines: second.end };
  }
  if (second && isWording(first.cells, second.cells)) {
    const asked = first.cells.map((name) => ![...TIMES, ...IDS, ...ABOUT].includes(normalise(name)) && !isPersonalField(name));
    return { ...head, source: 'QUALTRICS', columns: columns(textsWhere(asked, first.cells, second.cells), null).map(withoutSelected), lines: second.end };
  }
  return { ...head, source: 'PLAIN', columns: columns(first.cells, null), lines: first.end };
}

const areEqual = (widths: readonly number[]): boolean => (widths[0] ?? 0) > 1 && widths.every((width) => width === widths[0]);

const IMPORT = /^\s*\{\s*['"]ImportId['"]\s*:/;

/** What Qualtrics' third row says: which question a column belongs to (null for what is none), and the zone of a time. */
function toImport(cell: string): { readonly question: string | null; readonly timeZone: string | null } {
  const [, question = null] = /['"]ImportId['"]\s*:\s*['"]((?:\d+_)?QID\d+)/.exec(cell) ?? [];
  const [, zone = null] = /['"]timeZone['"]\s*:\s*['"]([^'"]+)['"]/.exec(cell) ?? [];
  return { question, timeZone: zone === 'Z' ? 'UTC' : zone };
}

/** Questions by their wording; columns about the response by the first row, which is English whatever the second one's language. */
function textsWhere(asked: readonly boolean[], names: readonly string[], texts: readonly string[]): string[] {
  return names.map((name, place) => (asked[place] === true ? (texts[place] ?? name) : name));
}

/** What Qualtrics adds to the wording of a choice that has a text beside it. */
function withoutSelected(column: SurveyColumn): SurveyColumn {
  return { ...column, text: column.text.replace(/\s+-\s+Selected Choice(?=\s+-\s|$)/, '') };
}

/** SurveyMonkey's second row stands over options only: it is blank where the columns of the response are, and no response is. */
function isSecondHeader(first: readonly string[], second: readonly string[], third: readonly string[] | undefined): boolean {
  const blank = (cells: readonly string[] | undefined, place: number): boolean => (cells?.[place] ?? '').trim() === '';
  if (!blank(second, 0) || blank(first, 0) || second.every((_, place) => blank(second, place))) return false;
  if (normalise(first[0] ?? '') === 'respondentid') return true;
  const carries = first.some((_, place) => blank(first, place) && !blank(second, place));
  const answers = second.some((cell) => cell.trim() !== '' && OPEN_DETAILS.has(normalise(cell)));
  return (carries || answers) && !blank(third, 0);
}

/** A row of wording under one of names: where a column of times has words. */
function isWording(names: readonly string[], texts: readonly string[]): boolean {
  const isTime = (place: number): boolean => parseSurveyTime(texts[place] ?? '', 'UTC', 'MDY') !== null || parseSurveyTime(texts[place] ?? '', 'UTC', 'DMY') !== null;
  const times = names.flatMap((name, place) => (TIMES.includes(normalise(name)) && (texts[place] ?? '').trim() !== '' ? [place] : []));
  return times.length >= 2 && times.every((place) => !isTime(place) && !/\d/.test(texts[place] ?? ''));
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

const ENTITIES: Readonly<Record<string, string>> = {
  nbsp: ' ', amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", rsquo: '’', lsquo: '‘', ldquo: '“', rdquo: '”', ndash: '–',
  mdash: '—', hellip: '…', bull: '•', eacute: 'é', egrave: 'è', agrave: 'à', ccedil: 'ç', auml: 'ä', ouml: 'ö', uuml: 'ü',
  Auml: 'Ä', Ouml: 'Ö', Uuml: 'Ü', szlig: 'ß', ntilde: 'ñ', aacute: 'á', iacute: 'í', oacute: 'ó', uacute: 'ú', copy: '©', reg: '®',
};

function toCharacter(entity: string): string {
  const [, hex, decimal] = /^#(?:x([\da-f]{1,6})|(\d{1,7}))$/i.exec(entity) ?? [];
  if (hex === undefined && decimal === undefined) return ENTITIES[entity] ?? ENTITIES[entity.toLowerCase()] ?? `&${entity};`;
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : ' ';
}

/** A header's text without HTML, with single spaces. */
export function toPlainText(text: string): string {
  const bare = text.includes('<') ? text.replace(/<(style|script)\b[^>]*>[^]*?<\/\1>|<!--[^]*?-->|<\/?[a-z][^<>]*>/gi, ' ') : text;
  const plain = bare.includes('&') ? bare.replace(/&(#x[\da-f]{1,6}|#\d{1,7}|[a-z]{2,8});/gi, (_, entity: string) => toCharacter(entity)) : bare;
  return plain.replace(/[\s\u00a0\u200b\ufeff]+/g, ' ').trim();
}
