import type { Origin } from '../../kit/graph/id.ts';
import type { Document } from '../../kit/store/port.ts';

/** `${precise time}~${event hash}`: compares as text in the order of (event time, hash). */
export type Stamp = string;

/**
 * A facet by name: the stamp of the event whose word on it is the last, and its body where this subgraph reads it (null
 * otherwise: the event of that stamp holds it). Lists of facets are in the order of their names.
 */
export type Facet = readonly [name: string, stamp: Stamp, body: unknown];

/** START, COMPLETE, FAIL and ABORT change a run's state; of the rest only `running` is kept. */
export type MarkType = 'START' | 'COMPLETE' | 'FAIL' | 'ABORT';

/** An event that starts or ends an attempt. */
export type Mark = readonly [stamp: Stamp, type: MarkType];

/** A dataset as events name it, with the facets that they say of it. */
export interface NamedDataset {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly facets: readonly Facet[];
}

/** What is kept of a run's events so that the next event can be folded in without reading them: each part is a join. */
export interface RunFold {
  /** In order, without repeats. */
  readonly marks: readonly Mark[];
  /** True where an event of type RUNNING was seen. */
  readonly running: boolean;
  /** Milliseconds of the first event of any type. */
  readonly firstAt: number;
  readonly events: number;
  readonly runId: readonly [stamp: Stamp, runId: string];
  readonly job: readonly [stamp: Stamp, namespace: string, name: string];
  readonly run: readonly Facet[];
  readonly jobFacets: readonly Facet[];
  readonly inputs: readonly NamedDataset[];
  readonly outputs: readonly NamedDataset[];
}

export type StoredRunState = 'RUNNING' | 'COMPLETE' | 'FAIL' | 'ABORT' | 'UNKNOWN';
export type AttributionBasis = 'RUN' | 'OWNERSHIP' | 'TAG' | 'PARENT' | 'ROOT' | 'RULE';

/** For whom a run ran, what that rests on and where it was found. */
export interface Attribution {
  readonly team: string;
  readonly basis: AttributionBasis;
  readonly evidence: string;
  /** The part of `attribution.yaml` that read the name; `log` for the column of a log. */
  readonly rule: string;
}

/** Millionths of a currency's unit. */
export interface StoredCost {
  readonly micros: number;
  readonly currency: string;
  readonly service: string | null;
}

export interface JobRunDocument extends Document {
  readonly runId: string;
  readonly origin: Origin;
  readonly jobId: string;
  readonly state: StoredRunState;
  /** Where the run stands in lists: its start, else its end, else its first event. */
  readonly at: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly nominalStartAt: number | null;
  readonly nominalEndAt: number | null;
  readonly waitMs: number | null;
  readonly attempts: number;
  readonly user: string | null;
  readonly costs: readonly StoredCost[];
  /** Claimed by the run's own events; what descendants inherit. */
  readonly claim: Attribution | null;
  /** The claim, or what is inherited, or what a rule says. */
  readonly team: Attribution | null;
  /** Of teams or of the unattributed remainder: the bucket entity and the prefix of the team indexes. */
  readonly group: string;
  readonly parentId: string | null;
  readonly rootId: string | null;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** For runs of OpenLineage. */
  readonly fold: RunFold | null;
  /** For runs of logs: the hash of the log's words, and what of them has no field here. */
  readonly log: { readonly content: string; readonly source: string; readonly extra: unknown } | null;
}

/** A version of a job's source: what named it first, and the moments of the first and the last event that did. */
export interface StoredJobVersion {
  readonly version: string;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly facet: string;
  readonly url: string | null;
}

export interface JobDocument extends Document {
  readonly namespace: string;
  readonly name: string;
  readonly origin: Origin;
  readonly facets: readonly Facet[];
  /** In the order in which events first named them. */
  readonly versions: readonly StoredJobVersion[];
  /** How long its ended runs took, in milliseconds, as a packed sketch; null where none has ended. */
  readonly lengths: Uint8Array | null;
}

export interface DatasetDocument extends Document {
  readonly namespace: string;
  readonly name: string;
  readonly origin: Origin;
  readonly facets: readonly Facet[];
  /** When an event last deleted what was said of the columns that it is made from; null where none did. */
  readonly columnLineageDeleted: Stamp | null;
  /** When an event last deleted what was found of its quality; null where none did. */
  readonly assertionsDeleted: Stamp | null;
}

/** A dataset that another subgraph refers to and no event names; without its names where the reference has none. */
export interface ClaimedDataset extends Document {
  readonly namespace: string | null;
  readonly name: string | null;
  readonly facets: readonly [];
}

export type DatasetReference = DatasetDocument | ClaimedDataset;

/** A job reads (`IN`) or writes (`OUT`) a dataset. */
export interface EdgeDocument extends Document {
  readonly jobId: string;
  readonly datasetId: string;
  readonly kind: 'IN' | 'OUT';
}

/** An event as it came, personal fields replaced. The id is the hash of its canonical JSON. */
export interface EventDocument extends Document {
  /** The run, job or dataset that it is about. */
  readonly subjectId: string;
  readonly at: number;
  readonly body: unknown;
}

/** Marks a run that others name as their parent or root, so that only those are searched for descendants. */
export type FamilyDocument = Document;

/** How many runs a group (a team, or the unattributed remainder, of one origin) has. */
export interface GroupDocument extends Document {
  readonly origin: Origin;
  /** The team's name; null for the unattributed remainder. */
  readonly team: string | null;
  readonly runs: number;
}

/** How many runs of a job ran for a group. */
export interface GroupJobDocument extends Document {
  readonly group: string;
  readonly jobId: string;
  readonly runs: number;
}
