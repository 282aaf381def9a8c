import { isCalendarDate, parseInstant } from '../../kit/ingest/time.ts';
import type { Facet, StoredCost } from './documents.ts';

/**
 * What facets say, read leniently: emitters write what they like under any name, so whatever has not the form that is
 * looked for is as good as absent. Bodies are cut down to what is read before they are kept.
 */

type Body = Readonly<Record<string, unknown>>;

const isBody = (value: unknown): value is Body => typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string | null => (typeof value === 'string' && value.trim() !== '' ? value.trim() : null);
const countOf = (value: unknown): number | null => (Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : null);
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const dateOf = (value: unknown): string | null => (typeof value === 'string' && isCalendarDate(value) ? value : null);
const momentOf = (value: unknown): number | null => {
  if (typeof value !== 'string') return null;
  return parseInstant(isCalendarDate(value) ? `${value}T00:00Z` : value)?.ms ?? null;
};

/** The most columns that a header keeps. */
const COLUMN_BOUND = 10_000;

/** A column as a schema facet has it; nested fields are joined by dots. */
export interface ColumnFact {
  readonly name: string;
  readonly type: string | null;
  readonly description: string | null;
}

function toColumns(fields: unknown, prefix = ''): ColumnFact[] {
  const columns: ColumnFact[] = [];
  for (const field of listOf(fields)) {
    if (!isBody(field) || typeof field['name'] !== 'string') continue;
    const name = `${prefix}${field['name']}`;
    columns.push({ name, type: textOf(field['type']), description: textOf(field['description']) });
    if (prefix.length < 400) columns.push(...toColumns(field['fields'], `${name}.`));
    if (columns.length >= COLUMN_BOUND) break;
  }
  return columns.slice(0, COLUMN_BOUND);
}

/** A column that another one is made from. */
export interface ColumnSource {
  readonly namespace: string;
  readonly name: string;
  readonly field: string;
}

function toColumnSources(fields: unknown): [column: string, sources: ColumnSource[]][] {
  if (!isBody(fields)) return [];
  return Object.entries(fields)
    .slice(0, COLUMN_BOUND)
    .map(([column, from]) => [
      column,
      listOf(isBody(from) ? from['inputFields'] : null)
        .filter(isBody)
        .flatMap(({ namespace, name, field }) =>
          typeof namespace === 'string' && typeof name === 'string' && typeof field === 'string' ? [{ namespace, name, field }] : [],
        )
        .slice(0, 1_000),
    ]);
}

/** An owner as an ownership facet has it. */
export interface OwnerFact {
  readonly name: string;
  readonly type: string | null;
}

/** A tag as a tags facet has it. */
export interface TagFact {
  readonly key: string;
  readonly value: string;
  readonly source: string | null;
}

const toOwners = (body: Body): OwnerFact[] =>
  listOf(body['owners'])
    .filter(isBody)
    .flatMap(({ name, type }) => (typeof name === 'string' ? [{ name, type: textOf(type) }] : []))
    .slice(0, 100);

const toTags = (body: Body): TagFact[] =>
  listOf(body['tags'])
    .filter(isBody)
    .flatMap(({ key, value, source }) =>
      typeof key === 'string' && typeof value === 'string' ? [{ key, value, source: textOf(source) }] : [],
    )
    .slice(0, 100);

/** A run that another run names, with the job that it is of. */
const toRunReference = (value: unknown): string | null => {
  const run = isBody(value) ? value['run'] : null;
  return isBody(run) ? textOf(run['runId']) : null;
};

/** A hundred million of a currency's unit: a larger charge is a mistake, and would break sums that must stay exact. */
const LARGEST_MICROS = 1e14;

function toCosts(body: Body): StoredCost[] {
  const charges = Array.isArray(body['charges']) ? body['charges'] : [body];
  return charges.filter(isBody).slice(0, 100).flatMap((charge) => {
    const billed = Number(charge['BilledCost'] ?? Number.NaN);
    const currency = textOf(charge['BillingCurrency'])?.toUpperCase() ?? '';
    const micros = Math.round(billed * 1_000_000);
    if (!(Math.abs(micros) <= LARGEST_MICROS) || !/^[A-Z]{3}$/.test(currency)) return [];
    return [{ micros, currency, service: textOf(charge['ServiceName']) }];
  });
}

/** The keys of Airflow's run facets, old and new, that hold `dagRun`. */
const dagRunOf = (body: Body): unknown => {
  const dagRun = isBody(body['dagRun']) ? body['dagRun'] : {};
  const conf = isBody(dagRun['conf']) ? dagRun['conf'] : {};
  return { team: textOf(conf['team']), user: textOf(dagRun['triggering_user_name']) };
};

type Cut = (body: Body) => unknown;

