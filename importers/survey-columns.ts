import { isPersonalField } from '../kit/ingest/personal.ts';
import { hash } from '../kit/ingest/canonical.ts';
import { type SurveyColumn, type SurveyTable, toPlainText } from './survey-table.ts';

/** What a column of an export is. */
export type ColumnRole =
  /** When the response was given; the lower the rank, the better it says so. */
  | { readonly role: 'time'; readonly rank: number }
  /** Names the response. */
  | { readonly role: 'id' }
  /** Names the team that the person answers for, or what the answer is about. */
  | { readonly role: Subject }
  /** Holds a person, an address or a place, and is dropped. */
  | { readonly role: 'personal' }
  /** Says something of the response that is no answer, and is kept beside them. */
  | { readonly role: 'about' }
  | { readonly role: 'question' };

export type Subject = 'team' | 'job' | 'dataset' | 'show';

/** Which header names a subject's column, where a caller says so. */
export type SubjectColumns = Readonly<Partial<Record<Subject, string | undefined>>>;

const SUBJECTS: readonly Subject[] = ['team', 'job', 'dataset', 'show'];

const normalise = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');

/** Names of columns with the time of a response, the best first. */
const TIMES = [
  'timestamp', 'datesubmitted', 'recordeddate', 'submittedat', 'submitdateutc', 'submitdate', 'completiontime',
  'completedat', 'datemodified', 'enddate', 'endtime', 'answeredat', 'timestarted', 'startdate', 'startdateutc', 'starttime',
  'lastmodifiedtime', 'stagedateutc',
];

const IDS = new Set(['respondentid', 'responseid', 'submissionid', 'responsetoken', 'token']);

const ABOUT = new Set([
  'status', 'finished', 'progress', 'durationinseconds', 'collectorid', 'responseset', 'distributionchannel',
  'userlanguage', 'language', 'linkname', 'urlredirect', 'sessionid', 'tags', 'responsetype', 'lastpage',
  'startlanguage', 'seed', 'networkid', 'stagedate', 'score', 'totalscore',
]);

/** Personal columns that only survey exports have, beside those that are declared for all events. */
const PERSONAL = new Set([
  'name', 'yourname', 'surname', 'externalreference', 'externaldatareference', 'locationaccuracy', 'latitude', 'longitude',
  'city', 'stateregion', 'postal', 'zipcode', 'phone', 'phonenumber', 'useragent', 'referer', 'customdata1', 'customdata',
]);

const ASKS_FOR_ADDRESS = /\b(?:your|contact|an?) (?:e-?mail|phone|telephone|home|postal)\b|\b(?:e-?mail|ip|postal|home) address\b|\byour (?:full |first |last |sur)?name\b/i;
const ADDRESS = /^(?:[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\d{1,3}(?:\.\d{1,3}){3})$/;

/** What each column is, by its name, and for people by its cells too: a column that is mostly addresses is personal. */
export function findRoles(table: SurveyTable, subjects: SubjectColumns): ColumnRole[] {
  return table.columns.map((column, place) => roleOf(column, place, table, subjects));
}

function roleOf(column: SurveyColumn, place: number, table: SurveyTable, subjects: SubjectColumns): ColumnRole {
  const name = normalise(column.text);
  const detail = normalise(column.detail ?? '');
  const subject = SUBJECTS.find((each) => subjects[each] !== undefined && toPlainText(subjects[each]) === column.text);
  if (subject) return { role: subject };
  if (name === 'team' && subjects.team === undefined) return { role: 'team' };
  const rank = TIMES.indexOf(name);
  if (rank !== -1) return { role: 'time', rank };
  if (IDS.has(name) || (place === 0 && (name === 'id' || column.text === '#'))) return { role: 'id' };
  const isOpen = column.detail === null || detail === '';
  if (ABOUT.has(name) && isOpen) return { role: 'about' };
  const personal = [name, detail].some((each) => PERSONAL.has(each) || isPersonalField(each));
  if (personal || ASKS_FOR_ADDRESS.test(column.text) || areAddresses(table, place)) return { role: 'personal' };
  return { role: 'question' };
}

function areAddresses({ rows }: SurveyTable, place: number): boolean {
  let filled = 0;
  let addresses = 0;
  for (const row of rows) {
    const cell = 'cells' in row ? (row.cells[place]?.trim() ?? '') : '';
    if (cell === '') continue;
    filled += 1;
    if (ADDRESS.test(cell)) addresses += 1;
  }
  return addresses > 0 && addresses * 2 >= filled;
}

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
}

