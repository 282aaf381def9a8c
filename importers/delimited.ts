import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { FileError } from './importer.ts';
import { foreignKind, readLines, toText } from './lines.ts';

/** A record of a delimited file: cells by column, or why it cannot be read. `line` is where it begins. */
export type DelimitedRow =
  | { readonly line: number; readonly cells: Readonly<Record<string, string>> }
  | { readonly line: number; readonly problem: string };

export interface DelimitedFile {
  /** The names in the header, as they are written. */
  readonly header: readonly string[];
  /** The same in the form in which rows are keyed: see `columnName`. */
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<DelimitedRow>;
}

export interface DelimitedOptions {
  /** What the file should be, for messages: `a Netflix Top 10 file`. */
  readonly expected: string;
  /** The columns it cannot do without, in the form of `columnName`, given the columns of a line that may be the header. */
  readonly needed: (columns: ReadonlySet<string>) => readonly string[];
  /** `tab`: no quoting at all, as tab-separated exports have it. `comma`: quoted as RFC 4180 has it. Default: by the header. */
  readonly form?: 'tab' | 'comma';
  /** Reads quotes as spreadsheets do: cells between tabs may be quoted too, and a quote that is no delimiter is a quote. */
  readonly lenient?: boolean;
}

/** How far into a file its header may stand: reports have a title and notes above it. */
const HEADER_LINES = 20;
/** A quote that is still open after so many lines is a broken row, not a long cell. */
const LONGEST_RECORD = 500;
const CHUNK = 500;

/** A column's name in lower case with `_` for all else than letters and digits: `Hours Viewed` is `hours_viewed`. */
export function columnName(written: string): string {
  return written.trim().toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '_').replace(/^_+|_+$/g, '');
}

/**
 * Opens a delimited text file: finds the header by its names, then streams the rows. Takes a byte order mark, either
 * line end, empty lines, and notes above the header. A row of another number of cells, or with a quote that never
 * closes, is a problem of its own line; the rows around it are read.
 * @throws FileError FILE_WRONG_KIND for what is no such text, FILE_MISSING_COLUMN where no line has the needed columns.
 */
export async function openDelimited(
  bytes: AsyncIterable<Uint8Array>,
  options: DelimitedOptions,
): Promise<DelimitedFile> {
  const lines = readLines(bytes);
  const seen: { line: number; text: string }[] = [];
  let found: Header | null = null;
  while (found === null && seen.length < HEADER_LINES) {
    const next = await lines.next();
    if (next.done === true) break;
    const { line, bytes: start } = next.value;
    if (start.length === 0) continue;
    const foreign = seen.length === 0 ? foreignKind(start) : start.includes(0) ? 'binary data' : null;
    const text = foreign === null ? toText(start) : null;
    if (text === null) throw wrongKind(options, foreign ?? 'text that is not UTF-8');
    seen.push({ line, text });
    found = toHeader(text, options);
  }
  if (seen.length === 0) throw wrongKind(options, 'an empty file');
  if (found === null) throw missingColumn(options, seen);
  return { header: found.header, columns: found.columns, rows: readRows(lines, found) };
}

interface Header {
  readonly delimiter: string;
  readonly quoted: boolean;
  readonly lenient: boolean;
  readonly header: readonly string[];
  readonly columns: readonly string[];
}

function toHeader(text: string, options: DelimitedOptions): Header | null {
  for (const candidate of readings(text, options)) {
    if (missingOf(candidate, options).length === 0) return candidate;
  }
  return null;
}

function missingOf({ columns }: Header, { needed }: DelimitedOptions): string[] {
  const known = new Set(columns);
  return needed(known).filter((name) => !known.has(name));
}

function readings(text: string, { form, lenient = false }: DelimitedOptions): Header[] {
  const delimiters = form === 'tab' ? ['\t'] : form === 'comma' ? [','] : ['\t', ',', ';'];
  return delimiters.flatMap((delimiter) => {
    const quoted = delimiter !== '\t' || lenient;
    const header = parseAlone(text, delimiter, quoted);
    return typeof header === 'string' ? [] : [{ delimiter, quoted, lenient, header, columns: distinct(header.map(columnName)) }];
  });
}

function distinct(names: readonly string[]): string[] {
  const times = new Map<string, number>();
  return names.map((name) => {
    const time = (times.get(name) ?? 0) + 1;
    times.set(name, time);
    return time === 1 ? name : `${name}_${time}`;
  });
}

async function* readRows(
  lines: AsyncIterable<{ line: number; bytes: Buffer }>,
  header: Header,
): AsyncGenerator<DelimitedRow> {
  let chunk: { line: number; text: string }[] = [];
  // Lines of a record whose quote is still open.
  let open: { line: number; text: string }[] = [];
  for await (const { line, bytes } of lines) {
    const text = toText(bytes);
    if (text === null || text.includes('\0')) {
      yield* toRows(chunk, header);
      chunk = [];
      yield { line, problem: text === null ? 'expected text in UTF-8, got other bytes' : 'expected text, got binary data' };
      continue;
    }
    if (open.length === 0 && text.trim() === '') continue;
    open.push({ line, text });
    [chunk, open] = closeRecords(chunk, open, header, open.length >= LONGEST_RECORD);
    if (chunk.length >= CHUNK) {
      yield* toRows(chunk, header);
      chunk = [];
    }
  }
  while (open.length > 0) [chunk, open] = closeRecords(chunk, open, header, true);
  yield* toRows(chunk, header);
}

