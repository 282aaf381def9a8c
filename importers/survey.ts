import { hash } from '../kit/ingest/canonical.ts';
import { findZone } from '../kit/rollup/zone.ts';
import { isCalendarDate } from '../kit/ingest/time.ts';
import type { ResponseEvent, SurveyEvent, SurveyKey } from '../subgraphs/feedback/events.ts';
import { shown } from './cells.ts';
import { FileError, toUnreadable, type Importer, type Parameters, type Row } from './importer.ts';
import { createAdditions } from './survey-additions.ts';
import { type ColumnRole, findRoles } from './survey-columns.ts';
import { applyDeclarations, inferMeasures, parseDeclarations } from './survey-declarations.ts';
import { refuseOtherKinds } from './survey-foreign.ts';
import { type ReadQuestion, toReadQuestion } from './survey-kinds.ts';
import { tickIn } from './survey-names.ts';
import { findQuestions } from './survey-questions.ts';
import { readSurveyTable, type SurveyRow, type SurveyTable, toPlainText } from './survey-table.ts';
import { type DateOrder, dateOrderOf, parseSurveyTime } from './survey-time.ts';

/** Takes exports of survey tools, in which a row is a person and a column a question. */
export const survey: Importer = {
  kind: 'survey',
  description: 'survey exports as CSV or TSV: Google Forms, SurveyMonkey, SurveyGizmo (Alchemer), Qualtrics and alike',
  parameters: {
    namespace: 'whose survey it is; default `default`',
    name: "the survey's name, the same for all editions; default: from `fileName`, without its year",
    edition: "which edition; default: the year in `fileName`, else the first answer's",
    openedOn: 'the first day on which it could be answered; default unknown',
    closedOn: 'the last day; default unknown',
    whole: '`true` (default) where the file holds all answers; `false` while more may come: figures then move in steps of five',
    invited: 'how many people were asked; default unknown',
    timeZone: 'the IANA zone of timestamps that name none; default: what the file says, else UTC',
    dateOrder: '`MDY` or `DMY`, for dates such as 5/6/2020; default: by the dates, else `MDY`',
    team: 'the header of the column that names a team; default `Team`',
    job: 'the header of the column that names a job; default none',
    dataset: 'the header of the column that names a dataset; default none',
    show: "the header of the column with a show's title; default none",
    aboutNamespace: 'the namespace of those jobs, datasets and shows; default `namespace`',
    user: 'the header of the column that identifies the person, of which only a pseudonym is kept; default none',
    people: 'JSON list of the headers of further columns that hold people, which are dropped; default none',
    questions: 'JSON list of {column, id?, formerly?, kind?, scale?: {min, max}, options?, measures?, optional?}: what the header does not say',
    fileName: "the file's name",
  },
  read,
};

async function* read(bytes: AsyncIterable<Uint8Array>, parameters: Parameters): AsyncGenerator<Row> {
  checkParameters(parameters);
  const declarations = parseDeclarations(parameters['questions']);
  const table = await readSurveyTable(bytes);
  refuseOtherKinds(table, parameters);
  const roles = findRoles(table, parameters, { user: parameters['user'], people: parsePeople(parameters['people']) });
  const found = findQuestions(table, roles).map((columns) => toReadQuestion(columns, table));
  const questions = inferMeasures(applyDeclarations(found, declarations));
  if (questions.length === 0) throw new FileError('FILE_MISSING_COLUMN', 'expected a survey export, got no column with a question');
  const clock = toClock(table, roles, parameters);
  const key = toSurveyKey(table, questions, clock, parameters);
  const { openedOn, closedOn, invited } = parameters;
  const event: SurveyEvent = {
    ...key,
    whole: parameters['whole'] !== 'false',
    questions: questions.map(({ declaration }) => declaration),
    ...(openedOn === undefined ? {} : { openedOn }),
    ...(closedOn === undefined ? {} : { closedOn }),
    ...(invited === undefined ? {} : { invited: Number(invited) }),
  };
  yield { line: 0, kind: 'survey', event };
  const about = parameters['aboutNamespace'] ?? key.namespace;
  const reading: Reading = { key, table, roles, questions, clock, about, times: new Map() };
  const additions = createAdditions(found.map(({ declaration }) => declaration), event.questions);
  for (const row of table.rows) yield take(row, reading, additions.note);
  let more = false;
  for await (const row of table.rest) {
    more = true;
    yield take(row, reading, additions.note);
  }
  // What the first rows did not show may be an option all the same, once the rest is read.
  const added = more ? additions.questions() : [];
  if (added.length > 0) yield { line: 0, kind: 'survey', event: { ...event, questions: added } };
}

