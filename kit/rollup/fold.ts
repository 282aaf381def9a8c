import { type BucketSpan, bucketsOf, startOfBucket } from './bucket.ts';
import { hashOf } from './cardinality.ts';
import { bucketId, type Contribution } from './documents.ts';

/** How often each key was added, less how often it was removed. */
type Net<K> = Map<K, number>;

/** What changes in one bucket. Nothing that cancels out is in it. */
export interface Delta extends BucketSpan {
  readonly id: string;
  readonly entity: string;
  readonly counts: Net<string>;
  /** By name: how often each value. */
  readonly values: Map<string, Net<number>>;
  /** By name: how often each hash. */
  readonly uniques: Map<string, Net<string>>;
}

/**
 * Folds contributions by quarter of an hour, drops what cancels out, and sums the rest up into hours, days and months.
 * @throws RangeError for a contribution that no bucket can hold exactly; it is a fault of the caller, who checks what comes in.
 */
export function foldContributions(added: readonly Contribution[], removed: readonly Contribution[]): Delta[] {
  const quarters = new Map<string, Delta>();
  const hashes = new Map<string, string>();
  const fold = (contribution: Contribution, sign: 1 | -1): void => {
    const { entity, at } = contribution;
    if (!Number.isFinite(at)) throw new RangeError(`Expected the instant of a contribution to ${entity} in milliseconds, got ${at}.`);
    foldOne(deltaOf(quarters, entity, { level: 'Q', from: startOfBucket('Q', at) }), contribution, sign, hashes);
  };
  for (const contribution of added) fold(contribution, 1);
  for (const contribution of removed) fold(contribution, -1);
  const all = new Map<string, Delta>();
  for (const quarter of quarters.values()) {
    prune(quarter);
    if (isEmpty(quarter)) continue;
    for (const bucket of bucketsOf(quarter.from)) addUp(deltaOf(all, quarter.entity, bucket), quarter);
  }
  return [...all.values()].filter((delta) => {
    prune(delta);
    return !isEmpty(delta);
  });
}

function deltaOf(deltas: Map<string, Delta>, entity: string, { level, from }: BucketSpan): Delta {
  const id = bucketId(entity, level, from);
  let delta = deltas.get(id);
  if (!delta) deltas.set(id, (delta = { id, entity, level, from, counts: new Map(), values: new Map(), uniques: new Map() }));
  return delta;
}

function foldOne(delta: Delta, contribution: Contribution, sign: 1 | -1, hashes: Map<string, string>): void {
  const { entity, counts = {}, values = {}, uniques = {} } = contribution;
  for (const [name, count] of Object.entries(counts)) {
    if (!Number.isSafeInteger(count)) throw new RangeError(`Expected the count ${name} of ${entity} to be a whole number, in its smallest unit, got ${count}.`);
    if (name in values) throw new RangeError(`Expected ${name} of ${entity} in counts or in values, got both: values are added up by themselves.`);
    increase(delta.counts, name, sign * count);
  }
  for (const [name, list] of Object.entries(values)) {
    const net = inner(delta.values, name);
    for (const value of list) {
      if (!Number.isSafeInteger(value) || value < 0) {
        throw new RangeError(`Expected the values ${name} of ${entity} to be whole numbers of 0 or more, in their smallest unit, got ${value}.`);
      }
      increase(net, value, sign);
      increase(delta.counts, name, sign * value);
    }
  }
  for (const [name, list] of Object.entries(uniques)) {
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
