import type { Level } from './bucket.ts';
import { Cardinality } from './cardinality.ts';
import type { BucketDocument, Contribution } from './documents.ts';
import type { Delta } from './fold.ts';
import { Sketch } from './sketch.ts';

/** A bucket while it is being written. Minima, maxima and uniques that a removal touched are stale until they are rebuilt. */
export class Draft {
  readonly id: string;
  readonly entity: string;
  readonly level: Level;
  readonly from: number;
  readonly staleExtremes = new Set<string>();
  readonly staleUniques = new Set<string>();
  readonly #counts: Map<string, number>;
  readonly #sketches: Map<string, Uint8Array>;
  readonly #uniques: Map<string, Uint8Array>;
  readonly #min: Map<string, number>;
  readonly #max: Map<string, number>;

  constructor({ id, entity, level, from }: Delta, document: BucketDocument | null) {
    this.id = id;
    this.entity = entity;
    this.level = level;
    this.from = from;
    this.#counts = toMap(document?.counts);
    this.#sketches = toMap(document?.sketches);
    this.#uniques = toMap(document?.uniques);
    this.#min = toMap(document?.min);
    this.#max = toMap(document?.max);
  }

  get stale(): boolean {
    return this.staleExtremes.size > 0 || this.staleUniques.size > 0;
  }

  /** @throws RangeError where a sum passes 2^53 - 1, or where something is removed that was never added. */
  apply(delta: Delta): void {
    for (const [name, by] of delta.counts) this.#changeCount(name, by);
    for (const [name, net] of delta.values) this.#changeValues(name, net);
    for (const [name, net] of delta.uniques) this.#changeUniques(name, net);
  }

  #changeCount(name: string, by: number): void {
    const count = (this.#counts.get(name) ?? 0) + by;
    if (!Number.isSafeInteger(count)) throw new RangeError(`Expected ${name} of ${this.id} to stay below 2^53, got ${count}: bound what is taken in.`);
    if (count === 0) this.#counts.delete(name);
    else this.#counts.set(name, count);
  }

  #changeValues(name: string, net: ReadonlyMap<number, number>): void {
    const sketch = Sketch.from(this.#sketches.get(name));
    for (const [value, by] of net) {
      sketch.add(value, by);
      if (by > 0) this.#extend(name, value, value);
    }
    if (sketch.count === 0) {
      for (const map of [this.#sketches, this.#min, this.#max]) map.delete(name);
      return;
    }
    this.#sketches.set(name, sketch.toBytes());
    const [min = 0, max = 0] = [this.#min.get(name), this.#max.get(name)];
    for (const [value, by] of net) {
      // A zero among others leaves the minimum where it is, and the maximum, which is 0 only where all are.
      if (value === 0 && sketch.zeros > 0) continue;
      if (by < 0 && (value <= min || value >= max)) this.staleExtremes.add(name);
    }
  }

  #changeUniques(name: string, net: ReadonlyMap<string, number>): void {
    const unique = Cardinality.from(this.#uniques.get(name));
    for (const [hash, by] of net) {
      if (by > 0) unique.addHash(hash);
      else this.staleUniques.add(name);
    }
    this.#uniques.set(name, unique.toBytes());
  }

  #extend(name: string, min: number, max: number): void {
    this.#min.set(name, Math.min(min, this.#min.get(name) ?? min));
    this.#max.set(name, Math.max(max, this.#max.get(name) ?? max));
  }

  /** @throws Error where the contributions are not the ones that the bucket was counted from. */
  rebuildFromContributions(contributions: readonly Contribution[]): void {
    for (const name of this.staleExtremes) {
      this.#clearExtremes(name);
      let count = 0;
      for (const { values } of contributions) {
        for (const value of values?.[name] ?? []) {
          this.#extend(name, value, value);
          count++;
        }
      }
      const expected = Sketch.from(this.#sketches.get(name)).count;
      if (count !== expected) {
        throw new Error(`Expected recompute to give the ${expected} values of ${name} in ${this.id}, got ${count}: put the changed documents before applying, and read them all.`);
      }
    }
    for (const name of this.staleUniques) {
      const unique = new Cardinality();
      for (const { uniques } of contributions) for (const text of uniques?.[name] ?? []) unique.add(text);
      this.#setUnique(name, unique);
    }
  }

  /** From the buckets that this one is made of, which hold everything that it holds. */
  rebuildFromParts(parts: readonly BucketDocument[]): void {
    for (const name of this.staleExtremes) {
      this.#clearExtremes(name);
      for (const { min, max } of parts) {
        const [lower, upper] = [min?.[name], max?.[name]];
        if (lower !== undefined && upper !== undefined) this.#extend(name, lower, upper);
      }
    }
    for (const name of this.staleUniques) {
      const unique = new Cardinality();
      for (const { uniques } of parts) if (uniques?.[name]) unique.mergeBytes(uniques[name]);
      this.#setUnique(name, unique);
    }
  }

  #clearExtremes(name: string): void {
    this.#min.delete(name);
    this.#max.delete(name);
  }

  #setUnique(name: string, unique: Cardinality): void {
    if (unique.isEmpty) this.#uniques.delete(name);
    else this.#uniques.set(name, unique.toBytes());
  }

  toDocument(): BucketDocument {
    const { id, entity, level, from } = this;
    return {
      id,
      entity,
      level,
      from,
      counts: toRecord(this.#counts),
      ...(this.#sketches.size > 0 && { sketches: toRecord(this.#sketches) }),
      ...(this.#uniques.size > 0 && { uniques: toRecord(this.#uniques) }),
      ...(this.#min.size > 0 && { min: toRecord(this.#min), max: toRecord(this.#max) }),
    };
  }
}

function toMap<V>(record: Readonly<Record<string, V>> | undefined): Map<string, V> {
  return new Map(record ? Object.entries(record) : []);
}

function toRecord<V>(map: ReadonlyMap<string, V>): Record<string, V> {
  return Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
}