function take(row: SurveyRow, reading: Reading, note: (answers: ResponseEvent['answers']) => void): Row {
  if ('problem' in row) return toUnreadable(row);
  const taken = toRow(row, reading);
  if ('event' in taken) note((taken.event as ResponseEvent).answers);
  return taken;
}

function parsePeople(text: string | undefined): string[] {
  if (text === undefined) return [];
  let value: unknown = null;
  try {
    value = JSON.parse(text);
  } catch {
    // Said below, as of any other value that is no list.
  }
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value;
  throw new FileError('FILE_BAD_PARAMETER', `people: expected a JSON list of headers, got ${shown(text)}`);
}

function checkParameters(parameters: Parameters): void {
  const bad = (name: string, expected: string): never => {
    throw new FileError('FILE_BAD_PARAMETER', `${name}: expected ${expected}, got ${shown(parameters[name] ?? '')}`);
  };
  for (const name of ['openedOn', 'closedOn']) {
    const date = parameters[name];
    if (date !== undefined && !isCalendarDate(date)) bad(name, 'a date such as 2020-01-29');
  }
  const { invited, dateOrder, timeZone, whole } = parameters;
  if (whole !== undefined && whole !== 'true' && whole !== 'false') bad('whole', 'true or false');
  if (invited !== undefined && !/^\d{1,15}$/.test(invited)) bad('invited', 'a whole number');
  if (dateOrder !== undefined && dateOrder !== 'MDY' && dateOrder !== 'DMY') bad('dateOrder', 'MDY or DMY');
  try {
    findZone(timeZone ?? 'UTC');
  } catch {
    // Said below, as of a parameter.
    bad('timeZone', 'an IANA time zone name');
  }
}

/** How the times of a file's responses are read. */
interface Clock {
  /** The columns that hold times, the best first. */
  readonly places: readonly number[];
  readonly timeZone: string;
  readonly order: DateOrder;
}

function toClock(table: SurveyTable, roles: readonly ColumnRole[], { timeZone, dateOrder }: Parameters): Clock {
  const times = roles.flatMap((role, place) => (role.role === 'time' ? [{ place, rank: role.rank }] : []));
  const places = times.toSorted((a, b) => a.rank - b.rank).map(({ place }) => place);
  const order = dateOrder === 'DMY' || dateOrder === 'MDY' ? dateOrder : dateOrderOf(textsIn(table, places));
  return { places, timeZone: timeZone ?? knownZone(table.timeZone) ?? 'UTC', order };
}

/** A zone that a file names, where it is one. */
function knownZone(zone: string | null): string | null {
  try {
    return zone === null ? null : findZone(zone).name;
  } catch {
    // A file may name a zone in its own words: then its times are read as if it named none.
    return null;
  }
}

function* textsIn({ rows }: SurveyTable, places: readonly number[]): Generator<string> {
  for (const row of rows) for (const place of places) if ('cells' in row && row.cells[place]) yield row.cells[place];
}

/** The best of a row's times; empty where it has none. */
function timeIn(cells: readonly string[], { places }: Clock): { readonly place: number; readonly text: string } {
  const place = places.find((each) => (cells[each] ?? '').trim() !== '') ?? -1;
  return { place, text: (cells[place] ?? '').trim() };
}

function toSurveyKey(
  table: SurveyTable,
  questions: readonly ReadQuestion[],
  clock: Clock,
  { namespace = 'default', name, edition, fileName = '' }: Parameters,
): SurveyKey {
  const stem = fileName.replace(/^.*[/\\]/, '').replace(/\.(?:gz|csv|tsv|txt)\b.*$/i, '');
  const [, year] = /(?<!\d)((?:19|20)\d{2})(?!\d)/.exec(stem) ?? [];
  const named = (year === undefined ? stem : stem.replace(year, '')).replace(/[-_ .]{2,}/g, '-').replace(/^[-_ .]+|[-_ .]+$/g, '');
  const wording = hash(questions.map(({ declaration }) => declaration.text));
  return {
    namespace,
    name: name ?? (named === '' ? `survey ${wording}` : named),
    edition: edition ?? year ?? firstYear(table, clock) ?? '1',
  };
}

