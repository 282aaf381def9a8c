import { isJsonObject } from '../../kit/ingest/json-object.ts';
import { rules } from './attribution-rules.ts';
import type { Facet, StoredCost } from './documents.ts';
import { COLUMN_BOUND, toColumns } from './facts-columns.ts';
import { type Body, countOf, dateOf, isDeletion, listOf, momentOf, textOf } from './facts-values.ts';

/**
 * What facets say, read leniently: emitters write what they like under any name, so whatever has not the form that is
 * looked for is as good as absent. Bodies are cut down to what is read before they are kept.
 */

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
    .filter(isJsonObject)
    .flatMap(({ name, type }) => (typeof name === 'string' ? [{ name, type: textOf(type) }] : []))
    .slice(0, 100);

const toTags = (body: Body): TagFact[] =>
  listOf(body['tags'])
    .filter(isJsonObject)
    .flatMap(({ key, value, source }) =>
      typeof key === 'string' && typeof value === 'string' ? [{ key, value, source: textOf(source) }] : [],
    )
    .slice(0, 100);

/** A run that another run names, with the job that it is of. */
const toRunReference = (value: unknown): string | null => {
  const run = isJsonObject(value) ? value['run'] : null;
  return isJsonObject(run) ? textOf(run['runId']) : null;
};

/** A hundred million of a currency's unit: a larger charge is a mistake, and would break sums that must stay exact. */
const LARGEST_MICROS = 1e14;

function toCosts(body: Body): StoredCost[] {
  const charges = Array.isArray(body['charges']) ? body['charges'] : [body];
  return charges.filter(isJsonObject).slice(0, 100).flatMap((charge) => {
    const billed = Number(charge['BilledCost'] ?? Number.NaN);
    const currency = textOf(charge['BillingCurrency'])?.toUpperCase() ?? '';
    const micros = Math.round(billed * 1_000_000);
    if (!(Math.abs(micros) <= LARGEST_MICROS) || !/^[A-Z]{3}$/.test(currency)) return [];
    return [{ micros, currency, service: textOf(charge['ServiceName']) }];
  });
}

/** Who triggered a run of Airflow, from its run facets, old and new. */
const triggerOf = (body: Body): Body => {
  const dagRun = isJsonObject(body['dagRun']) ? body['dagRun'] : {};
  return { user: textOf(dagRun['triggering_user_name']) };
};

/** The text at a path of names joined by dots. */
function textAt(body: Body, path: string): string | null {
  let value: unknown = body;
  for (const name of path.split('.')) value = isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return textOf(value);
}

type Cut = (body: Body) => unknown;

/** Run facets whose bodies are kept in the run, but for what they say of its team. */
const OWN_FACETS: Readonly<Record<string, Cut>> = {
  nominalTime: (body) => ({ start: momentOf(body['nominalStartTime']), end: momentOf(body['nominalEndTime']) }),
  parent: (body) => ({ parent: toRunReference(body), root: toRunReference(body['root']) }),
  tags: toTags,
  airflowDagRun: triggerOf,
  airflow: triggerOf,
  loopgraph_user: (body) => textOf(body['user']),
  loopgraph_wait: (body) => ({ submittedAt: momentOf(body['submittedAt']), waitMs: countOf(body['waitMs']) }),
  focus_cost: toCosts,
};

/** Run facets in which `attribution.yaml` looks for a team keep it beside what else is read of them. */
const RUN_FACETS: Readonly<Record<string, Cut>> = {
  ...OWN_FACETS,
  ...Object.fromEntries(
    [...new Set(rules.run.map(({ facet }) => facet))].map((facet): [string, Cut] => [
      facet,
      (body) => {
        const team = rules.run.filter((place) => place.facet === facet).map(({ path }) => textAt(body, path)).find((name) => name !== null) ?? null;
        const own = Object.hasOwn(OWN_FACETS, facet) ? OWN_FACETS[facet]?.(body) : {};
        return isJsonObject(own) ? { ...own, team } : own;
      },
    ]),
  ),
};