/**
 * Which columns belong to one question: ticked options (each column holds its own option only, under one heading) are one
 * question, rows of a grid (`Question [Row]`) one question each. Ids come from the wording alone, so that an edition
 * that asks the same has the same id; a wording that comes twice is numbered.
 */
export function findQuestions(table: SurveyTable, roles: readonly ColumnRole[]): QuestionColumns[] {
  const families = new Map<string, Member[]>();
  table.columns.forEach((column, place) => {
    if (roles[place]?.role !== 'question') return;
    if (column.text === '' && isEmpty(table, place)) return;
    const part = toPart(column, table);
    const family = `${part.form} ${part.heading}`;
    families.set(family, [...(families.get(family) ?? []), { place, part }]);
  });
  const questions: Omit<QuestionColumns, 'id'>[] = [];
  for (const members of families.values()) questions.push(...toQuestionColumns(members, table));
  questions.sort((a, b) => (a.places[0] ?? 0) - (b.places[0] ?? 0));
  const times = new Map<string, number>();
  return questions.map((question) => {
    const wording = JSON.stringify([question.text, question.row]);
    const time = (times.get(wording) ?? 0) + 1;
    times.set(wording, time);
    return { ...question, id: toQuestionId(question.text, question.row, time) };
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

const OPEN_DETAILS = new Set(['', 'response', 'openendedresponse']);

function toPart({ text, detail }: SurveyColumn, { source }: SurveyTable): Part {
  if (detail !== null && !OPEN_DETAILS.has(normalise(detail))) return { form: 'second', heading: text, label: detail };
  const grid = toHeading(text);
  if (grid.row !== null) return { form: 'grid', heading: grid.text, label: grid.row };
  const numbered = /^(\d+)\.\s+(.+)$/.exec(text);
  if (numbered) return { form: 'number', heading: numbered[1] ?? '', label: numbered[2] ?? '' };
  const dashed = source === 'QUALTRICS' ? /^(.+?)\s+-\s+(.+)$/.exec(text) : null;
  if (dashed) return { form: 'option', heading: dashed[1] ?? '', label: dashed[2] ?? '' };
  const option = /^([^:]+):(?=\S)(.+)$/.exec(text);
  if (option) return { form: 'option', heading: option[2]?.trim() ?? '', label: option[1]?.trim() ?? '' };
  return { form: 'plain', heading: text, label: null };
}

interface Member {
  readonly place: number;
  readonly part: Part;
}

function toQuestionColumns(
  members: readonly Member[],
  table: SurveyTable,
): Omit<QuestionColumns, 'id'>[] {
  const [first] = members;
  if (!first) return [];
  const { form, heading } = first.part;
  const alone = members.map(({ place }) => ({
    text: wordingOf(table.columns[place]),
    row: null,
    form: 'ONE' as const,
    places: [place],
    labels: [],
  }));
  if (form === 'plain' || members.length < 2) return alone;
  const isTick = ({ place, part }: Member): boolean => form !== 'grid' && isTicked(table, place, part.label ?? '');
  const ticks = members.filter(isTick);
  // Beside the options there may be a column for what is written in.
  if (ticks.length >= 2 && members.length - ticks.length <= 1) {
    const written = alone.filter((_, each) => !ticks.includes(members[each] ?? first));
    const text = form === 'number' ? `Question ${heading}` : heading;
    const places = ticks.map(({ place }) => place);
    const labels = ticks.map(({ part }) => part.label ?? '');
    return [{ text, row: null, form: 'TICKS', places, labels }, ...written];
  }
  if (form !== 'grid' && form !== 'second') return alone;
  return members.map(({ place, part }) => ({ text: heading, row: part.label, form: 'GRID', places: [place], labels: [] }));
}

function wordingOf(column: SurveyColumn | undefined): string {
  const { text = '', detail = null } = column ?? {};
  return detail === null || OPEN_DETAILS.has(normalise(detail)) ? text : `${text} - ${detail}`;
}

/** True where a column holds nothing but its own option, or a 1 for it. */
function isTicked({ rows }: SurveyTable, place: number, label: string): boolean {
  const plain = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
  const option = plain(label);
  return rows.every((row) => {
    const cell = 'cells' in row ? (row.cells[place]?.trim() ?? '') : '';
    return cell === '' || cell === '1' || plain(cell) === option;
  });
}

const isEmpty = ({ rows }: SurveyTable, place: number): boolean =>
  rows.every((row) => !('cells' in row) || (row.cells[place] ?? '').trim() === '');
