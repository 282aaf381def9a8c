import { createHash } from 'node:crypto';
import { SIMULATED_NAMESPACE } from '../../kit/graph/id.ts';
import { DAY, toDay, toInstant } from './clock.ts';
import { RAW_DATASET } from './company.ts';
import type { DatasetPart } from './openlineage.ts';
import { toCustomFacet, toFacet } from './openlineage.ts';
import type { Fault } from './truth.ts';
import type { World } from './world.ts';

/** Every dataset held a month before the first day, so that no output is judged without one before it. */
const HISTORY_DAYS = 30;
const BYTES_PER_ROW = 74;

interface Field {
  readonly name: string;
  readonly type: string;
}

export const RAW_FIELDS: readonly Field[] = [
  { name: 'session_id', type: 'VARCHAR' },
  { name: 'show_title', type: 'VARCHAR' },
  { name: 'started_at', type: 'TIMESTAMP' },
  { name: 'watched_ms', type: 'BIGINT' },
  { name: 'startup_ms', type: 'INTEGER' },
  { name: 'rebuffer_ms', type: 'INTEGER' },
  { name: 'country', type: 'VARCHAR' },
];

export const SHOW_FIELDS: readonly Field[] = [
  { name: 'day', type: 'DATE' },
  { name: 'country', type: 'VARCHAR' },
  { name: 'sessions', type: 'BIGINT' },
  { name: 'watched_ms', type: 'BIGINT' },
  { name: 'startup_ms', type: 'INTEGER' },
  { name: 'rebuffer_ms', type: 'INTEGER' },
];

export const ROLLUP_FIELDS: readonly Field[] = [
  { name: 'week', type: 'DATE' },
  { name: 'show_title', type: 'VARCHAR' },
  { name: 'watched_ms', type: 'BIGINT' },
];

/** What one run leaves in one dataset: the whole of it, from a month before the first day to the day before the run. */
export interface Written {
  readonly dataset: string;
  readonly fields: readonly Field[];
  readonly rowsPerDay: number;
  /** The columns that are made of the raw sessions' columns of the same name; none where it is not known. */
  readonly fromRaw: readonly string[];
}

export function toInput(dataset: string): DatasetPart {
  return { namespace: SIMULATED_NAMESPACE, name: dataset, facets: {} };
}

/** The fault of an output written at a moment, or null where it is good. */
function findFault(world: World, dataset: string, at: number): Fault | null {
  const plan = world.incidents.get(dataset);
  return plan !== undefined && at >= plan.from && at < plan.to ? plan.fault : null;
}

/** The dataset as the run that ended at `at` left it. */
export function toOutput(world: World, written: Written, at: number): DatasetPart {
  const fault = findFault(world, written.dataset, at);
  const days = HISTORY_DAYS + Math.floor((at - world.startAt) / DAY);
  const noise = world.random(`output/${written.dataset}/${at}`).below(Math.max(1, Math.floor(written.rowsPerDay / 10)));
  const whole = written.rowsPerDay * days + noise;
  const content = toContent(fault, toFields(world, written, at, fault), whole);
  const span = content.rows > 0 ? { firstPeriodOn: toDay(world.startAt - HISTORY_DAYS * DAY), lastPeriodOn: toDay(at - DAY) } : {};
  const contentHash = toContentHash(world, written.dataset, fault, at);
  return {
    namespace: SIMULATED_NAMESPACE,
    name: written.dataset,
    facets: {
      ...(content.header === null ? {} : { schema: toFacet('SchemaDatasetFacet', '1-1-1', { fields: content.header }) }),
      ...(written.fromRaw.length > 0 && content.header !== null ? { columnLineage: toColumnLineage(written.fromRaw) } : {}),
    },
    outputFacets: {
      outputStatistics: toFacet('OutputStatisticsOutputDatasetFacet', '1-0-2', { rowCount: content.rows, size: content.bytes, fileCount: 1 }),
      loopgraph_content: toCustomFacet('OutputDatasetFacet', {
        header: content.header?.map((field) => field.name) ?? null,
        firstLine: content.firstLine,
        lines: content.lines,
        bytes: content.bytes,
        contentHash,
        ...span,
        cadenceDays: 1,
      }),
    },
  };
}

/** A web page and `null` are the same bytes every night; all else differs. */
function toContentHash(world: World, dataset: string, fault: Fault | null, at: number): string {
  const content = fault === 'WEB_PAGE' || fault === 'NULL_CONTENT' ? fault : `${world.id}/${dataset}/${at}`;
  return createHash('sha256').update(content).digest('hex');
}

function toFields(world: World, written: Written, at: number, fault: Fault | null): readonly Field[] {
  const renamed = written.dataset === world.renaming.dataset && at >= world.renaming.at;
  const fields = written.fields.map((field) => (renamed && field.name === 'startup_ms' ? { ...field, name: 'startup_time_ms' } : field));
  return fault === 'COLUMN_GONE' ? fields.filter((field) => field.name !== 'watched_ms') : fields;
}

interface Content {
  readonly rows: number;
  /** Of the file, its header among them. */
  readonly lines: number;
  readonly bytes: number;
  /** Null where the output has no columns at all. */
  readonly header: readonly Field[] | null;
  readonly firstLine: string;
}

function toContent(fault: Fault | null, fields: readonly Field[], whole: number): Content {
  const firstLine = fields.map((field) => field.name).join('\t');
  switch (fault) {
    case 'WEB_PAGE':
      return { rows: 0, lines: 212, bytes: 31_204, header: null, firstLine: '<!DOCTYPE html>' };
    case 'NULL_CONTENT':
      return { rows: 0, lines: 1, bytes: 4, header: null, firstLine: 'null' };
    case 'EMPTY':
      return { rows: 0, lines: 1, bytes: firstLine.length + 1, header: fields, firstLine };
    case 'ROW_LOSS': {
      const rows = Math.floor(whole / 9);
      return { rows, lines: rows + 1, bytes: rows * BYTES_PER_ROW, header: fields, firstLine };
    }
    default:
      return { rows: whole, lines: whole + 1, bytes: whole * BYTES_PER_ROW, header: fields, firstLine };
  }
}

function toColumnLineage(columns: readonly string[]): object {
  const fields = columns.map((name) => [
    name,
    { inputFields: [{ namespace: SIMULATED_NAMESPACE, name: RAW_DATASET, field: name, transformations: [{ type: 'DIRECT', subtype: 'AGGREGATION' }] }] },
  ]);
  return toFacet('ColumnLineageDatasetFacet', '1-2-0', { fields: Object.fromEntries(fields) });
}

/** Keeps what a run truly wrote: opens, lengthens and closes the dataset's incident, and notes the renaming once. */
export function recordOutput(world: World, dataset: string, at: number): void {
  const { incidents, schemaChanges } = world.truth;
  const fault = findFault(world, dataset, at);
  const open = incidents.find((incident) => incident.dataset === dataset && incident.until === null);
  if (fault !== null && open !== undefined) open.badOutputs += 1;
  if (fault !== null && open === undefined) incidents.push({ dataset, fault, since: toInstant(at), until: null, badOutputs: 1 });
  if (fault === null && open !== undefined) open.until = toInstant(at);
  const renamed = fault === null && dataset === world.renaming.dataset && at >= world.renaming.at;
  if (renamed && !schemaChanges.some((change) => change.dataset === dataset)) {
    schemaChanges.push({ dataset, at: toInstant(at), removed: 'startup_ms', added: 'startup_time_ms' });
  }
}