/** Run facets whose bodies are kept in the run. */
const RUN_FACETS: Readonly<Record<string, Cut>> = {
  nominalTime: (body) => ({ start: momentOf(body['nominalStartTime']), end: momentOf(body['nominalEndTime']) }),
  parent: (body) => ({ parent: toRunReference(body), root: toRunReference(body['root']) }),
  tags: toTags,
  airflowDagRun: dagRunOf,
  airflow: dagRunOf,
  loopgraph_team: (body) => textOf(body['name']),
  loopgraph_user: (body) => textOf(body['user']),
  loopgraph_wait: (body) => ({ submittedAt: momentOf(body['submittedAt']), waitMs: countOf(body['waitMs']) }),
  focus_cost: toCosts,
};

/** Job facets whose bodies are kept in the run, since they say for whom it ran. */
const RUN_JOB_FACETS: Readonly<Record<string, Cut>> = { ownership: toOwners, tags: toTags };

/** Job facets whose bodies are kept in the job. */
const JOB_FACETS: Readonly<Record<string, Cut>> = {
  documentation: (body) => textOf(body['description']),
  jobType: (body) => ({ jobType: textOf(body['jobType']), integration: textOf(body['integration']) }),
  ownership: toOwners,
  tags: toTags,
  sourceCodeLocation: (body) => textOf(body['version']) ?? textOf(body['tag']),
};

/** Dataset facets, of either place, whose bodies are kept in the run for its outputs. */
const OUTPUT_FACETS: Readonly<Record<string, Cut>> = {
  outputStatistics: (body) => ({ rows: countOf(body['rowCount']), bytes: countOf(body['size']) }),
  schema: (body) => toColumns(body['fields']).map(({ name }) => name),
  version: (body) => textOf(body['datasetVersion']),
  lifecycleStateChange: (body) => textOf(body['lifecycleStateChange']),
  ownership: toOwners,
  loopgraph_content: toContent,
};

/** Dataset facets whose bodies are kept in the dataset. */
const DATASET_FACETS: Readonly<Record<string, Cut>> = {
  documentation: (body) => textOf(body['description']),
  schema: (body) => toColumns(body['fields']),
  columnLineage: (body) => toColumnSources(body['fields']),
  ownership: toOwners,
};

const CUTS = {
  run: RUN_FACETS,
  runJob: RUN_JOB_FACETS,
  job: JOB_FACETS,
  output: OUTPUT_FACETS,
  dataset: DATASET_FACETS,
  none: {} as Readonly<Record<string, Cut>>,
} as const;

/** What content was found when an output was looked at. */
export interface ContentFact {
  readonly header: readonly string[] | null;
  readonly firstLine: string | null;
  readonly lines: number | null;
  readonly rows: number | null;
  readonly bytes: number | null;
  readonly contentHash: string | null;
  readonly firstPeriodOn: string | null;
  readonly lastPeriodOn: string | null;
  readonly cadenceDays: number | null;
}

function toContent(body: Body): ContentFact {
  const header = Array.isArray(body['header']) ? body['header'].filter((column) => typeof column === 'string') : null;
  return {
    header: header?.slice(0, COLUMN_BOUND) ?? null,
    firstLine: typeof body['firstLine'] === 'string' ? body['firstLine'].slice(0, 500) : null,
    lines: countOf(body['lines']),
    rows: countOf(body['rows']),
    bytes: countOf(body['bytes']),
    contentHash: textOf(body['contentHash']),
    firstPeriodOn: dateOf(body['firstPeriodOn']),
    lastPeriodOn: dateOf(body['lastPeriodOn']),
    cadenceDays: countOf(body['cadenceDays']) || null,
  };
}

/**
 * Facets as they are kept, with the stamp of their event. A facet that is deleted (`_deleted`) stays with a null body, so
 * that an earlier word on it cannot come back.
 */
export function toFacets(facets: unknown, place: keyof typeof CUTS, stamp: string, known = false): Facet[] {
  if (!isBody(facets)) return [];
  const cuts: Readonly<Record<string, Cut>> = CUTS[place];
  return Object.entries(facets)
    .filter(([name, body]) => body !== null && (!known || Object.hasOwn(cuts, name)))
    .map(([name, body]): Facet => {
      const cut = Object.hasOwn(cuts, name) ? cuts[name] : undefined;
      const kept = cut === undefined || !isBody(body) || body['_deleted'] === true ? null : cut(body);
      return [name, stamp, kept];
    })
    .sort(([first], [second]) => (first < second ? -1 : 1));
}

/** The body of a facet that is kept, in the form that its cut gives it. */
export function bodyOf<T>(facets: readonly Facet[], name: string): T | null {
  const facet = facets.find(([each]) => each === name);
  return facet === undefined ? null : (facet[2] as T | null);
}
