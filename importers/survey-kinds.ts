import type { QuestionDeclaration } from '../subgraphs/feedback/events.ts';
import type { QuestionColumns } from './survey-questions.ts';
import { tickIn } from './survey-names.ts';
import { cellsAt, toPlainText, type SurveyTable } from './survey-table.ts';

/** An answer that fewer people gave is no option but something that somebody wrote. */
export const COMMON = 5;
/** The share of answers that options must make up. */
const COVERAGE = 0.8;
/** A list joined by commas is taken for one only where nearly all of its parts are options. */
const COMMA_COVERAGE = 0.9;
/** So few different answers, given so often, are options even where some are rare. */
const FEW = 12;
const OFTEN = 3;
export const MOST_OPTIONS = 200;
/** In fewer cells than this share a mark between options is a mark in a text. */
const LISTED = 0.05;
/** The share of answers that must keep to the scale that a header states; the others count as off it. */
const ON_SCALE = 0.8;

type Splitter = (cell: string) => string[];

const whole: Splitter = (cell) => (cell === '' ? [] : [cell]);
const at = (delimiter: string | RegExp): Splitter => (cell) => cell.split(delimiter).map((part) => part.trim()).filter((part) => part !== '');
const bySemicolon = at(';');
/** At commas that are not inside brackets, since options explain themselves in brackets. */
const byComma = at(/,\s+(?![^(]*\))/);
/** As Qualtrics joins options: a comma with a space behind it is an option's own. */
const byBareComma = at(/,(?!\s)(?![^(]*\))/);

/** The ways in which tools join several options in a cell, with the share of all parts that options must make up. */
const LISTS: readonly (readonly [RegExp, Splitter, number])[] = [
  [/;/, bySemicolon, COVERAGE],
  [/\S\|\S|\s\|\s/, at('|'), COVERAGE],
  [/\n/, at('\n'), COVERAGE],
  [/,\s/, byComma, COMMA_COVERAGE],
  [/,\S/, byBareComma, COMMA_COVERAGE],
];

/** How a cell is cut where a caller says that it holds a list: not at all where it is one of the options. */
export function splitterFor(options: readonly string[]): Splitter {
  const known = new Set(options);
  return (cell) => {
    if (known.has(toPlainText(cell))) return [cell];
    return (LISTS.find(([mark]) => mark.test(cell))?.[1] ?? whole)(cell);
  };
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
  const base = { id, text, ...(row === null ? {} : { row }), ...(question.unworded ? { unworded: true } : {}) };
  if (form === 'TICKS') {
    const ticks = places.map((place, each) => wordIn(table, place, question.labels[each] ?? ''));
    return { declaration: { ...base, kind: 'MULTIPLE_CHOICE', options: [...new Set(ticks)] }, places, split: whole, ticks };
  }
  const lines = places.flatMap((place) => cellsAt(table, place));
  const cells = lines.map(toPlainText).filter((cell) => cell !== '');
  const scale = scaleIn(text, cells);
  if (scale !== null) {
    const isNps = scale.min === 0 && scale.max === 10 && /\brecommend/i.test(text);
    return { declaration: { ...base, kind: isNps ? 'NPS' : 'SCALE', scale }, places, split: whole, ticks: null };
  }
  for (const [mark, split, coverage] of LISTS) {
    const options = listIn(lines, mark, split, coverage);
    if (options) return { declaration: { ...base, kind: 'MULTIPLE_CHOICE', options }, places, split, ticks: null };
  }
  const options = optionsOf(cells, whole, COVERAGE);
  if (options) return { declaration: { ...base, kind: form === 'GRID' ? 'GRID' : 'SINGLE_CHOICE', options }, places, split: whole, ticks: null };
  if (cells.some((cell) => cell.includes(', '))) {
    const parts = optionsOf(cells, byComma, COMMA_COVERAGE);
    if (parts) return { declaration: { ...base, kind: 'MULTIPLE_CHOICE', options: parts }, places, split: byComma, ticks: null };
  }
  return { declaration: { ...base, kind: 'TEXT' }, places, split: whole, ticks: null };
}

/**
 * The options of lists that are joined so; null where the cells are no such lists. An option may hold the mark itself: cells
 * are lists only where their parts come in more ways than there are parts, and (but for semicolons, which hardly any option
 * holds) where most parts are also given alone.
 */
function listIn(cells: readonly string[], mark: RegExp, split: Splitter, coverage: number): string[] | null {
  const listed = cells.filter((cell) => mark.test(cell)).length;
  if (listed === 0 || listed < LISTED * cells.length) return null;
  const given = new Set(cells.map(toPlainText));
  const toParts: Splitter = (cell) => split(cell).map(toPlainText);
  const parts = new Set(cells.flatMap(toParts));
  if (given.size <= parts.size) return null;
  const options = optionsOf(cells, toParts, coverage);
  if (!options || split === bySemicolon) return options;
  return options.filter((option) => given.has(option)).length * 2 > options.length ? options : null;
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
    const fitting = cells.filter((cell) => {
      const [, number] = GRADE.exec(cell) ?? [];
      return number !== undefined && Number(number) >= min && Number(number) <= max;
    });
    if (max > min && max - min <= 100 && fitting.length >= ON_SCALE * cells.length) return { min, max };
  }
  return /\brecommend/i.test(text) && statesEnds(cells) ? { min: 0, max: 10 } : null;
}

/** A number of a scale, alone or with its label: `4`, `4.0`, `4 - Satisfied`, `(4) Satisfied`. */
const GRADE = /^\(?(-?\d+(?:\.\d+)?)\)?(?:\s*[-–—:.)]?\s+\D.*)?$/s;

/** True where answers name both ends of 0 to 10, as `0 - Not at all likely` and `10 - Extremely likely`, and keep to it. */
function statesEnds(cells: readonly string[]): boolean {
  const labelled = (end: string): boolean => cells.some((cell) => GRADE.exec(cell)?.[1] === end && cell.trim() !== end);
  return labelled('0') && labelled('10') && cells.every((cell) => Number(GRADE.exec(cell)?.[1]) <= 10 && Number(GRADE.exec(cell)?.[1]) >= 0);
}

/** The option of a ticked column: what it holds where it is ticked, or its label where that is only a mark. */
function wordIn(table: SurveyTable, place: number, label: string): string {
  const word = cellsAt(table, place).map(toPlainText).find((cell) => cell !== '' && tickIn(cell, '') === null);
  return word ?? label;
}
