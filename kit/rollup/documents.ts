import { type Collection, defineCollection, type Document } from '../store/port.ts';
import type { Level } from './bucket.ts';

/**
 * A part of what was recorded of one entity in one month: its tree (`tree.ts`), the hours of a full day, or one large bucket.
 * Nothing that is empty is kept, and equal contents are equal documents.
 */
export interface BucketDocument extends Document {
  readonly id: string;
  readonly packed: Uint8Array;
}

export interface Buckets extends Collection<BucketDocument> {
  /** The names that are written as numbers: the place in this list. */
  readonly names: readonly string[];
}

/**
 * A collection of buckets, by convention `<subgraph>.<plural noun>`. `names` are those of counts, values and uniques that
 * come often: stored buckets say their places in this list, so names are only ever added at its end, and before they are first
 * recorded. Other names are written out.
 */
export function defineBuckets(name: string, names: readonly string[] = []): Buckets {
  return { ...defineCollection<BucketDocument>(name, {}), names };
}

/** The document of one large bucket. */
export function bucketId(entity: string, level: Level, from: number): string {
  return `${entity}|${level}|${from}`;
}

/** The document of a month's tree. */
export function monthId(entity: string, from: number): string {
  return `${entity}|T|${from}`;
}

/** The document of the hours of a day. */
export function hoursId(entity: string, from: number): string {
  return `${entity}|T|D|${from}`;
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
