import type { Document } from '../../kit/store/port.ts';
import type { Stamp } from './documents.ts';
import type { TransformationFact } from './facts-columns.ts';
import type { AssertionFact } from './facts-quality.ts';

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
