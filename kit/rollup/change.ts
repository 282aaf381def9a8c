import { type Level, startOfBucket } from './bucket.ts';
import { bucketId, type Contribution, hoursId } from './documents.ts';
import { Draft } from './draft.ts';
import { type QuarterDelta, sumDeltas } from './fold.ts';
import { sumBuckets } from './sum.ts';
import { createList, FINER, type Held, INLINE_BYTES, LIST_BYTES, type Node, packHours, unpackHours } from './tree.ts';

/** What a tree needs while it changes. */
export interface Surroundings {
  readonly entity: string;
  readonly names: readonly string[];
  readonly read: (ids: readonly string[]) => Promise<readonly (Uint8Array | null)[]>;
  readonly put: (id: string, packed: Uint8Array) => void;
  readonly remove: (id: string) => void;
  /** A bucket of one contribution: what was made for another entity's of the same fact, or what is made now. */
  readonly pack: (sole: Contribution, make: () => Uint8Array | null) => Uint8Array | null;
  /** All that a quarter of an hour consists of now; `greatest` tells of a name the greatest value that the quarter has held. */
  readonly recompute: (from: number, greatest: (name: string) => number) => Promise<readonly Contribution[]>;
}

/** Changes a stretch of an entity's tree by what changes in its quarters, and writes what is kept apart from it. Gives how many bytes of quarters there are more. */
export async function changeTree(node: Node, deltas: readonly QuarterDelta[], around: Surroundings): Promise<number> {
  const before = node.size;
  const { total } = node;
  if (total === null) {
    for (const delta of deltas) await changeQuarter(node, delta, around);
    if (node.size > LIST_BYTES[node.level]) split(node, around);
    return node.size - before;
  }
  await load(node, total, deltas, around);
  if (node.level === 'H') for (const delta of deltas) await changeQuarter(node, delta, around);
  else {
    const parts = node.parts ?? new Map<number, Node>();
    const grown = await Promise.all(
      [...groupByPart(node, deltas)].map(([from, own]) => {
        let part = parts.get(from);
        if (!part) parts.set(from, (part = createList(FINER[node.level] as 'D' | 'H', from)));
        return changeTree(part, own, around);
      }),
    );
    for (const by of grown) node.size += by;
    for (const [from, part] of parts) if (part.size === 0) parts.delete(from);
  }
  if (node.size <= LIST_BYTES[node.level]) await join(node, around);
  else {
    const draft = new Draft(bucketId(around.entity, node.level, node.from), around.names, total.bytes);
    draft.apply(sumDeltas(deltas.map(({ delta }) => delta)));
    if (draft.stale) draft.rebuildFromParts(await readParts(node, around));
    hold(total, node.level, node.from, draft.toBytes() ?? new Uint8Array(), around);
    if (node.level === 'D') putHours(node, around);
  }
  return node.size - before;
}

/** Reads what these changes will need of a stretch that has its own sum. */
async function load(node: Node, total: Held, deltas: readonly QuarterDelta[], around: Surroundings): Promise<void> {
  const wanted: Held[] = [total];
  const spans: [Level, number][] = [[node.level, node.from]];
  if (node.level === 'H') {
    for (const { from } of deltas) {
      const held = node.quarters.get(from);
      if (held === undefined) continue;
      wanted.push(held);
      spans.push(['Q', from]);
    }
  }
  await Promise.all([readHeld(wanted, spans, around), node.level === 'D' ? readHours(node, around) : undefined]);
}

async function readHeld(wanted: readonly Held[], spans: readonly (readonly [Level, number])[], around: Surroundings): Promise<void> {
  const missing = wanted.flatMap((held, place) => (held.bytes === null ? [place] : []));
  if (missing.length === 0) return;
  const found = await around.read(missing.map((place) => bucketId(around.entity, ...(spans[place] as [Level, number]))));
  missing.forEach((place, order) => ((wanted[place] as Held).bytes = found[order] ?? lost(around.entity)));
}

async function readHours(day: Node, around: Surroundings): Promise<void> {
  if (day.parts !== null) return;
  const [bytes] = await around.read([hoursId(around.entity, day.from)]);
  day.parts = unpackHours(bytes ?? lost(around.entity), day.from);
}

function lost(entity: string): never {
  throw new Error(`Expected all documents of the buckets of ${entity}, got none of one that others name: compute them anew by \`npm run rebuild\`.`);
}

/** In a list, or in an hour. */
async function changeQuarter(node: Node, delta: QuarterDelta, around: Surroundings): Promise<void> {
  const known = node.quarters.get(delta.from);
  const held = known ?? { bytes: null, isApart: false };
  const bytes = known === undefined && delta.sole !== null ? around.pack(delta.sole, () => packDelta(delta, around)) : await changeBucket(held, delta, around);
  node.size += (bytes?.length ?? 0) - (held.bytes?.length ?? 0);
  if (bytes === null) {
    if (held.isApart) around.remove(bucketId(around.entity, 'Q', delta.from));
    node.quarters.delete(delta.from);
    return;
  }
  if (node.total === null) held.bytes = bytes;
  else hold(held, 'Q', delta.from, bytes, around);
  node.quarters.set(delta.from, held);
}

