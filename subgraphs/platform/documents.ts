import type { Connection } from '../../kit/graph/connection.ts';
import type { Origin } from '../../kit/graph/id.ts';
import type { Totals } from '../../kit/rollup/rollup.ts';
import type { Window } from '../../kit/rollup/window.ts';
import type { Document } from '../../kit/store/port.ts';
import type { TransformationFact } from './facts-columns.ts';
import type { AssertionFact } from './facts-quality.ts';

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

/** A column as columns of another dataset are made from it. */
export type StoredColumnSource = readonly [datasetId: string, column: string, transformations: readonly TransformationFact[]];

/**
 * The last that a job said of the columns which it makes a dataset from; of dataset events and of readers, which make nothing,
 * `jobId` is null. It stands unless an event deleted it later.
 */
export interface ColumnWordDocument extends Document {
  readonly jobId: string | null;
  readonly datasetId: string;
  readonly stamp: Stamp;
  readonly stands: boolean;
  /** A hash of `columns`. */
  readonly content: string;
  /** Of each column its sources; of null, which means all rows of the dataset, the columns that decide which there are. */
  readonly columns: readonly (readonly [column: string | null, sources: readonly StoredColumnSource[]])[];
}

/** By the word of one job, a column of a dataset, or all of its rows (null), is made from a column. */
export interface ColumnEdgeDocument extends Document {
  readonly jobId: string | null;
  readonly fromDatasetId: string;
  readonly fromColumn: string;
  readonly toDatasetId: string;
  readonly toColumn: string | null;
  readonly transformations: readonly TransformationFact[];
  /** False for what is said no more. */
  readonly stands: boolean;
}

/** Columns with their types in order, kept once however many datasets have them. */
export interface SchemaDocument extends Document {
  readonly columns: readonly (readonly [name: string, type: string | null])[];
}

/** A schema that events named of a dataset. */
export interface DatasetSchemaVersionDocument extends Document {
  readonly datasetId: string;
  readonly schemaId: string;
  readonly firstAt: number;
  readonly lastAt: number;
  /** The schema that was first named before it; null for the first. */
  readonly previousId: string | null;
}

/** The newest result of one test of a dataset. */
export interface DatasetCheckDocument extends Document {
  readonly datasetId: string;
  readonly stamp: Stamp;
  readonly runId: string | null;
  readonly fact: AssertionFact;
}

export type OutputVerdict = 'GOOD' | 'BAD' | 'UNKNOWN';
export type OutputFault = 'WEB_PAGE' | 'NULL_CONTENT' | 'EMPTY' | 'ROW_LOSS' | 'COLUMN_GONE';

/** A stretch of bad outputs, as far as the outputs up to some moment tell. */
export interface BadStretch {
  readonly id: string;
  readonly fault: OutputFault;
  readonly detail: string;
  readonly since: number;
  readonly firstRunId: string;
  readonly lastRunId: string;
  readonly badOutputs: number;
}

/** All that judging the next output of a chain needs to know of those before. */
export interface ChainState {
  /** Rows of the last good output that recorded them. */
  readonly rows: number | null;
  /** The header of the last good output that recorded one. */
  readonly headerId: string | null;
  /** Of the last output that recorded one. */
  readonly contentHash: string | null;
  readonly verdict: OutputVerdict;
  readonly fault: OutputFault | null;
  readonly stretch: BadStretch | null;
}

/** What a run's events say of one output, as far as it is needed to judge it. */
export interface OutputFacts {
  readonly rows: number | null;
  readonly bytes: number | null;
  readonly files: number | null;
  readonly headerId: string | null;
  readonly firstLine: string | null;
  readonly contentHash: string | null;
  readonly firstPeriodOn: string | null;
  readonly lastPeriodOn: string | null;
  readonly cadenceDays: number | null;
  /** True where rows were added to what was there, so that they say nothing of the whole. */
  readonly partial: boolean;
  /** True where the content itself was looked at, false where only statistics or a schema were. */
  readonly inspected: boolean;
}

