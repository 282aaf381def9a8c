import { Cardinality } from './cardinality.ts';
import { type PackedSink, readBucket } from './packed.ts';
import { RELATIVE_ERROR, Sketch } from './sketch.ts';

/** What was recorded of an entity in a stretch of time. A count that is absent is 0. */
export interface Totals {
  readonly counts: Readonly<Record<string, number>>;
  readonly min: Readonly<Record<string, number>>;
  readonly max: Readonly<Record<string, number>>;
  /** The merged sketch, unpacked when first asked for; null where no value was recorded. Do not change it. */
  sketch(name: string): Sketch | null;
  /** The merged count of different strings, unpacked when first asked for; null where none was recorded. Do not change it. */
  unique(name: string): Cardinality | null;
}

/** As `DurationDistribution` in common.graphql has it. */
export interface DurationDistribution {
  readonly sampleSize: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  readonly totalMs: number;
  readonly relativeError: number;
}

type Numbers = Readonly<Record<string, number>>;

/** The totals of packed buckets that do not overlap; null where nothing was recorded in any. */
export function createTotals(buckets: readonly Uint8Array[], names: readonly string[]): Totals | null {
  if (buckets.length === 0) return null;
  const counts: Record<string, number> = {};
  const min: Record<string, number> = {};
  const max: Record<string, number> = {};
  const sketches = new Map<string, Uint8Array[]>();
  const uniques = new Map<string, Uint8Array[]>();
  const sink: PackedSink = {
    count(name, count) {
      counts[name] = (counts[name] ?? 0) + count;
    },
    values(name, lowest, highest, sketch) {
      min[name] = Math.min(lowest, min[name] ?? lowest);
      max[name] = Math.max(highest, max[name] ?? highest);
      append(sketches, name, sketch);
    },
    unique: (name, unique) => append(uniques, name, unique),
  };
  let held = 0;
  for (const bytes of buckets) {
    if (bytes.length === 0) continue;
    held += 1;
    readBucket(bytes, names, sink);
  }
  if (held === 0) return null;
  return {
    counts: inOrder(counts),
    min,
    max,
    sketch: lazy((name) => {
      const packed = sketches.get(name);
      if (packed === undefined) return null;
      const sketch = new Sketch();
      for (const each of packed) sketch.mergeBytes(each);
      return sketch;
    }),
    unique: lazy((name) => {
      const packed = uniques.get(name);
      if (packed === undefined) return null;
      const unique = new Cardinality();
      for (const each of packed) unique.mergeBytes(each);
      return unique;
    }),
  };
}

/** By name, whatever order buckets keep them in: lists are made of it. */
function inOrder(record: Numbers): Numbers {
  return Object.fromEntries(Object.keys(record).sort().map((name) => [name, record[name] ?? 0]));
}

function append<V>(lists: Map<string, V[]>, name: string, value: V): void {
  const list = lists.get(name);
  if (list) list.push(value);
  else lists.set(name, [value]);
}

/** The totals of stretches that do not overlap, or of different entities; null where nothing was recorded in any. */
export function mergeTotals(list: Iterable<Totals | null | undefined>): Totals | null {
  const full = [...list].filter((totals) => totals !== null && totals !== undefined);
  if (full.length <= 1) return full[0] ?? null;
  return {
    counts: combine(full.map(({ counts }) => counts), (a, b) => a + b),
    min: combine(full.map(({ min }) => min), Math.min),
    max: combine(full.map(({ max }) => max), Math.max),
    sketch: lazy((name) => {
      const merged = new Sketch();
      for (const totals of full) merged.merge(totals.sketch(name) ?? new Sketch());
      return merged.count === 0 ? null : merged;
    }),
    unique: lazy((name) => {
      const merged = new Cardinality();
      for (const totals of full) merged.merge(totals.unique(name) ?? new Cardinality());
      return merged.isEmpty ? null : merged;
    }),
  };
}

/**
 * How the values of a name, in milliseconds, are distributed; null where none was recorded. The sum is the count of the same name,
 * which applyContributions keeps beside the sketch.
 */
export function toDurationDistribution(totals: Totals | null | undefined, name: string): DurationDistribution | null {
  const sketch = totals?.sketch(name);
  if (!totals || !sketch) return null;
  return {
    sampleSize: sketch.count,
    p50Ms: sketch.quantile(0.5),
    p95Ms: sketch.quantile(0.95),
    p99Ms: sketch.quantile(0.99),
    totalMs: totals.counts[name] ?? 0,
    relativeError: RELATIVE_ERROR,
  };
}

function combine(records: readonly Numbers[], operation: (a: number, b: number) => number): Numbers {
  if (records.length === 1) return records[0] ?? {};
  const combined: Record<string, number> = {};
  for (const record of records) {
    for (const name in record) {
      const value = record[name] ?? 0;
      const before = combined[name];
      combined[name] = before === undefined ? value : operation(before, value);
    }
  }
  return combined;
}

function lazy<V>(build: (name: string) => V): (name: string) => V {
  const built = new Map<string, V>();
  return (name) => {
    let value = built.get(name);
    if (value === undefined) built.set(name, (value = build(name)));
    return value;
  };
}