async function changeBucket({ bytes }: Held, { from, delta }: QuarterDelta, around: Surroundings): Promise<Uint8Array | null> {
  const draft = new Draft(bucketId(around.entity, 'Q', from), around.names, bytes);
  draft.apply(delta);
  if (draft.stale) draft.rebuildFromContributions(await around.recompute(from, (name) => draft.greatest(name)));
  return draft.toBytes();
}

function packDelta({ from, delta }: QuarterDelta, around: Surroundings): Uint8Array | null {
  const draft = new Draft(bucketId(around.entity, 'Q', from), around.names, null);
  draft.apply(delta);
  return draft.toBytes();
}

/** Keeps a bucket's bytes in the tree, or apart. */
function hold(held: Held, level: Level, from: number, bytes: Uint8Array, around: Surroundings): void {
  held.bytes = bytes;
  const isApart = bytes.length > INLINE_BYTES;
  if (isApart) around.put(bucketId(around.entity, level, from), bytes);
  else if (held.isApart) around.remove(bucketId(around.entity, level, from));
  held.isApart = isApart;
}

function putHours(day: Node, around: Surroundings): void {
  around.put(hoursId(around.entity, day.from), packHours(day));
  day.isApart = true;
}

function groupByPart(node: Node, deltas: readonly QuarterDelta[]): Map<number, QuarterDelta[]> {
  const groups = new Map<number, QuarterDelta[]>();
  for (const delta of deltas) {
    const from = startOfBucket(FINER[node.level], delta.from);
    const group = groups.get(from);
    if (group) group.push(delta);
    else groups.set(from, [delta]);
  }
  return groups;
}

/** Makes a list that has become long a sum with parts. */
function split(node: Node, around: Surroundings): void {
  const quarters = [...node.quarters.values()].flatMap(({ bytes }) => bytes ?? []);
  const sum = sumBuckets(quarters, around.names, bucketId(around.entity, node.level, node.from));
  node.total = { bytes: null, isApart: false };
  hold(node.total, node.level, node.from, sum ?? new Uint8Array(), around);
  if (node.level === 'H') {
    for (const [from, held] of node.quarters) hold(held, 'Q', from, held.bytes ?? new Uint8Array(), around);
    return;
  }
  const finer = FINER[node.level];
  const parts = new Map<number, Node>();
  for (const [from, held] of node.quarters) {
    const start = startOfBucket(finer, from);
    let part = parts.get(start);
    if (!part) parts.set(start, (part = createList(finer, start)));
    part.quarters.set(from, held);
    part.size += held.bytes?.length ?? 0;
  }
  node.quarters = new Map();
  node.parts = parts;
  for (const part of parts.values()) if (part.size > LIST_BYTES[part.level]) split(part, around);
  if (node.level === 'D') putHours(node, around);
}

/** Makes a stretch that has become small a list. */
async function join(node: Node, around: Surroundings): Promise<void> {
  const { total } = node;
  if (total === null) return;
  if (node.level === 'H') {
    const quarters = [...node.quarters];
    await readHeld(quarters.map(([, held]) => held), quarters.map(([from]) => ['Q', from] as const), around);
    for (const [from, held] of quarters) apartNoMore(held, 'Q', from, around);
  } else {
    if (node.level === 'D') await readHours(node, around);
    const parts = [...(node.parts ?? new Map<number, Node>()).values()];
    await Promise.all(parts.map((part) => join(part, around)));
    node.quarters = new Map(parts.flatMap(({ quarters }) => [...quarters]));
    node.parts = new Map();
  }
  if (node.isApart) around.remove(hoursId(around.entity, node.from));
  node.isApart = false;
  apartNoMore(total, node.level, node.from, around);
  node.total = null;
}

function apartNoMore(held: Held, level: Level, from: number, around: Surroundings): void {
  if (held.isApart) around.remove(bucketId(around.entity, level, from));
  held.isApart = false;
}

/** The buckets that a sum is made of: quarters of an hour and of lists, sums of the other parts. */
async function readParts(node: Node, around: Surroundings): Promise<Uint8Array[]> {
  const wanted: Held[] = [];
  const spans: [Level, number][] = [];
  const want = (held: Held, level: Level, from: number): void => {
    wanted.push(held);
    spans.push([level, from]);
  };
  if (node.level === 'H') for (const [from, held] of node.quarters) want(held, 'Q', from);
  else {
    for (const part of (node.parts ?? new Map<number, Node>()).values()) {
      if (part.total !== null) want(part.total, part.level, part.from);
      else for (const [from, held] of part.quarters) want(held, 'Q', from);
    }
  }
  await readHeld(wanted, spans, around);
  return wanted.flatMap(({ bytes }) => bytes ?? []);
}
