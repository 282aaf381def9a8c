import { ABOUT, IDS, normalise, OPEN_DETAILS, TIMES } from './survey-names.ts';
import { isPersonal } from './survey-people.ts';
import { type SurveyColumn, type SurveyTable, toPlainText } from './survey-table.ts';

/** What a column of an export is. */
export type ColumnRole =
  /** When the response was given; the lower the rank, the better it says so. */
  | { readonly role: 'time'; readonly rank: number }
  /** Names the response. */
  | { readonly role: 'id' }
  /** Names the team that the person answers for, or what the answer is about. */
  | { readonly role: Subject }
  /** Identifies the person; only the pseudonym is kept. */
  | { readonly role: 'user' }
  /** Holds a person, an address or a place, and is dropped. */
  | { readonly role: 'personal' }
  /** Says something of the response that is no answer, and is kept beside them. */
  | { readonly role: 'about' }
  | { readonly role: 'question' };

export type Subject = 'team' | 'job' | 'dataset' | 'show';

/** Which header names a subject's column, where a caller says so. */
export type SubjectColumns = Readonly<Partial<Record<Subject, string | undefined>>>;

const SUBJECTS: readonly Subject[] = ['team', 'job', 'dataset', 'show'];

/** Columns that the caller says identify the person, or hold people, by header. */
export interface PeopleColumns {
  readonly user?: string | undefined;
  readonly people?: readonly string[];
}

/** What each column is, by its name, and for people by its cells too. */
export function findRoles(table: SurveyTable, subjects: SubjectColumns, { user, people = [] }: PeopleColumns = {}): ColumnRole[] {
  const dropped = new Set(people.map(toPlainText));
  const person = user === undefined ? null : toPlainText(user);
  return table.columns.map((column, place) => {
    if (dropped.has(headerOf(column))) return { role: 'personal' };
    return headerOf(column) === person ? { role: 'user' } : roleOf(column, place, table, subjects);
  });
}

/** A column's header as a caller writes it: both rows where there are two. */
const headerOf = ({ text, detail }: SurveyColumn): string => (detail === null || OPEN_DETAILS.has(normalise(detail)) ? text : `${text} - ${detail}`);

function roleOf(column: SurveyColumn, place: number, table: SurveyTable, subjects: SubjectColumns): ColumnRole {
  const name = normalise(column.text);
  const subject = SUBJECTS.find((each) => subjects[each] !== undefined && toPlainText(subjects[each]) === column.text);
  if (subject) return { role: subject };
  if (name === 'team' && subjects.team === undefined) return { role: 'team' };
  const rank = TIMES.indexOf(name);
  if (rank !== -1) return { role: 'time', rank };
  if (IDS.has(name) || (place === 0 && (name === 'id' || column.text === '#'))) return { role: 'id' };
  const isOpen = column.detail === null || column.detail === '';
  if (ABOUT.has(name) && isOpen) return { role: 'about' };
  return { role: isPersonal(column, place, table) ? 'personal' : 'question' };
}

