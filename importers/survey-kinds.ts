import type { QuestionDeclaration } from '../subgraphs/feedback/events.ts';
import type { QuestionColumns } from './survey-columns.ts';
import { toPlainText, type SurveyTable } from './survey-table.ts';

/** An answer that fewer people gave is no option but something that somebody wrote. */
const COMMON = 5;
/** The share of answers that options must make up. */
const COVERAGE = 0.8;
/** A list joined by commas is taken for one only where nearly all of its parts are options. */
const COMMA_COVERAGE = 0.9;
/** So few different answers, given so often, are options even where some are rare. */
const FEW = 12;
const OFTEN = 3;
const MOST_OPTIONS = 200;

type Splitter = (cell: string) => string[];

const whole: Splitter = (cell) => (cell === '' ? [] : [cell]);
const bySemicolon: Splitter = (cell) => cell.split(';').map((part) => part.trim()).filter((part) => part !== '');
/** At commas that are not inside brackets, since options explain themselves in brackets. */
const byComma: Splitter = (cell) => cell.split(/,\s+(?![^(]*\))/).map((part) => part.trim()).filter((part) => part !== '');

/** How a cell is cut where a caller says that it holds a list: not at all where it is one of the options. */
export function splitterFor(options: readonly string[]): Splitter {
  const known = new Set(options);
  return (cell) => (known.has(cell) ? [cell] : cell.includes(';') ? bySemicolon(cell) : byComma(cell));
}

/** A question with how its cells are read. */
export interface ReadQuestion {
  readonly declaration: QuestionDeclaration;
  readonly places: readonly number[];
  readonly split: Splitter;
  /** For options that are ticked, the option of each place; null where cells hold the answers themselves. */
  readonly ticks: readonly string[] | null;
}

/**
 * What kind of question the columns hold, from the header where it says so, else from all the answers of the file.
 * Conservative: an answer becomes an option only where five people gave it, or where there are few different ones given
 * often; all that is not surely a choice is free text, which is kept and never counted. A scale, and with it a mean,
 * exists only where the header states its ends, as `(1-5)` or `0 to 10` do.
 */
export function toReadQuestion(question: QuestionColumns, table: SurveyTable): ReadQuestion {
  const { id, text, row, form, places } = question;
  const base = { id, text, ...(row === null ? {} : { row }) };
  if (form === 'TICKS') {
    const ticks = places.map((place, each) => wordIn(table, place) ?? question.labels[each] ?? '');
    return { declaration: { ...base, kind: 'MULTIPLE_CHOICE', options: [...new Set(ticks)] }, places, split: whole, ticks };
  }
  const cells = places.flatMap((place) => cellsIn(table, place));
  const scale = scaleIn(text, cells);
  if (scale !== null) {
    const isNps = scale.min === 0 && scale.max === 10 && /\brecommend/i.test(text);
    return { declaration: { ...base, kind: isNps ? 'NPS' : 'SCALE', scale }, places, split: whole, ticks: null };
  }
  const listed = cells.filter((cell) => cell.includes(';')).length;
  if (listed > 0 && listed >= 0.05 * cells.length) {
    const options = optionsOf(cells, bySemicolon, COVERAGE);
    // An option may hold a semicolon itself: a list is one only where its parts come in more ways than there are parts.
    if (options && new Set(cells).size > new Set(cells.flatMap(bySemicolon)).size) return { declaration: { ...base, kind: 'MULTIPLE_CHOICE', options }, places, split: bySemicolon, ticks: null };
  }
  const options = optionsOf(cells, whole, COVERAGE);
  if (options) return { declaration: { ...base, kind: form === 'GRID' ? 'GRID' : 'SINGLE_CHOICE', options }, places, split: whole, ticks: null };
  if (cells.some((cell) => cell.includes(', '))) {
    const parts = optionsOf(cells, byComma, COMMA_COVERAGE);
    if (parts) return { declaration: { ...base, kind: 'MULTIPLE_CHOICE', options: parts }, places, split: byComma, ticks: null };
  }
  return { declaration: { ...base, kind: 'TEXT' }, places, split: whole, ticks: null };
}

/** The options that the answers show, the most given first; null where they show none. */
function optionsOf(cells: readonly string[], split: Splitter, coverage: number): string[] | null {
  const counts = new Map<string, number>();
  let total = 0;
  for (const cell of cells) {
    for (const part of split(cell)) {
      counts.set(part, (counts.get(part) ?? 0) + 1);
      total += 1;
    }
  }
  const isClosed = counts.size <= FEW && total >= OFTEN * counts.size && total >= COMMON;
  const options = [...counts]
    .filter(([, count]) => count >= (isClosed ? 2 : COMMON))
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const covered = options.reduce((sum, [, count]) => sum + count, 0);
  if (options.length === 0 || options.length > MOST_OPTIONS || covered < coverage * total) return null;
  return options.map(([option]) => option);
}

const RANGES = [
  /[([]\s*(\d+)\s*(?:-|–|—|to|\.\.+|…)\s*(\d+)\s*[)\]]/i,
  /\b(?:scale|from|between|rate)\b[^.?!]*?\b(\d+)\s*(?:\([^)]*\)\s*)?(?:-|–|—|to|and|\.\.+|…)\s*(\d+)\b/i,
  /\b(\d+)\s*(?:=|:|\()[^,;)]*[,;)]+\s*(?:\.\.\.|…|to|and)?\s*(\d+)\s*(?:=|:|\()/i,
];

/** The scale that a header states, where the answers keep to it. */
function scaleIn(text: string, cells: readonly string[]): { min: number; max: number } | null {
  for (const range of RANGES) {
    const match = range.exec(text);
    if (!match) continue;
    const [min, max] = [Number(match[1]), Number(match[2])];
    const fits = cells.every((cell) => /^-?\d+(?:\.\d+)?$/.test(cell) && Number(cell) >= min && Number(cell) <= max);
    if (max > min && max - min <= 100 && fits) return { min, max };
  }
  return null;
}

/** The cells of a column that hold something, with single spaces. */
export function cellsIn({ rows }: SurveyTable, place: number): string[] {
  return rows.flatMap((row) => {
    const cell = 'cells' in row ? toPlainText(row.cells[place] ?? '') : '';
    return cell === '' ? [] : [cell];
  });
}

/** What a ticked column holds where it is ticked; null where that is nothing or a 1. */
function wordIn(table: SurveyTable, place: number): string | null {
  const [word = '1'] = cellsIn(table, place);
  return word === '1' ? null : word;
}
