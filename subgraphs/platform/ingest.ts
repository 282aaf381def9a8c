import { originOf, toId } from '../../kit/graph/id.ts';
import { hash } from '../../kit/ingest/canonical.ts';
import { isJsonObject } from '../../kit/ingest/json-object.ts';
import { replacePersonal } from '../../kit/ingest/personal.ts';
import { FUTURE_ALLOWANCE_MS, parseInstant } from '../../kit/ingest/time.ts';
import { rejectEvent } from '../../kit/ingest/receipt.ts';
import { validateEvents } from '../../kit/ingest/validate.ts';
import type { Rejection } from '../../kit/subgraph.ts';
import type { ZodType } from 'zod';
import type { DatasetDocument, EdgeDocument, EventDocument, JobDocument, MarkType, NamedDataset, RunFold, Stamp } from './documents.ts';
import type { ColumnWordDocument, DatasetCheckDocument } from './documents-columns.ts';
import { type DatasetEvent, datasetEventSchema, type JobEvent, jobEventSchema, type RunEvent, runEventSchema } from './events.ts';
import { bodyOf, toFacets, VERSION_FACETS, type VersionFact } from './facts.ts';
import { datasetIdOf, type Mention, type SchemaTold, toMention } from './ingest-datasets.ts';

/** Outputs and inputs of one event that are taken; the rest stays in the event's body only. */
const DATASET_BOUND = 1_000;

/** What one OpenLineage event says, split by the documents that it is folded into. */
export interface Intake {
  readonly index: number;
  readonly event: EventDocument;
  readonly run: { readonly id: string; readonly fold: RunFold } | null;
  readonly job: JobDocument | null;
  readonly datasets: readonly DatasetDocument[];
  readonly edges: readonly EdgeDocument[];
  readonly columnWords: readonly ColumnWordDocument[];
  readonly schemas: readonly SchemaTold[];
  readonly checks: readonly DatasetCheckDocument[];
}

/** Turns a person's identifier into a pseudonym. */
export type Pseudonym = (identifier: string) => string;
type OpenLineageEvent = Partial<RunEvent & JobEvent & DatasetEvent>;

/** Which of the three types an event is, by the entity that it names. */
function schemaOf(event: unknown): ZodType<OpenLineageEvent> {
  if (isJsonObject(event) && !('run' in event)) {
    if ('dataset' in event && !('job' in event)) return datasetEventSchema as ZodType<OpenLineageEvent>;
    if ('job' in event) return jobEventSchema as ZodType<OpenLineageEvent>;
  }
  return runEventSchema as ZodType<OpenLineageEvent>;
}

/** The id of a run as emitters name it: the same UUID in either case is one run. */
export function runIdOf(runId: string): string {
  return toId('JobRun', runId.toLowerCase());
}

export const jobIdOf = (namespace: string, name: string): string => toId('Job', namespace, name);

/**
 * Reads a batch of OpenLineage events. Pure.
 * @param now the moment of receipt: events dated more than a day ahead of it are rejected.
 */
export function readOpenLineage(
  batch: readonly unknown[],
  pseudonym: Pseudonym,
  now: number,
): { intakes: Intake[]; rejected: Rejection[] } {
  const intakes: Intake[] = [];
  const rejected: Rejection[] = [];
  batch.forEach((raw, index) => {
    const { rejected: faults } = validateEvents(schemaOf(raw), [raw]);
    const [fault] = faults;
    if (fault !== undefined) {
      rejected.push({ ...fault, index });
      return;
    }
    const at = parseInstant((raw as { eventTime: string }).eventTime);
    if (at === null || at.ms > now + FUTURE_ALLOWANCE_MS) {
      rejected.push(rejectEvent(index, 'EVENT_IN_FUTURE', 'eventTime', `expected a moment at most a day ahead of ${new Date(now).toISOString()}, got ${String((raw as { eventTime: string }).eventTime)}`));
      return;
    }
    try {
      // The identity is of the event as it came, so that it does not depend on the pseudonym key.
      const id = hash(raw);
      intakes.push(toIntake(index, id, at, replacePersonal(raw, pseudonym) as OpenLineageEvent));
    } catch (error) {
      rejected.push(rejectEvent(index, 'EVENT_INVALID', null, error instanceof Error ? error.message : String(error)));
    }
  });
  return { intakes, rejected };
}

