import { refuse } from '../graph/errors.ts';
import type { Store } from '../store/port.ts';
import { type BucketSpan, cover, endOfBucket, type Level, startOfBucket } from './bucket.ts';
import { bucketId, type Buckets, hoursId, monthId } from './documents.ts';
import { createTotals, type Totals } from './totals.ts';
import { type Held, type Node, unpackHours, unpackMonth } from './tree.ts';
import type { Window } from './window.ts';

/** Up to this many documents are asked for at once, whether they are there or not; beyond, it is cheaper to ask for months first. */
const MOST_IDS = 100_000;
/** Of one answer: buckets to add up. */
const MOST_READ = 1_000_000;
/** Beginnings of one answer, where commits come between its commands. */
const MOST_ATTEMPTS = 3;

type Reader = Pick<Store, 'get'>;
type Series = Map<string, (Totals | null)[]>;

interface PlacedSpan extends BucketSpan {
  /** The first moment of its month. */
  readonly month: number;
}

interface Plan {
  /** The buckets of each point. */
  readonly points: readonly (readonly PlacedSpan[])[];
  /** How many buckets these are. */
  readonly count: number;
  /** The first moments of the months that hold them, and of the days that hold their hours and quarters. */
  readonly months: readonly number[];
  readonly days: readonly number[];
}

const plans = new WeakMap<Window, Plan>();

/**
 * Each entity's series over a window, a point each in order; null where nothing was recorded. One store command for all
 * entities and points: every document that may hold a part of the covering buckets. Where these are more than MOST_IDS it takes up to three: the
 * months, then of those that are there the days and large buckets, then the large buckets of those days; it begins again where a commit
 * moved what they name meanwhile.
 * @throws WINDOW_TOO_MANY_POINTS beyond MOST_READ buckets.
 */
export async function readSeries(store: Reader, buckets: Buckets, entities: readonly string[], window: Window): Promise<Series> {
  const names = [...new Set(entities)];
  if (names.length === 0) return new Map();
  const plan = planOf(window);
  const total = names.length * plan.count;
  if (total > MOST_READ) {
    throw refuse('WINDOW_TOO_MANY_POINTS', `Expected a series of at most ${MOST_READ} buckets, got ${total} for ${names.length} entities. Ask for fewer, for a shorter window, or for coarser points.`);
  }
  const months = names.flatMap((entity) => plan.months.map((from) => monthId(entity, from)));
  const ids = names.length * (plan.count + plan.days.length) > MOST_IDS ? [] : names.flatMap((entity) => idsOf(entity, plan));
  let documents = new Documents(store, buckets);
  await documents.fetch([...months, ...ids]);
  for (let attempt = 1; ; ) {
    const trees = names.map((entity) => new Tree(entity, documents));
    const packed = trees.map((tree) => plan.points.map((point) => tree.collect(point)));
    if (documents.lost !== null) {
      if (attempt++ === MOST_ATTEMPTS) throw new Error(`Expected the document ${documents.lost} of ${buckets.name}, which another names, got none: compute it anew by \`npm run rebuild\`.`);
      // A commit between two commands has moved what it held into another document.
      documents = new Documents(store, buckets);
      await documents.fetch([...months, ...ids]);
    } else if (documents.missing.size > 0) await documents.fetch([...documents.missing]);
    else return new Map(names.map((entity, order) => [entity, (packed[order] ?? []).map((own) => createTotals(own, buckets.names))]));
  }
}

function planOf(window: Window): Plan {
  let plan = plans.get(window);
  if (!plan) {
    const points = window.points.map((point) => cover(point).map(({ level, from }): PlacedSpan => ({ level, from, month: startOfBucket('M', from) })));
    const months = new Set<number>();
    const days = new Set<number>();
    let count = 0;
    for (const point of points) {
      count += point.length;
      for (const { level, from, month } of point) {
        months.add(month);
        if (level === 'Q' || level === 'H') days.add(startOfBucket('D', from));
      }
    }
    plan = { points, count, months: [...months], days: [...days] };
    plans.set(window, plan);
  }
  return plan;
}

