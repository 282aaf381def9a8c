import { VarintReader, VarintWriter } from './varint.ts';

/** The largest error of a quantile, as a share of the true one. */
export const RELATIVE_ERROR = 0.01;

const gamma = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);
const logGamma = Math.log(gamma);
const shift = Math.log(1 - RELATIVE_ERROR);

/** Up to this many are sorted faster as they are than as an array of numbers. */
const FEW_BINS = 16;

/**
 * DDSketch (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees", VLDB
 * 2019): how often a value fell into each bin of a logarithmic scale, and exact zeros beside it. Bins are counted and never
 * collapsed, so that equal contents are equal bytes in whatever order they were added, removed and merged, and every quantile
 * keeps its bound. Values from 1 to 10^9 (a millisecond to eleven days) fall into 1,037 bins; all doubles from 10^-300, into 70,000.
 *
 * Bin i holds (gamma^i / (1 + a), gamma^i / (1 - a)], each value of which is within the share a of gamma^i. The paper's
 * bins end at whole powers of gamma, which puts 1, the commonest length, exactly on an edge.
 */
export class Sketch {
  #zeros = 0;
  #count = 0;
  readonly #bins = new Map<number, number>();
  /** Its bins in order; null since a bin came or went. */
  #order: readonly number[] | null = null;

  /** What `toBytes` wrote; null is the empty sketch. */
  static from(bytes: Uint8Array | null | undefined): Sketch {
    const sketch = new Sketch();
    if (bytes) sketch.mergeBytes(bytes);
    return sketch;
  }

  /** How many values it holds. */
  get count(): number {
    return this.#count;
  }

  /** How many of the values are 0. */
  get zeros(): number {
    return this.#zeros;
  }

  /** @throws RangeError for a value that is negative or not finite. */
  add(value: number, count = 1): void {
    this.#change(value, count);
  }

  /** Takes back what was added. @throws RangeError where it was not, as far as the bins can tell. */
  remove(value: number, count = 1): void {
    this.#change(value, -count);
  }

  merge(other: Sketch): void {
    this.#changeZeros(other.#zeros);
    for (const [bin, count] of other.#bins) this.#changeBin(bin, count);
  }

  /** Merges a packed sketch without building it. */
  mergeBytes(bytes: Uint8Array): void {
    const reader = new VarintReader(bytes);
    this.#changeZeros(reader.unsigned());
    if (reader.ended) return;
    for (let bin = reader.signed(); ; bin += 1 + reader.unsigned()) {
      this.#changeBin(bin, reader.unsigned());
      if (reader.ended) return;
    }
  }

  /**
   * The value of rank ⌈q·count⌉ (at least 1) among the values in ascending order, within RELATIVE_ERROR of it; null where there is none.
   * @throws RangeError where q is not in [0, 1].
   */
  quantile(q: number): number | null {
    if (!(q >= 0 && q <= 1)) throw new RangeError(`Expected a quantile from 0 to 1, got ${q}.`);
    if (this.#count === 0) return null;
    let rest = rankOf(q, this.#count) - this.#zeros;
    if (rest <= 0) return 0;
    for (const bin of this.#sortedBins()) {
      rest -= this.#bins.get(bin) ?? 0;
      if (rest <= 0) return middleOf(bin);
    }
    throw new Error('The bins of a sketch must add up to its count.');
  }

  /** The zeros, then each bin as its distance from the one before and its count; all varints. */
  toBytes(): Uint8Array {
    const writer = new VarintWriter();
    writer.unsigned(this.#zeros);
    let last: number | null = null;
    for (const bin of this.#sortedBins()) {
      if (last === null) writer.signed(bin);
      else writer.unsigned(bin - last - 1);
      writer.unsigned(this.#bins.get(bin) ?? 0);
      last = bin;
    }
    return writer.toBytes();
  }

  #sortedBins(): readonly number[] {
    this.#order ??= this.#bins.size <= FEW_BINS ? [...this.#bins.keys()].sort((a, b) => a - b) : Array.from(Int32Array.from(this.#bins.keys()).sort());
    return this.#order;
  }

  #change(value: number, count: number): void {
    if (!(value >= 0 && value < Infinity)) throw new RangeError(`Expected a value of 0 or more in a sketch, got ${value}.`);
    if (value === 0) this.#changeZeros(count);
    else this.#changeBin(Math.ceil((Math.log(value) + shift) / logGamma), count);
  }

  #changeZeros(count: number): void {
    if (this.#zeros + count < 0) throw new RangeError('Expected zeros to be removed that were added; there are fewer.');
    this.#zeros += count;
    this.#count += count;
  }

  #changeBin(bin: number, count: number): void {
    const before = this.#bins.get(bin);
    const left = (before ?? 0) + count;
    if (left < 0) throw new RangeError(`Expected values to be removed that were added; there are fewer near ${middleOf(bin)}.`);
    if (left === 0) this.#bins.delete(bin);
    else this.#bins.set(bin, left);
    if (before === undefined || left === 0) this.#order = null;
    this.#count += count;
  }
}

/** The value that all values of a bin are near; the largest double lies in a bin whose own would be endless. */
function middleOf(bin: number): number {
  return Math.min(Math.exp(bin * logGamma), Number.MAX_VALUE);
}

/** A product such as 0.07 * 100 comes out a hair above the whole number that is meant. */
function rankOf(q: number, count: number): number {
  const exact = q * count;
  const whole = Math.round(exact);
  return Math.max(1, Math.abs(exact - whole) <= 1e-12 * exact ? whole : Math.ceil(exact));
}