/** Splits an event, personal fields replaced, by the documents that it is folded into. */
export function toIntake(index: number, id: string, at: { ms: number; precise: string }, event: OpenLineageEvent): Intake {
  const stamp: Stamp = `${at.precise}~${id}`;
  const inputs = toNamedDatasets(event.inputs, 'input', 'inputFacets', stamp);
  const outputs = toNamedDatasets(event.outputs, 'output', 'outputFacets', stamp);
  const job = event.job ? toJob(event.job, at.ms, stamp) : null;
  const run = event.run && event.job ? { id: runIdOf(event.run.runId), fold: toFold(event as RunEvent, at.ms, stamp, inputs, outputs) } : null;
  const told = { at: at.ms, stamp, runId: run?.id ?? null };
  const mentions: Mention[] = [
    ...(event.inputs ?? []).slice(0, DATASET_BOUND).map((dataset) => toMention(dataset, { ...told, writerId: null })),
    ...(event.outputs ?? []).slice(0, DATASET_BOUND).map((dataset) => toMention(dataset, { ...told, writerId: job?.id ?? null })),
    ...(event.dataset ? [toMention(event.dataset, { ...told, writerId: null })] : []),
  ];
  // What only column lineage names is a dataset too.
  const datasets = [...mentions.map(({ dataset }) => dataset), ...mentions.flatMap(({ sources }) => sources)];
  const edges = job === null ? [] : [
    ...inputs.map((dataset) => toEdge(job.id, 'IN', dataset.id)),
    ...outputs.map((dataset) => toEdge(job.id, 'OUT', dataset.id)),
  ];
  const subjectId = run?.id ?? job?.id ?? datasets[0]?.id ?? id;
  return {
    index, event: { id, subjectId, at: at.ms, body: event }, run, job, datasets, edges,
    columnWords: mentions.flatMap(({ word }) => word ?? []),
    schemas: mentions.flatMap(({ schema }) => schema ?? []),
    checks: mentions.flatMap((mention) => mention.checks),
  };
}

const MARKS = new Set<string>(['START', 'COMPLETE', 'FAIL', 'ABORT']);

function toFold(event: RunEvent, at: number, stamp: Stamp, inputs: NamedDataset[], outputs: NamedDataset[]): RunFold {
  const type = event.eventType?.toUpperCase() ?? '';
  return {
    marks: MARKS.has(type) ? [[stamp, type as MarkType]] : [],
    running: type === 'RUNNING',
    firstAt: at,
    events: 1,
    runId: [stamp, event.run.runId],
    job: [stamp, event.job.namespace, event.job.name],
    run: toFacets(event.run.facets, 'run', stamp),
    jobFacets: toFacets(event.job.facets, 'runJob', stamp, true),
    inputs,
    outputs,
  };
}

type EventDataset = NonNullable<RunEvent['outputs']>[number];

function toNamedDatasets(list: readonly EventDataset[] | null | undefined, place: 'output' | 'input', own: string, stamp: Stamp): NamedDataset[] {
  const byId = new Map<string, NamedDataset>();
  for (const dataset of (list ?? []).slice(0, DATASET_BOUND)) {
    const id = datasetIdOf(dataset.namespace, dataset.name);
    const facets = [...toFacets(dataset.facets, place, stamp, true), ...toFacets(dataset[own], place, stamp, true)];
    // Facets of one name in both places are one emitter's mistake; the more special place is taken.
    const merged = new Map([...(byId.get(id)?.facets ?? []), ...facets].map((facet) => [facet[0], facet]));
    const sorted = [...merged.values()].sort(([first], [second]) => (first < second ? -1 : 1));
    byId.set(id, { id, namespace: dataset.namespace, name: dataset.name, facets: sorted });
  }
  return [...byId.values()].sort((first, second) => (first.id < second.id ? -1 : 1));
}

function toJob({ namespace, name, facets }: { namespace: string; name: string; facets?: unknown }, at: number, stamp: Stamp): JobDocument {
  const kept = toFacets(facets, 'job', stamp);
  const [named] = VERSION_FACETS.flatMap((facet) => {
    const { version = null, url = null } = bodyOf<VersionFact>(kept, facet) ?? {};
    return version === null ? [] : [{ version, url, facet, firstAt: at, lastAt: at }];
  });
  return {
    id: jobIdOf(namespace, name),
    namespace,
    name,
    origin: originOf(namespace),
    facets: kept,
    versions: named === undefined ? [] : [named],
    lengths: null,
  };
}

/** The id says the whole edge, so that it is written once however many events tell of it. */
function toEdge(jobId: string, kind: EdgeDocument['kind'], datasetId: string): EdgeDocument {
  return { id: `${jobId}|${kind}|${datasetId}`, jobId, datasetId, kind };
}