function firstYear(table: SurveyTable, clock: Clock): string | null {
  let first: number | null = null;
  for (const row of table.rows) {
    const at = 'cells' in row ? parseSurveyTime(timeIn(row.cells, clock).text, clock.timeZone, clock.order) : null;
    if (at !== null && (first === null || at < first)) first = at;
  }
  return first === null ? null : String(new Date(first).getUTCFullYear());
}

interface Reading {
  readonly key: SurveyKey;
  readonly table: SurveyTable;
  readonly roles: readonly ColumnRole[];
  readonly questions: readonly ReadQuestion[];
  readonly clock: Clock;
  /** The namespace of the jobs, datasets and shows that answers are about. */
  readonly about: string;
  /** How often each row has come so far in this file, by its hash: equal rows are different people. */
  readonly times: Map<string, number>;
}

function toRow({ line, cells }: { line: number; cells: readonly string[] }, reading: Reading): Row {
  const { key, table, roles, questions, clock, about: namespace } = reading;
  const reject = (field: string | null, message: string): Row => ({ line, rejected: { code: 'ROW_INVALID', field, message } });
  if (cells.every((cell) => cell.trim() === '')) return reject(null, 'expected a response, got a row of empty cells');
  const { place: timed, text: time } = timeIn(cells, clock);
  const at = time === '' ? null : parseSurveyTime(time, clock.timeZone, clock.order);
  if (time !== '' && at === null) {
    const expected = `expected a time such as 2020-01-29 15:02:25 (see the parameters timeZone and dateOrder), got ${shown(time)}`;
    return reject(table.columns[timed]?.text ?? null, expected);
  }
  const pick = (role: ColumnRole['role']): string | null => {
    const place = roles.findIndex((each) => each.role === role);
    return toPlainText(cells[place] ?? '') || null;
  };
  const [team, job, dataset, title] = [pick('team'), pick('job'), pick('dataset'), pick('show')];
  const [responseId, user] = [pick('id'), pick('user')];
  const event: ResponseEvent = {
    survey: key,
    ...(responseId === null ? { row: toRowIdentity(cells, reading) } : { responseId }),
    ...(at === null ? {} : { answeredAt: new Date(at).toISOString() }),
    ...(user === null ? {} : { user }),
    ...(team === null ? {} : { team }),
    ...(job === null ? {} : { job: { namespace, name: job } }),
    ...(dataset === null ? {} : { dataset: { namespace, name: dataset } }),
    ...(title === null ? {} : { show: { namespace, title } }),
    answers: questions.flatMap((question) => toAnswers(question, cells)),
    about: toAbout(cells, reading),
  };
  return { line, kind: 'survey-response', event };
}

/** Of what is kept: two people who differ only in what is dropped are told apart by their ordinals, like any equal rows. */
function toRowIdentity(
  cells: readonly string[],
  { table, roles, times }: Reading,
): { hash: string; ordinal: number } {
  const kept = cells.flatMap((cell, place) => {
    const { text = '', detail = null } = table.columns[place] ?? {};
    return roles[place]?.role === 'personal' || roles[place]?.role === 'user' || cell === '' ? [] : [[text, detail, cell]];
  });
  const rowHash = hash(kept);
  const ordinal = times.get(rowHash) ?? 0;
  times.set(rowHash, ordinal + 1);
  return { hash: rowHash, ordinal };
}

function toAnswers({ declaration, places, split, ticks }: ReadQuestion, cells: readonly string[]): ResponseEvent['answers'] {
  const { id: question, kind } = declaration;
  const texts = places.map((place) => cells[place] ?? '').filter((cell) => cell.trim() !== '');
  if (texts.length === 0) return [];
  if (ticks) {
    const values = ticks.filter((option, each) => ['TICKED', null].includes(tickIn(cells[places[each] ?? -1] ?? '', option)));
    return values.length === 0 ? [] : [{ question, values: [...new Set(values)] }];
  }
  if (kind === 'TEXT') return [{ question, value: texts.join('\n') }];
  const values = texts.flatMap((text) => split(text).map(toPlainText).filter((part) => part !== ''));
  return kind === 'MULTIPLE_CHOICE' ? [{ question, values }] : values.slice(0, 1).map((value) => ({ question, value }));
}

/** Columns that are no answers, by header: status, language, other times. */
function toAbout(cells: readonly string[], { table, roles }: Reading): Record<string, string> {
  const about: Record<string, string> = {};
  table.columns.forEach(({ text }, place) => {
    const role = roles[place]?.role;
    const cell = (cells[place] ?? '').trim();
    if ((role === 'about' || role === 'time') && cell !== '' && text !== '') about[text] = cell;
  });
  return about;
}
