import { replacePersonalText } from '../kit/ingest/personal.ts';
import { isCalendarDate } from '../kit/ingest/time.ts';

/** A cell that could not be read as what its column holds. */
export class CellError extends Error {
  override readonly name = 'CellError';
  readonly column: string;
  constructor(column: string, message: string) {
    super(message);
    this.column = column;
  }
}

/** One row's cells by column; absent columns read as empty. */
export type Cells = Readonly<Record<string, string>>;

/** The trimmed text of a cell; null where it is empty or the column is absent. */
export function textIn(cells: Cells, column: string): string | null {
  const text = cells[column]?.trim() ?? '';
  return text === '' ? null : text;
}

/** The text of a cell that must not be empty. @throws CellError */
export function neededTextIn(cells: Cells, column: string): string {
  const text = textIn(cells, column);
  if (text === null) throw new CellError(column, 'expected a text, got an empty cell');
  return text;
}

/** The text of a cell; null also where it holds a mark of absence: `N/A` as Netflix writes it, `NA` as R does. */
export function presentIn(cells: Cells, column: string): string | null {
  const text = textIn(cells, column);
  return text === 'N/A' || text === 'NA' ? null : text;
}

/** A number without its thousands commas and without the quotes that spreadsheets leave around it in tab-separated files. */
function plainOf(text: string): string {
  const bare = text.replace(/^"(.*)"$/, '$1');
  return /^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(bare) ? bare.replaceAll(',', '') : bare;
}

const NUMBER = /^\d*\.?\d+(?:e[+-]?\d+)?$/i;

/**
 * A whole number of 0 or more, with or without thousands commas or as R writes round ones (`1e+05`); null where the cell
 * is empty or says that there is none. @throws CellError
 */
export function countIn(cells: Cells, column: string): number | null {
  const text = presentIn(cells, column);
  if (text === null) return null;
  const plain = plainOf(text);
  const number = NUMBER.test(plain) ? Number(plain) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw new CellError(column, `expected a whole number, got ${shown(text)}`);
  return number;
}

/** A number of 0 or more; null where the cell is empty or says that there is none. @throws CellError */
export function numberIn(cells: Cells, column: string): number | null {
  const text = presentIn(cells, column);
  if (text === null) return null;
  const plain = plainOf(text);
  const number = NUMBER.test(plain) ? Number(plain) : Number.NaN;
  if (!Number.isFinite(number)) throw new CellError(column, `expected a number, got ${shown(text)}`);
  return number;
}

/**
 * A date as `YYYY-MM-DD`; null where the cell is empty or says that there is none. Spreadsheets add a midnight to it, or
 * write it as month/day/year where the publisher is at home. @throws CellError
 */
export function dateIn(cells: Cells, column: string): string | null {
  const text = presentIn(cells, column);
  if (text === null) return null;
  const [, month = '', day = '', year = ''] = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text) ?? [];
  const date = year === '' ? text.replace(/[T ]00:00(?::00(?:\.0+)?)?Z?$/, '') : `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  if (!isCalendarDate(date)) throw new CellError(column, `expected a date such as 2024-11-17, got ${shown(text)}`);
  return date;
}

/** The cells of columns that an importer does not know, by column; empty ones are left out. */
export function unknownIn(cells: Cells, known: ReadonlySet<string>): Record<string, string> {
  return Object.fromEntries(Object.entries(cells).filter(([column, text]) => !known.has(column) && text.trim() !== ''));
}

/** A cell's text as a message shows it: quoted, of a bounded length, and without mail addresses and credentials. */
export function shown(text: string): string {
  const plain = replacePersonalText(text, () => '…');
  return JSON.stringify(plain.length > 80 ? `${plain.slice(0, 80)}…` : plain);
}