export interface RunOutputDocument extends Document, OutputFacts {
  readonly runId: string;
  readonly jobId: string;
  readonly datasetId: string;
  readonly at: number;
  /** When the run ended well; null where it did not: then the output is no link of its job's chain. */
  readonly writtenAt: number | null;
  readonly verdict: OutputVerdict;
  readonly fault: OutputFault | null;
  readonly change: { readonly added: readonly string[]; readonly removed: readonly string[] } | null;
  readonly after: ChainState | null;
}

/** A header, kept once however many outputs have it. */
export interface HeaderDocument extends Document {
  readonly columns: readonly string[];
}

export interface IncidentDocument extends BadStretch, Document {
  readonly origin: Origin;
  readonly datasetId: string;
  readonly jobId: string;
  readonly until: number | null;
  /** False for a stretch that later knowledge undid. */
  readonly stands: boolean;
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

/** Of feedback's entities this subgraph knows the id. */
export interface TeamReference {
  readonly id: string;
}

/** Of feedback's entities this subgraph knows the id. */
export interface UserReference {
  readonly id: string;
}

/** A partition is read from its id. */
export interface DatasetPartitionReference {
  readonly id: string;
  readonly datasetId: string;
  readonly fromOn: string;
  readonly toOn: string;
}

/** What resolvers hand on between fields of types that are not stored. */
export interface LineageReference {
  readonly jobIds: readonly string[];
  readonly datasetIds: readonly string[];
  readonly truncated: boolean;
}

/** Overlapping incidents of one job. */
export interface OutageReference {
  readonly jobId: string;
  readonly since: number;
  readonly until: number | null;
  readonly incidents: readonly IncidentDocument[];
}

/** A run that did not end well. */
export interface FailureReference {
  readonly run: JobRunDocument;
  readonly kind: 'FAILED' | 'ABORTED' | 'VANISHED';
  readonly at: number;
}

/** A dataset with how far it was behind. */
export interface StaleDatasetReference {
  readonly datasetId: string;
  readonly freshness: FreshnessReference;
}

/** How far a dataset is behind. */
export interface FreshnessReference {
  readonly newestPeriodOn: string | null;
  readonly lagDays: number | null;
  readonly cadenceDays: number | null;
  readonly usualDelayDays: number | null;
  readonly stale: boolean | null;
  readonly asOf: number;
}

/** A good output with another header than the good one before. */
export interface DatasetSchemaChangeReference {
  readonly output: RunOutputDocument;
}

/** A column with the dataset that holds it. */
export interface ColumnDocument {
  readonly datasetId: string;
  readonly name: string;
  readonly type: string | null;
  readonly description: string | null;
}

/** A column by name. */
export interface ColumnReferenceReference {
  readonly datasetId: string;
  readonly column: string;
}

/** What a column, or all rows of a dataset, is made from. */
export type ColumnInputReference = ColumnEdgeDocument;

/** What column lineage reaches. */
export interface ColumnLineageReference {
  readonly columns: readonly ColumnReferenceReference[];
  /** Datasets whose every row was reached. */
  readonly whole: readonly string[];
  /** Datasets of all that was reached, nearest first. */
  readonly datasetIds: readonly string[];
  /** Jobs whose word led there, nearest first. */
  readonly jobIds: readonly string[];
  readonly truncated: boolean;
  readonly start: string;
  readonly direction: 'downstream' | 'upstream';
}

/** A dataset as one run read it. */
export interface RunInputReference {
  readonly run: JobRunDocument;
  readonly named: NamedDataset;
}

/** Figures of some bucket entities over a window, merged. */
export interface PlatformUseReference {
  readonly window: Window;
  readonly points: readonly (Totals | null)[];
  readonly entities: readonly string[];
}

export type JobConnectionReference = Connection<JobDocument>;
export type JobRunConnectionReference = Connection<JobRunDocument>;
export type DatasetConnectionReference = Connection<DatasetDocument>;
export type RunOutputConnectionReference = Connection<RunOutputDocument>;
export type DatasetSchemaVersionConnectionReference = Connection<DatasetSchemaVersionDocument>;
export type IncidentConnectionReference = Connection<IncidentDocument>;
export type FailureConnectionReference = Connection<FailureReference>;
