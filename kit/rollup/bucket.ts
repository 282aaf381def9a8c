import { DAY_MS, HOUR_MS } from '../ingest/time.ts';

/** A half-open stretch of time in milliseconds since the epoch. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A quarter of an hour, an hour, a day or a month, in UTC; each is a union of the ones before it. */
export type Level = 'Q' | 'H' | 'D' | 'M';

/** One bucket's stretch of time. `from` is its first moment, in milliseconds since the epoch. */
export interface BucketSpan {
  readonly level: Level;
  readonly from: number;
}

export const QUARTER_HOUR_MS = 900_000;

const lengths = { Q: QUARTER_HOUR_MS, H: HOUR_MS, D: DAY_MS } as const;

/** The first moment of the bucket of this level that holds the instant. */
export function startOfBucket(level: Level, instant: number): number {
  if (level === 'M') {
    const date = new Date(instant);
    return utcMonth(date.getUTCFullYear(), date.getUTCMonth());
  }
  const length = lengths[level];
  return Math.floor(instant / length) * length;
}

/** The end of a bucket, exclusive. */
export function endOfBucket({ level, from }: BucketSpan): number {
  if (level !== 'M') return from + lengths[level];
  const date = new Date(from);
  return utcMonth(date.getUTCFullYear(), date.getUTCMonth() + 1);
}

/**
 * The fewest buckets that tile a span, in order. Buckets nest, so taking the longest that begins here and fits is the best.
 * @throws RangeError where an edge is not on a quarter of an hour.
 */
export function cover(span: Span): BucketSpan[] {
  for (const edge of [span.from, span.to]) {
    if (edge % QUARTER_HOUR_MS !== 0) throw new RangeError(`Expected edges on quarters of an hour (multiples of ${QUARTER_HOUR_MS} ms), got ${edge}.`);
  }
  const buckets: BucketSpan[] = [];
  let from = span.from;
  while (from < span.to) {
    const bucket = longest(from, span.to);
    buckets.push(bucket);
    from = endOfBucket(bucket);
  }
  return buckets;
}

function longest(from: number, to: number): BucketSpan {
  if (from % HOUR_MS !== 0 || from + HOUR_MS > to) return { level: 'Q', from };
  if (from % DAY_MS !== 0 || from + DAY_MS > to) return { level: 'H', from };
  const month: BucketSpan = { level: 'M', from };
  return new Date(from).getUTCDate() === 1 && endOfBucket(month) <= to ? month : { level: 'D', from };
}

/** Date.UTC takes the years 0 to 99 for 1900 to 1999. */
function utcMonth(year: number, month: number): number {
  return new Date(0).setUTCFullYear(year, month, 1);
}
