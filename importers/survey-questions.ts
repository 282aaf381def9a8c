import { hash } from '../kit/ingest/canonical.ts';
import type { ColumnRole } from './survey-columns.ts';
import { normalise, OPEN_DETAILS, tickIn } from './survey-names.ts';
import { cellsAt, type SurveyColumn, type SurveyTable } from './survey-table.ts';

/** Columns that hold one question's answers: mostly one, or one for each option that can be ticked. */
export interface QuestionColumns {
  readonly id: string;
  readonly text: string;
  /** The row's label where the question is one of a grid. */
  readonly row: string | null;
  readonly form: 'ONE' | 'GRID' | 'TICKS';
  readonly places: readonly number[];
  /** What each place's column is headed beside the question: the option that can be ticked there; empty for the other forms. */
  readonly labels: readonly string[];
  /** True where the file does not hold the wording, and `text` only stands in for it. */
  readonly unworded: boolean;
}

/**
 * Which columns belong to one question: ticked options (each column holds its own option only, under one heading) are one
 * question, rows of a grid (`Question [Row]`, `Row:Question`, a second header row) one question each. Ids come from the
 * wording alone, so that an edition that asks the same has the same id; a wording that comes twice is numbered.
 */
export function findQuestions(table: SurveyTable, roles: readonly ColumnRole[]): QuestionColumns[] {
  const parts = toParts(table);
  const families = new Map<string, Member[]>();
  table.columns.forEach((column, place) => {
    const part = parts[place];
    if (roles[place]?.role !== 'question' || !part) return;
    if (column.text === '' && cellsAt(table, place).length === 0) return;
    // A label that comes again begins another question of the same words.
    let time = 1;
    const nameOf = (): string => JSON.stringify([part.form, part.heading, time]);
    while (part.form !== 'plain' && families.get(nameOf())?.some((member) => member.part.label === part.label)) time += 1;
    families.set(nameOf(), [...(families.get(nameOf()) ?? []), { place, part }]);
  });
  const questions: Omit<QuestionColumns, 'id'>[] = [];
  for (const members of families.values()) questions.push(...toQuestionColumns(members, table));
  questions.sort((a, b) => (a.places[0] ?? 0) - (b.places[0] ?? 0));
  const times = new Map<string, number>();
  return joinLooseTicks(questions, table).map((question) => {
    const wording = question.unworded ? JSON.stringify(question.labels) : JSON.stringify([question.text, question.row]);
    const time = (times.get(wording) ?? 0) + 1;
    times.set(wording, time);
    const id = question.unworded ? hash([null, question.labels, time]) : toQuestionId(question.text, question.row, time);
    return { ...question, id };
  });
}

/** A question's id from its wording alone; `time` numbers the questions of one wording in one edition, from 1. */
export function toQuestionId(text: string, row: string | null, time: number): string {
  return hash(time === 1 ? [text, row] : [text, row, time]);
}

/** A header cut into the question and the row of a grid: `Question [Row]`. */
export function toHeading(text: string): { readonly text: string; readonly row: string | null } {
  const [, heading = text, row = null] = /^(.+?)\s*\[([^[\]]+)\]$/.exec(text) ?? [];
  return { text: heading, row: row?.trim() ?? null };
}

interface Part {
  readonly form: 'plain' | 'grid' | 'number' | 'option' | 'second';
  readonly heading: string;
  readonly label: string | null;
}

function toParts({ columns, source }: SurveyTable): Part[] {
  const headings = new Map<string, string>();
  for (const { group } of columns) {
    if (group === null || headings.has(group)) continue;
    headings.set(group, sharedHeading(columns.flatMap((column) => (column.group === group ? [column.text] : []))));
  }
  return columns.map((column) => toPart(column, source, column.group === null ? null : (headings.get(column.group) ?? '')));
}

/** What the headers of one question have in common, up to a dash; empty where that is nothing. */
function sharedHeading(texts: readonly string[]): string {
  const [first = '', ...others] = texts;
  let length = first.length;
  for (const text of others) while (!text.startsWith(first.slice(0, length))) length -= 1;
  return others.length === 0 ? '' : (/^(.*\S)\s+-\s/.exec(first.slice(0, length))?.[1] ?? '');
}

