import { z } from 'zod';
import { parseInstant } from '../../kit/ingest/time.ts';
import { LONGEST_MS } from './rollup.ts';

const instant = z.string().refine((text) => parseInstant(text) !== null, {
  error: 'expected an RFC 3339 instant such as 2024-11-17T00:00:00Z',
});
/** 1 to 4,096 characters: names are parts of keys only as hashes, yet a longer one is an accident. */
const name = z.string().min(1).max(4_096);
/** Facets of a form that is none, such as an empty list, say nothing; the event that holds them is kept. */
const facets = z.unknown().optional();
const namedJob = z.looseObject({ namespace: name, name, facets });
const namedDataset = z.looseObject({ namespace: name, name, facets });

/** A run event of OpenLineage 1-0 or 2-0: a run of a job started, ended or told something about itself. */
export const runEventSchema = z.looseObject({
  eventTime: instant,
  eventType: z.string().nullish(),
  run: z.looseObject({ runId: name, facets }),
  job: namedJob,
  inputs: z.array(z.looseObject({ ...namedDataset.shape, inputFacets: facets })).nullish(),
  outputs: z.array(z.looseObject({ ...namedDataset.shape, outputFacets: facets })).nullish(),
});

/** A job event: the design of a job, without a run. */
export const jobEventSchema = z.looseObject({
  eventTime: instant,
  job: namedJob,
  inputs: z.array(namedDataset).nullish(),
  outputs: z.array(namedDataset).nullish(),
});

/** A dataset event: what a dataset is, without a run. */
export const datasetEventSchema = z.looseObject({ eventTime: instant, dataset: namedDataset });

/** The kind `openlineage`: any of the three types, told apart by `run`, `job` and `dataset`. */
export type RunEvent = z.infer<typeof runEventSchema>;
export type JobEvent = z.infer<typeof jobEventSchema>;
export type DatasetEvent = z.infer<typeof datasetEventSchema>;

/** Up to ten years, in milliseconds. */
const length = z.number().int().min(0).max(LONGEST_MS);
const text = z.string().min(1).max(1_000);

/**
 * The kind `log-run`: one run of a log that has a line a run, such as the Standard Workload Format. Identified by
 * `source` and `number`; a line never changes. Further fields are kept in the run.
 */
export const logRunSchema = z.looseObject({
  /** The log's name; part of the run's identity. */
  source: text,
  /** The run's number in the log. */
  number: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  /** The namespace of the job. */
  namespace: text,
  job: text,
  /** The team that it ran for; absent where the log does not say. */
  team: text.nullish(),
  /** The person who asked for it; stored as a pseudonym. */
  user: text.nullish(),
  submittedAt: instant.nullish(),
  startedAt: instant,
  waitMs: length.nullish(),
  durationMs: length.nullish(),
  outcome: z.enum(['COMPLETE', 'FAIL', 'ABORT']).nullish(),
});

export type LogRun = z.infer<typeof logRunSchema>;
