import { columnName } from './delimited.ts';
import { FileError, type Parameters } from './importer.ts';
import { ENGAGEMENT_COLUMNS } from './netflix-engagement.ts';
import { TOP10_COLUMNS } from './netflix-top10.ts';
import { SESSION_COLUMNS } from './playback-sessions.ts';
import type { SurveyTable } from './survey-table.ts';

/** Columns by which a table is told to be of another kind, which any table with a header could else pass for a survey's. */
const OTHERS: readonly (readonly [kind: string, headers: readonly (readonly string[])[]])[] = [
  ['netflix-top10', TOP10_COLUMNS],
  ['netflix-engagement', ENGAGEMENT_COLUMNS],
  ['playback-sessions', SESSION_COLUMNS],
];

/** How far into a table another kind's header may stand, below a title and notes. */
const HEADER_ROWS = 20;

/** Parameters by which a caller says what a table's columns are, so that it is a survey whatever its header is like. */
const DECLARING = ['questions', 'team', 'job', 'dataset', 'show', 'user', 'people'];

/** @throws FileError FILE_WRONG_KIND where a header is one that another importer needs, and no parameter declares its columns */
export function refuseOtherKinds({ columns, rows }: SurveyTable, parameters: Parameters): void {
  if (DECLARING.some((name) => parameters[name] !== undefined)) return;
  // SWF begins with comments such as `; Version: 2.2`, which make two columns of a table that semicolons part.
  if (columns[0]?.text === '' && /^[A-Za-z]\w*:/.test(columns[1]?.text ?? '')) refuse('a log in the Standard Workload Format', 'swf');
  const lines = [columns.map(({ text }) => text), ...rows.slice(0, HEADER_ROWS).flatMap((row) => ('cells' in row ? [row.cells] : []))];
  for (const line of lines) {
    const names = new Set(line.map(columnName));
    for (const [kind, headers] of OTHERS) {
      const header = headers.find((needed) => needed.every((column) => names.has(column)));
      if (header !== undefined) refuse(`a table with the columns ${header.join(', ')}`, kind);
    }
  }
}

function refuse(what: string, kind: string): never {
  throw new FileError('FILE_WRONG_KIND', `expected a survey export, got ${what}, which is read as ${kind}; a survey that has such a header says its columns by a parameter, such as questions`);
}