function toPart({ text, detail }: SurveyColumn, source: SurveyTable['source'], shared: string | null): Part {
  if (detail !== null && !OPEN_DETAILS.has(normalise(detail))) return { form: 'second', heading: text, label: detail };
  if (shared !== null && shared !== '') return { form: 'option', heading: shared, label: text.slice(shared.length).replace(/^\s+-\s+/, '') };
  const grid = toHeading(text);
  if (grid.row !== null) return { form: 'grid', heading: grid.text, label: grid.row };
  const numbered = /^(\d+)\.\s+(.+)$/.exec(text);
  if (numbered) return { form: 'number', heading: numbered[1] ?? '', label: numbered[2] ?? '' };
  const dashed = source === 'QUALTRICS' && shared === null ? /^(.+?)\s+-\s+(.+)$/.exec(text) : null;
  if (dashed) return { form: 'option', heading: dashed[1] ?? '', label: dashed[2] ?? '' };
  // SurveyGizmo's `Option:Question`; a colon with a space behind it belongs to either text.
  const option = /^((?:[^:]|:(?=\s))+):+(?=\S)(.+)$/.exec(text);
  if (option) return { form: 'option', heading: option[2]?.trim() ?? '', label: option[1]?.trim() ?? '' };
  return { form: 'plain', heading: text, label: null };
}

interface Member {
  readonly place: number;
  readonly part: Part;
}

const WRITTEN = /\b(?:other|others|write.?in|specify|text|sonstiges?|andere|autres?|otros?|outros?|altro)\b/i;

function toQuestionColumns(members: readonly Member[], table: SurveyTable): Omit<QuestionColumns, 'id'>[] {
  const [first] = members;
  if (!first) return [];
  const { form, heading } = first.part;
  const alone = members.map(({ place }) => ({
    text: wordingOf(table.columns[place]),
    row: null,
    form: 'ONE' as const,
    places: [place],
    labels: [],
    unworded: false,
  }));
  if (form === 'plain' || members.length < 2) return alone;
  const ticks = members.filter(({ place, part }) => isTicked(table, place, part.label ?? ''));
  // Beside the options there may be columns for what is written in.
  const others = members.filter((member) => !ticks.includes(member));
  if (ticks.length >= 2 && others.length <= Math.max(1, others.filter(({ part }) => WRITTEN.test(part.label ?? '')).length) && isChoice(ticks, form, table)) {
    const written = alone.filter((_, each) => others.includes(members[each] ?? first));
    const text = form === 'number' ? `Question ${heading}` : heading;
    const places = ticks.map(({ place }) => place);
    const labels = ticks.map(({ part }) => part.label ?? '');
    return [{ text, row: null, form: 'TICKS', places, labels, unworded: form === 'number' }, ...written];
  }
  if (form === 'number') return alone;
  return members.map(({ place, part }) => ({ text: heading, row: part.label, form: 'GRID', places: [place], labels: [], unworded: false }));
}

function wordingOf(column: SurveyColumn | undefined): string {
  const { text = '', detail = null } = column ?? {};
  return detail === null || OPEN_DETAILS.has(normalise(detail)) ? text : `${text} - ${detail}`;
}

/** True where a column says of its own option only whether it is ticked. */
function isTicked(table: SurveyTable, place: number, label: string): boolean {
  return [...new Set(cellsAt(table, place))].every((cell) => tickIn(cell, label) !== null);
}

/** A grid of grades in which all gave 1 looks like ticks: there, something must be left out, or be the option itself. */
function isChoice(ticks: readonly Member[], form: Part['form'], table: SurveyTable): boolean {
  if (form !== 'grid') return true;
  return table.rows.some((row) => 'cells' in row && ticks.some(({ place }) => tickIn(row.cells[place] ?? '', '') !== 'TICKED'));
}

/** Columns side by side that are headed by an option alone and hold nothing else: one question, whose wording is not there. */
function joinLooseTicks(questions: readonly Omit<QuestionColumns, 'id'>[], table: SurveyTable): Omit<QuestionColumns, 'id'>[] {
  const isLoose = ({ form, places: [place = -1], text }: Omit<QuestionColumns, 'id'>): boolean => {
    const cells = form === 'ONE' ? [...new Set(cellsAt(table, place))] : [];
    return cells.length > 0 && cells.every((cell) => normalise(cell) === normalise(text));
  };
  const joined: Omit<QuestionColumns, 'id'>[] = [];
  let run: Omit<QuestionColumns, 'id'>[] = [];
  const close = (): void => {
    const labels = run.map(({ text }) => text);
    if (run.length < 2) joined.push(...run);
    else joined.push({ text: labels.join(' / ').slice(0, 200), row: null, form: 'TICKS', places: run.flatMap(({ places }) => places), labels, unworded: true });
    run = [];
  };
  for (const question of questions) {
    if (isLoose(question)) run.push(question);
    else {
      close();
      joined.push(question);
    }
  }
  close();
  return joined;
}