/** Every document that may hold a part of the plan's buckets, beside the months. */
function idsOf(entity: string, { points, days }: Plan): string[] {
  return [...days.map((from) => hoursId(entity, from)), ...points.flatMap((point) => point.map(({ level, from }) => bucketId(entity, level, from)))];
}

/** What was read of a collection of buckets, and what turned out to be missing. */
class Documents {
  readonly missing = new Set<string>();
  /** A document that another names and that is not there. */
  lost: string | null = null;
  readonly #store: Reader;
  readonly #buckets: Buckets;
  readonly #read = new Map<string, Uint8Array | null>();
  readonly #trees = new Map<string, unknown>();

  constructor(store: Reader, buckets: Buckets) {
    this.#store = store;
    this.#buckets = buckets;
  }

  async fetch(ids: readonly string[]): Promise<void> {
    const found = await this.#store.get(this.#buckets, ids);
    ids.forEach((id, place) => this.#read.set(id, found[place]?.packed ?? null));
    this.missing.clear();
  }

  /** Null where there is none, or where it is missing as yet. */
  find(id: string): Uint8Array | null {
    const bytes = this.#read.get(id);
    if (bytes === undefined) this.missing.add(id);
    return bytes ?? null;
  }

  /** The same of one that another document names. */
  findNamed(id: string): Uint8Array | null {
    const bytes = this.find(id);
    if (bytes === null && !this.missing.has(id)) this.lost = id;
    return bytes;
  }

  /** What is made of a document that `find` or `findNamed` gives, once. */
  parsed<V>(id: string, bytesOf: (id: string) => Uint8Array | null, parse: (bytes: Uint8Array) => V): V | null {
    const known = this.#trees.get(id);
    if (known !== undefined) return known as V;
    const bytes = bytesOf(id);
    if (bytes === null) return null;
    const made = parse(bytes);
    this.#trees.set(id, made);
    return made;
  }
}

/** An entity's buckets, out of the documents of its months. */
class Tree {
  readonly #entity: string;
  readonly #documents: Documents;

  constructor(entity: string, documents: Documents) {
    this.#entity = entity;
    this.#documents = documents;
  }

  /** The packed buckets that these consist of. */
  collect(spans: readonly PlacedSpan[]): Uint8Array[] {
    const packed: Uint8Array[] = [];
    let month: number | null = null;
    let root: Node | null = null;
    for (const span of spans) {
      const from = span.month;
      if (from !== month) [month, root] = [from, this.#documents.parsed(monthId(this.#entity, from), (id) => this.#documents.find(id), (bytes) => unpackMonth(bytes, from))];
      if (root !== null) this.#collectFrom(root, span, packed);
    }
    return packed;
  }

  #collectFrom(node: Node, span: BucketSpan, packed: Uint8Array[]): void {
    if (node.total === null) {
      const to = endOfBucket(span);
      for (const [from, { bytes }] of node.quarters) if (bytes !== null && from >= span.from && from < to) packed.push(bytes);
      return;
    }
    if (node.level === span.level) return this.#take(node.total, node.level, node.from, packed);
    if (node.level === 'H') {
      const held = node.quarters.get(span.from);
      if (held !== undefined) this.#take(held, 'Q', span.from, packed);
      return;
    }
    const part = this.#partsOf(node).get(startOfBucket(node.level === 'M' ? 'D' : 'H', span.from));
    if (part !== undefined) this.#collectFrom(part, span, packed);
  }

  #partsOf(node: Node): ReadonlyMap<number, Node> {
    return node.parts ?? this.#documents.parsed(hoursId(this.#entity, node.from), (id) => this.#documents.findNamed(id), (bytes) => unpackHours(bytes, node.from)) ?? new Map<number, Node>();
  }

  #take({ bytes }: Held, level: Level, from: number, packed: Uint8Array[]): void {
    const own = bytes ?? this.#documents.findNamed(bucketId(this.#entity, level, from));
    if (own !== null) packed.push(own);
  }
}
