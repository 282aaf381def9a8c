import { Cardinality } from './cardinality.ts';
import { packBucket, readBucket } from './packed.ts';
import { Sketch } from './sketch.ts';

/**
 * The packed sum of packed buckets that do not overlap; null where they hold nothing. `id` is what it is called in an error.
 * @throws RangeError where a count passes 2^53 - 1.
 */
export function sumBuckets(parts: Iterable<Uint8Array>, names: readonly string[], id: string): Uint8Array | null {
  const counts = new Map<string, number>();
  const sketches = new Map<string, Sketch>();
  const min = new Map<string, number>();
  const max = new Map<string, number>();
  const uniques = new Map<string, Cardinality>();
  const sink: Parameters<typeof readBucket>[2] = {
    count(name, by) {
      const count = (counts.get(name) ?? 0) + by;
      if (!Number.isSafeInteger(count)) throw new RangeError(`Expected ${name} of ${id} to stay below 2^53, got ${count}: bound what is taken in.`);
      counts.set(name, count);
    },
    values(name, lowest, highest, packed) {
      const sketch = sketches.get(name);
      if (sketch) sketch.mergeBytes(packed);
      else sketches.set(name, Sketch.from(packed));
      min.set(name, Math.min(lowest, min.get(name) ?? lowest));
      max.set(name, Math.max(highest, max.get(name) ?? highest));
    },
    unique(name, packed) {
      const unique = uniques.get(name);
      if (unique) unique.mergeBytes(packed);
      else uniques.set(name, Cardinality.from(packed));
    },
  };
  for (const part of parts) if (part.length > 0) readBucket(part, names, sink);
  for (const [name, count] of counts) if (count === 0) counts.delete(name);
  const pack = <V extends { toBytes(): Uint8Array }>(map: ReadonlyMap<string, V>): Map<string, Uint8Array> => new Map([...map].map(([name, each]) => [name, each.toBytes()]));
  return packBucket({ counts, sketches: pack(sketches), min, max, uniques: pack(uniques) }, names);
}