type Piece = { line: number; text: string };

/**
 * Moves the open lines to the chunk where they make whole records. Where they cannot (no more may come, or what a later
 * quote closed is no record), the first open line is a broken row by itself, and the lines behind it are tried anew.
 */
function closeRecords(chunk: Piece[], open: Piece[], header: Header, noMore: boolean): [Piece[], Piece[]] {
  const [first] = open;
  if (first === undefined) return [chunk, open];
  const text = open.length === 1 ? first.text : open.map((piece) => piece.text).join('\n');
  const closed = !header.quoted || !isOpen(text, header.delimiter);
  if (!closed && !noMore) return [chunk, open];
  if (closed && (open.length === 1 || isRecord(text, header))) return [push(chunk, { line: first.line, text }), []];
  push(chunk, first);
  let rest: Piece[] = [];
  for (const piece of open.slice(1)) {
    if (rest.length === 0 && piece.text.trim() === '') continue;
    rest.push(piece);
    [chunk, rest] = closeRecords(chunk, rest, header, false);
  }
  return [chunk, rest];
}

function isRecord(text: string, { columns, delimiter, quoted }: Header): boolean {
  const cells = parseAlone(text, delimiter, quoted);
  return typeof cells !== 'string' && cells.length === columns.length;
}

function push(chunk: Piece[], piece: Piece): Piece[] {
  chunk.push(piece);
  return chunk;
}

/** True where the text ends inside a quoted cell. */
function isOpen(text: string, delimiter: string): boolean {
  if (!text.includes('"')) return false;
  let inside = false;
  let atStart = true;
  for (let place = 0; place < text.length; place += 1) {
    const character = text[place];
    if (inside) {
      if (character !== '"') continue;
      if (text[place + 1] === '"') place += 1;
      else inside = false;
    } else if (character === '"' && atStart) {
      inside = true;
    }
    atStart = !inside && (character === delimiter || character === '\n');
  }
  return inside;
}

function* toRows(chunk: readonly Piece[], header: Header): Generator<DelimitedRow> {
  const { columns, delimiter, quoted } = header;
  const whole = parseTogether(chunk.map(({ text }) => text), delimiter, quoted);
  for (const [place, { line, text }] of chunk.entries()) {
    const strict = whole?.[place] ?? parseAlone(text, delimiter, quoted);
    const cells = typeof strict === 'string' && header.lenient ? (parseLeniently(text, header) ?? strict) : strict;
    if (typeof cells === 'string') yield { line, problem: cells };
    else if (cells.length !== columns.length) {
      yield { line, problem: `expected ${columns.length} cells as in the header, got ${cells.length}` };
    } else {
      yield { line, cells: Object.fromEntries(columns.map((name, column) => [name, cells[column] ?? ''])) };
    }
  }
}

/** All records at once, which is many times faster than one by one; null where one of them is broken. */
function parseTogether(texts: readonly string[], delimiter: string, quoted: boolean): string[][] | null {
  try {
    const records = toCells(texts, delimiter, quoted);
    return records.length === texts.length ? records : null;
  } catch (error) {
    if (error instanceof CsvError) return null;
    throw error;
  }
}

function parseAlone(text: string, delimiter: string, quoted: boolean): string[] | string {
  try {
    return toCells([text], delimiter, quoted)[0] ?? [];
  } catch (error) {
    if (error instanceof CsvError) return `expected a row as RFC 4180 has it: ${error.message}`;
    throw error;
  }
}

/** The cells of one line whose quotes are not RFC 4180's; null where they make no row. */
function parseLeniently(text: string, { columns, delimiter }: Header): string[] | null {
  if (text.includes('\n')) return null;
  const options = delimiter === '\t' ? [{ relax_quotes: true }, { quote: null }] : [{ relax_quotes: true }];
  for (const relaxed of options) {
    try {
      const [cells] = parse(text, { delimiter, relax_column_count: true, ...relaxed }) as string[][];
      if (cells?.length === columns.length) return cells;
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
    }
  }
  return null;
}

function toCells(texts: readonly string[], delimiter: string, quoted: boolean): string[][] {
  return parse(texts.join('\n'), {
    delimiter,
    quote: quoted ? '"' : null,
    escape: quoted ? '"' : null,
    relax_column_count: true,
    record_delimiter: '\n',
  });
}

function wrongKind({ expected }: DelimitedOptions, got: string): FileError {
  return new FileError('FILE_WRONG_KIND', `expected ${expected}, got ${got}`);
}

function missingColumn(options: DelimitedOptions, seen: readonly { line: number; text: string }[]): FileError {
  const [best] = seen
    .flatMap(({ line, text }) => readings(text, options).map((reading) => ({ line, reading })))
    .map((each) => ({ ...each, missing: missingOf(each.reading, options) }))
    .sort((a, b) => a.missing.length - b.missing.length || b.reading.header.length - a.reading.header.length);
  const missing = best?.missing ?? [];
  const names = (best?.reading.header ?? []).slice(0, 40).map((name) => name.slice(0, 60));
  return new FileError(
    'FILE_MISSING_COLUMN',
    `expected ${options.expected} with the column${missing.length > 1 ? 's' : ''} ${missing.join(', ')}; line ${best?.line ?? 1} has ${names.join(', ')}`,
  );
}