/** Job facets whose bodies are kept in the run, since they say for whom it ran. */
const RUN_JOB_FACETS: Readonly<Record<string, Cut>> = { ownership: toOwners, tags: toTags };

/** Job facets whose bodies are kept in the job. */
const JOB_FACETS: Readonly<Record<string, Cut>> = {
  documentation: (body) => textOf(body['description']),
  jobType: (body) => ({ jobType: textOf(body['jobType']), integration: textOf(body['integration']) }),
  ownership: toOwners,
  tags: toTags,
  sourceCodeLocation: (body) => ({ version: textOf(body['version']) ?? textOf(body['tag']), url: textOf(body['url']) ?? textOf(body['repoUrl']) }),
  jobVersion: (body) => ({ version: textOf(body['version']) ?? textOf(body['jobVersion']), url: textOf(body['url']) }),
};

/** Job facets that name a version of its source, the first that does is taken. `jobVersion` is no standard facet. */
export const VERSION_FACETS = ['sourceCodeLocation', 'jobVersion'] as const;

/** A version as a facet names it. */
export interface VersionFact {
  readonly version: string | null;
  readonly url: string | null;
}

/** Rows, bytes and files of one reading or writing. */
export interface StatisticsFact {
  readonly rows: number | null;
  readonly bytes: number | null;
  readonly files: number | null;
}

const toStatistics = (body: Body): StatisticsFact => ({ rows: countOf(body['rowCount']), bytes: countOf(body['size']), files: countOf(body['fileCount']) });

/** Of these the run keeps where they stand, and the event keeps the body. */
const QUALITY_FACETS: Readonly<Record<string, Cut>> = { dataQualityMetrics: () => true, dataQualityAssertions: () => true };

/** Dataset facets, of either place, whose bodies are kept in the run for its inputs. */
const INPUT_FACETS: Readonly<Record<string, Cut>> = { inputStatistics: toStatistics, ...QUALITY_FACETS };

/** Dataset facets, of either place, whose bodies are kept in the run for its outputs. */
const OUTPUT_FACETS: Readonly<Record<string, Cut>> = {
  outputStatistics: toStatistics,
  ...QUALITY_FACETS,
  schema: (body) => toColumns(body['fields']).map(({ name }) => name),
  version: (body) => textOf(body['datasetVersion']),
  lifecycleStateChange: (body) => textOf(body['lifecycleStateChange']),
  ownership: toOwners,
  loopgraph_content: toContent,
  loopgraph_write: (body) => ({ partial: body['partial'] === true }),
};

/** Dataset facets whose bodies are kept in the dataset. */
const DATASET_FACETS: Readonly<Record<string, Cut>> = {
  documentation: (body) => textOf(body['description']),
  schema: (body) => toColumns(body['fields']),
  ownership: toOwners,
};

const CUTS = {
  run: RUN_FACETS,
  runJob: RUN_JOB_FACETS,
  job: JOB_FACETS,
  input: INPUT_FACETS,
  output: OUTPUT_FACETS,
  dataset: DATASET_FACETS,
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
  if (!isJsonObject(facets)) return [];
  const cuts: Readonly<Record<string, Cut>> = CUTS[place];
  return Object.entries(facets)
    .filter(([name, body]) => body !== null && (!known || Object.hasOwn(cuts, name)))
    .map(([name, body]): Facet => {
      const cut = Object.hasOwn(cuts, name) ? cuts[name] : undefined;
      const kept = cut === undefined || !isJsonObject(body) || isDeletion(body) ? null : cut(body);
      return [name, stamp, kept];
    })
    .sort(([first], [second]) => (first < second ? -1 : 1));
}

/** The body of a facet that is kept, in the form that its cut gives it. */
export function bodyOf<T>(facets: readonly Facet[], name: string): T | null {
  const facet = facets.find(([each]) => each === name);
  return facet === undefined ? null : (facet[2] as T | null);
}
