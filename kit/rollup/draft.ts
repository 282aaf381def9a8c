import { Cardinality } from './cardinality.ts';
import type { Contribution } from './documents.ts';
import type { Delta } from './fold.ts';
import { type BucketContents, packBucket, readBucket } from './packed.ts';
import { Sketch } from './sketch.ts';

/** A bucket while it is being written. Minima, maxima and uniques that a removal touched are stale until they are rebuilt. */
export class Draft {
  /** What it is called in an error. */
  readonly #id: string;
  readonly #names: readonly string[];
  readonly #staleExtremes = new Set<string>();
  readonly #staleUniques = new Set<string>();
  readonly #counts = new Map<string, number>();
  readonly #sketches = new Map<string, Uint8Array>();
  readonly #uniques = new Map<string, Uint8Array>();
  readonly #min = new Map<string, number>();
  readonly #max = new Map<string, number>();

  constructor(id: string, names: readonly string[], bytes: Uint8Array | null) {
    this.#id = id;
    this.#names = names;
    // Counts that cancel out may leave a sum nothing.
    if (bytes === null || bytes.length === 0) return;
    readBucket(bytes, names, {
      count: (name, count) => this.#counts.set(name, count),
      values: (name, min, max, sketch) => {
        this.#sketches.set(name, sketch);
        this.#min.set(name, min);
        this.#max.set(name, max);
      },
      unique: (name, unique) => this.#uniques.set(name, unique),
    });
  }

  /** The greatest value of a name that it has held since it was read. */
  greatest(name: string): number {
    return this.#max.get(name) ?? 0;
  }

  get stale(): boolean {
    return this.#staleExtremes.size > 0 || this.#staleUniques.size > 0;
  }

  /** @throws RangeError where a sum passes 2^53 - 1, or where something is removed that was never added. */
  apply(delta: Delta): void {
    for (const [name, by] of delta.counts) this.#changeCount(name, by);
    for (const [name, net] of delta.values) this.#changeValues(name, net);
    for (const [name, net] of delta.uniques) this.#changeUniques(name, net);
  }

  #changeCount(name: string, by: number): void {
    const count = (this.#counts.get(name) ?? 0) + by;
    if (!Number.isSafeInteger(count)) throw new RangeError(`Expected ${name} of ${this.#id} to stay below 2^53, got ${count}: bound what is taken in.`);
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
      if (by < 0 && (value <= min || value >= max)) this.#staleExtremes.add(name);
    }
  }

  #changeUniques(name: string, net: ReadonlyMap<string, number>): void {
    const unique = Cardinality.from(this.#uniques.get(name));
    for (const [hash, by] of net) {
      if (by > 0) unique.addHash(hash);
      else this.#staleUniques.add(name);
    }
    this.#uniques.set(name, unique.toBytes());
  }

  #extend(name: string, min: number, max: number): void {
    this.#min.set(name, Math.min(min, this.#min.get(name) ?? min));
    this.#max.set(name, Math.max(max, this.#max.get(name) ?? max));
  }

  /** @throws Error where the contributions are not the ones that the bucket was counted from. */
  rebuildFromContributions(contributions: readonly Contribution[]): void {
    for (const name of this.#staleExtremes) {
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
        throw new Error(`Expected recompute to give the ${expected} values of ${name} in ${this.#id}, got ${count}: put the changed documents before applying, and read them all.`);
      }
    }
    for (const name of this.#staleUniques) {
      const unique = new Cardinality();
      for (const { uniques } of contributions) for (const text of uniques?.[name] ?? []) unique.add(text);
      this.#setUnique(name, unique);
    }
  }

  /** Computes what is stale from the packed buckets that this one is made of, which hold everything that it holds. */
  rebuildFromParts(parts: readonly Uint8Array[]): void {
    for (const name of this.#staleExtremes) this.#clearExtremes(name);
    const rebuilt = new Map([...this.#staleUniques].map((name) => [name, new Cardinality()]));
    for (const part of parts) {
      readBucket(part, this.#names, {
        count: () => {},
        values: (name, min, max) => {
          if (this.#staleExtremes.has(name)) this.#extend(name, min, max);
        },
        unique: (name, unique) => rebuilt.get(name)?.mergeBytes(unique),
      });
    }
    for (const [name, unique] of rebuilt) this.#setUnique(name, unique);
  }

  #clearExtremes(name: string): void {
    this.#min.delete(name);
    this.#max.delete(name);
  }

  #setUnique(name: string, unique: Cardinality): void {
    if (unique.isEmpty) this.#uniques.delete(name);
    else this.#uniques.set(name, unique.toBytes());
  }

  /** Null where it holds nothing. */
  toBytes(): Uint8Array | null {
    const contents: BucketContents = { counts: this.#counts, sketches: this.#sketches, min: this.#min, max: this.#max, uniques: this.#uniques };
    return packBucket(contents, this.#names);
  }
}
