import { type Collection, defineCollection, type Document, type Index } from '../store/port.ts';
import type { Level } from './bucket.ts';

/**
 * What was recorded of one entity in one bucket. Only what is there is kept: no zero counts, no empty sketches; a document
 * without any reads as an empty point. Keys of each map are sorted, so equal contents are equal documents.
 */
export interface BucketDocument extends Document {
  /** `${entity}|${level}|${from}` */
  readonly id: string;
  readonly entity: string;
  readonly level: Level;
  /** The first moment, in milliseconds since the epoch. */
  readonly from: number;
  readonly counts: Readonly<Record<string, number>>;
  /** Packed sketches. */
  readonly sketches?: Readonly<Record<string, Uint8Array>>;
  /** Packed cardinalities. */
  readonly uniques?: Readonly<Record<string, Uint8Array>>;
  readonly min?: Readonly<Record<string, number>>;
  readonly max?: Readonly<Record<string, number>>;
}

export type Buckets = Collection<BucketDocument> & { readonly bySpan: Index<BucketDocument> };

/** A collection of buckets, by convention `<subgraph>.<plural noun>`. */
export function defineBuckets(name: string): Buckets {
  return defineCollection<BucketDocument, 'bySpan'>(name, { bySpan: (bucket) => [bucket.entity, bucket.level, bucket.from] });
}

export function bucketId(entity: string, level: Level, from: number): string {
  return `${entity}|${level}|${from}`;
}

/** What one fact adds to an entity's buckets at an instant. */
export interface Contribution {
  /** The subgraph's own name for what is measured, such as `team:<id>`; at most 180 bytes. */
  readonly entity: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Whole numbers, in their smallest unit, that are added up. One at least is above 0, since a bucket in which all are 0 reads as null. */
  readonly counts?: Readonly<Record<string, number>>;
  /**
   * Whole numbers of 0 or more that are kept as a sketch, a minimum and a maximum, and added up exactly under the same name
   * in the counts; so a name is used in `counts` or in `values`, not in both.
   */
  readonly values?: Readonly<Record<string, readonly number[]>>;
  /** Strings of which the different ones are counted. */
  readonly uniques?: Readonly<Record<string, readonly string[]>>;
}
