import type { Connection } from '../../kit/graph/connection.ts';
import type { Totals } from '../../kit/rollup/rollup.ts';
import type { Window } from '../../kit/rollup/window.ts';
import type { ColumnEdgeDocument, DatasetSchemaVersionDocument } from './documents-columns.ts';
import type { IncidentDocument, RunOutputDocument } from './documents-outputs.ts';
import type { DatasetDocument, JobDocument, JobRunDocument, NamedDataset } from './documents.ts';

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
