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

/** A whole number of 0 or more, with or without thousands commas; null where the cell is empty. @throws CellError */
export function countIn(cells: Cells, column: string): number | null {
  const text = textIn(cells, column);
  if (text === null) return null;
  const plain = /^\d{1,3}(?:,\d{3})+$/.test(text) ? text.replaceAll(',', '') : text;
  const number = /^\d+(?:\.0+)?$/.test(plain) ? Number(plain) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw new CellError(column, `expected a whole number, got ${shown(text)}`);
  return number;
}

/** A number of 0 or more; null where the cell is empty. @throws CellError */
export function numberIn(cells: Cells, column: string): number | null {
  const text = textIn(cells, column);
  if (text === null) return null;
  const number = /^\d*\.?\d+(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(number)) throw new CellError(column, `expected a number, got ${shown(text)}`);
  return number;
}

/** The cells of columns that an importer does not know, by column; empty ones are left out. */
export function unknownIn(cells: Cells, known: ReadonlySet<string>): Record<string, string> {
  return Object.fromEntries(Object.entries(cells).filter(([column, text]) => !known.has(column) && text.trim() !== ''));
}

/** A cell's text as a message shows it: quoted and of a bounded length. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
