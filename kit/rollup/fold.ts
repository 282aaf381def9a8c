import { startOfBucket } from './bucket.ts';
import { hashOf } from './cardinality.ts';
import type { Contribution } from './documents.ts';

/** How often each key was added, less how often it was removed. */
type Net<K> = Map<K, number>;

/** What changes in a stretch. Nothing that cancels out is in it. */
export interface Delta {
  readonly counts: Net<string>;
  /** By name: how often each value. */
  readonly values: Map<string, Net<number>>;
  /** By name: how often each hash. */
  readonly uniques: Map<string, Net<string>>;
}

/** What changes in one quarter of an hour of an entity; never nothing. */
export class QuarterDelta {
  readonly entity: string;
  /** The quarter's first moment. */
  readonly from: number;
  /** The only contribution, where it is added and there is no other. */
  readonly sole: Contribution | null;
  readonly #delta: () => Delta;
  #made: Delta | null = null;

  constructor(entity: string, from: number, sole: Contribution | null, delta: () => Delta) {
    this.entity = entity;
    this.from = from;
    this.sole = sole;
    this.#delta = delta;
  }

  get delta(): Delta {
    this.#made ??= this.#delta();
    return this.#made;
  }
}

interface Quarter {
  readonly entity: string;
  readonly from: number;
  readonly added: Contribution[];
  readonly removed: Contribution[];
}

/**
 * Folds contributions by entity and quarter of an hour, and drops what cancels out.
 * @throws RangeError for a contribution that no bucket can hold exactly; it is a fault of the caller, who checks what comes in.
 */
export function foldContributions(added: readonly Contribution[], removed: readonly Contribution[]): QuarterDelta[] {
  const quarters = new Map<string, Map<number, Quarter>>();
  const quarterOf = ({ entity, at }: Contribution): Quarter => {
    if (!Number.isFinite(at)) throw new RangeError(`Expected the instant of a contribution to ${entity} in milliseconds, got ${at}.`);
    let own = quarters.get(entity);
    if (!own) quarters.set(entity, (own = new Map()));
    const from = startOfBucket('Q', at);
    let quarter = own.get(from);
    if (!quarter) own.set(from, (quarter = { entity, from, added: [], removed: [] }));
    return quarter;
  };
  for (const contribution of added) quarterOf(contribution).added.push(contribution);
  for (const contribution of removed) quarterOf(contribution).removed.push(contribution);
  const hashes = new Map<string, string>();
  const checked = new Map<object, Contribution>();
  const changed: QuarterDelta[] = [];
  for (const own of quarters.values()) {
    for (const quarter of own.values()) {
      const [first] = quarter.added;
      if (first !== undefined && quarter.added.length === 1 && quarter.removed.length === 0) {
        // A fact that many entities count is checked and folded once; of the others only where they have more.
        const make = (): Delta => foldQuarter(quarter, hashes);
        const alike = checked.get(first.counts ?? first);
        if (alike !== undefined && isAlike(alike, first)) {
          changed.push(new QuarterDelta(quarter.entity, quarter.from, first, make));
          continue;
        }
        const delta = make();
        if (isEmpty(delta)) continue;
        checked.set(first.counts ?? first, first);
        changed.push(new QuarterDelta(quarter.entity, quarter.from, first, () => delta));
        continue;
      }
      const delta = foldQuarter(quarter, hashes);
      if (!isEmpty(delta)) changed.push(new QuarterDelta(quarter.entity, quarter.from, null, () => delta));
    }
  }
  return changed;
}

/** Whether two contributions are of one fact. */
export function isAlike(one: Contribution, other: Contribution): boolean {
  return one.counts === other.counts && one.values === other.values && one.uniques === other.uniques;
}

function foldQuarter({ added, removed }: Quarter, hashes: Map<string, string>): Delta {
  const delta: Delta = { counts: new Map(), values: new Map(), uniques: new Map() };
  for (const contribution of added) foldOne(delta, contribution, 1, hashes);
  for (const contribution of removed) foldOne(delta, contribution, -1, hashes);
  prune(delta);
  return delta;
}

/** What changes in all of them together. */
export function sumDeltas(deltas: readonly Delta[]): Delta {
  const [first] = deltas;
  if (first !== undefined && deltas.length === 1) return first;
  const sum: Delta = { counts: new Map(), values: new Map(), uniques: new Map() };
  for (const delta of deltas) addUp(sum, delta);
  prune(sum);
  return sum;
}

function foldOne(delta: Delta, contribution: Contribution, sign: 1 | -1, hashes: Map<string, string>): void {
  const { entity, counts = {}, values = {}, uniques = {} } = contribution;
  for (const name of Object.keys(counts)) {
    const count = counts[name] as number;
    if (!Number.isSafeInteger(count)) throw new RangeError(`Expected the count ${name} of ${entity} to be a whole number, in its smallest unit, got ${count}.`);
    if (name in values) throw new RangeError(`Expected ${name} of ${entity} in counts or in values, got both: values are added up by themselves.`);
    increase(delta.counts, name, sign * count);
  }
  for (const name of Object.keys(values)) {
    const list = values[name] ?? [];
    const net = inner(delta.values, name);
    for (const value of list) {
      if (!Number.isSafeInteger(value) || value < 0) {
        throw new RangeError(`Expected the values ${name} of ${entity} to be whole numbers of 0 or more, in their smallest unit, got ${value}.`);
      }
      increase(net, value, sign);
      increase(delta.counts, name, sign * value);
    }
  }
  for (const name of Object.keys(uniques)) {
    const list = uniques[name] ?? [];
    const net = inner(delta.uniques, name);
    for (const text of list) {
      let hash = hashes.get(text);
      if (hash === undefined) hashes.set(text, (hash = hashOf(text)));
      increase(net, hash, sign);
    }
  }
}

function addUp(into: Delta, delta: Delta): void {
  for (const [name, count] of delta.counts) increase(into.counts, name, count);
  for (const [name, net] of delta.values) for (const [value, count] of net) increase(inner(into.values, name), value, count);
  for (const [name, net] of delta.uniques) for (const [hash, count] of net) increase(inner(into.uniques, name), hash, count);
}

function increase<K>(net: Net<K>, key: K, by: number): void {
  net.set(key, (net.get(key) ?? 0) + by);
}

function inner<K>(map: Map<string, Net<K>>, name: string): Net<K> {
  let net = map.get(name);
  if (!net) map.set(name, (net = new Map()));
  return net;
}

function prune(delta: Delta): void {
  dropZeros(delta.counts);
  for (const map of [delta.values, delta.uniques]) {
    for (const [name, net] of map as Map<string, Net<unknown>>) {
      dropZeros(net);
      if (net.size === 0) map.delete(name);
    }
  }
}

function dropZeros(net: Net<unknown>): void {
  for (const [key, count] of net) if (count === 0) net.delete(key);
}

function isEmpty(delta: Delta): boolean {
  return delta.counts.size === 0 && delta.values.size === 0 && delta.uniques.size === 0;
}
