import { checkDocument } from './document.ts';
import { comparePositions, followingPosition, toBounds } from './key.ts';
import type { Bounds } from './key.ts';
import { StoreError } from './port.ts';
import type { AnyCollection, Collection, Document, Entry, Index, Range, Transaction } from './port.ts';
import { findCollection, findIndex, toPositions } from './schema.ts';
import type { Schema } from './schema.ts';

/** A document to be written. */
export interface Put {
  readonly collection: AnyCollection;
  readonly document: Document;
  /** Where it stands in each of the collection's indexes. */
  readonly positions: readonly (string | null)[];
  /** Roughly, in bytes. */
  readonly size: number;
  readonly guarded: boolean;
  /** True where the document of this id is to be taken away. */
  readonly removed: boolean;
}

/** What an attempt to write reads: committed data, all of one moment. */
export interface Snapshot {
  get(collection: AnyCollection, ids: readonly string[]): Promise<(Document | null)[]>;
  scan(index: Index<never>, bounds: Bounds): Promise<Entry<Document>[]>;
}

/** Puts by collection and id, the last one of an id. */
export class Layer {
  readonly #puts = new Map<AnyCollection, Map<string, Put>>();
  #count = 0;
  #size = 0;

  get count(): number {
    return this.#count;
  }

  /** In bytes, roughly. */
  get size(): number {
    return this.#size;
  }

  in(collection: AnyCollection): ReadonlyMap<string, Put> | undefined {
    return this.#puts.get(collection);
  }

  put(put: Put): void {
    let puts = this.#puts.get(put.collection);
    if (puts === undefined) this.#puts.set(put.collection, (puts = new Map()));
    const replaced = puts.get(put.document.id);
    if (replaced === undefined) this.#count += 1;
    this.#size += put.size - (replaced?.size ?? 0);
    puts.set(put.document.id, put);
  }

  take(other: Layer): void {
    for (const put of other) this.put(put);
  }

  *[Symbol.iterator](): Generator<Put> {
    for (const puts of this.#puts.values()) yield* puts.values();
  }
}

/** What was read in an attempt, so that a document is asked for once, whichever works need it. */
export class ReadCache {
  readonly #read = new Map<AnyCollection, Map<string, Document | null>>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** What is stored, null where nothing is, undefined where nobody has looked. */
  find(collection: AnyCollection, id: string): Document | null | undefined {
    return this.#read.get(collection)?.get(id);
  }

  add(collection: AnyCollection, id: string, document: Document | null): void {
    let read = this.#read.get(collection);
    if (read === undefined) this.#read.set(collection, (read = new Map()));
    if (!read.has(id)) this.#count += 1;
    read.set(id, document);
  }
}

/** The transaction of one work: its own puts, over those of the works before it in the batch, over the snapshot. */
export class WorkTransaction implements Transaction {
  readonly own = new Layer();
  readonly held = new Set<string>();
  readonly #schema: Schema;
  readonly #batch: Layer;
  readonly #cache: ReadCache;
  readonly #snapshot: Snapshot;
  #ended = false;

  constructor(schema: Schema, batch: Layer, cache: ReadCache, snapshot: Snapshot) {
    this.#schema = schema;
    this.#batch = batch;
    this.#cache = cache;
    this.#snapshot = snapshot;
  }

  /** What comes after the work's promise has settled is a mistake in the work, and would be lost. */
  end(): void {
    this.#ended = true;
  }

  async get<D extends Document>(collection: Collection<D>, ids: readonly string[]): Promise<(D | null)[]> {
    this.#checkOpen();
    const known = findCollection(this.#schema, collection);
    const missing = new Set<string>();
    for (const id of ids) {
      if (this.#find(known, id) === undefined && this.#cache.find(known, id) === undefined) missing.add(id);
    }
    if (missing.size > 0) {
      const asked = [...missing];
      const found = await this.#snapshot.get(known, asked);
      for (const [at, id] of asked.entries()) this.#cache.add(known, id, found[at] ?? null);
    }
    return ids.map((id) => {
      const put = this.#find(known, id);
      return (put === undefined ? (this.#cache.find(known, id) ?? null) : put.removed ? null : put.document) as D | null;
    });
  }

  async scan<D extends Document>(index: Index<D>, range: Range): Promise<Entry<D>[]> {
    this.#checkOpen();
    const known = findIndex(this.#schema, index);
    const bounds = toBounds(range);
    if (comparePositions(bounds.low, bounds.high) >= 0) return [];
    const puts = this.#putsOf(known.collection);
    if (puts.size === 0) return (await this.#snapshot.scan(known, bounds)) as Entry<D>[];
    const merged = await this.#scanBeside(known, bounds, puts);
    const at = known.collection.indexes.indexOf(known);
    for (const put of puts.values()) {
      const position = put.positions[at] ?? null;
      if (position === null || comparePositions(position, bounds.low) < 0 || comparePositions(position, bounds.high) >= 0) continue;
      merged.push({ position, document: put.document });
    }
    const sign = bounds.reverse ? -1 : 1;
    merged.sort((a, b) => sign * comparePositions(a.position, b.position));
    return merged.slice(0, bounds.limit) as Entry<D>[];
  }

  put<D extends Document>(collection: Collection<D>, document: D): void {
    this.#checkOpen();
    const known = findCollection(this.#schema, collection);
    const checked = checkDocument(document);
    this.own.put({ collection: known, ...checked, positions: toPositions(known, checked.document), removed: false });
  }

  remove(collection: AnyCollection, id: string): void {
    this.#checkOpen();
    const known = findCollection(this.#schema, collection);
    this.own.put({ collection: known, ...checkDocument({ id }), positions: known.indexes.map(() => null), removed: true });
  }

  hold(name: string): void {
    this.#checkOpen();
    this.held.add(name);
  }

  /** The first committed entries whose documents no put replaces. */
  async #scanBeside(index: Index<never>, bounds: Bounds, puts: ReadonlyMap<string, Put>): Promise<Entry<Document>[]> {
    const kept: Entry<Document>[] = [];
    let { low, high } = bounds;
    for (;;) {
      const limit = bounds.limit - kept.length;
      const entries = await this.#snapshot.scan(index, { low, high, reverse: bounds.reverse, limit });
      for (const entry of entries) if (!puts.has(entry.document.id)) kept.push(entry);
      const last = entries.at(-1);
      if (last === undefined || entries.length < limit || kept.length >= bounds.limit) return kept;
      if (bounds.reverse) high = last.position;
      else low = followingPosition(last.position);
    }
  }

  #find(collection: AnyCollection, id: string): Put | undefined {
    return this.own.in(collection)?.get(id) ?? this.#batch.in(collection)?.get(id);
  }

  #putsOf(collection: AnyCollection): ReadonlyMap<string, Put> {
    const own = this.own.in(collection);
    const batch = this.#batch.in(collection);
    if (own === undefined || batch === undefined) return own ?? batch ?? new Map<string, Put>();
    return new Map([...batch, ...own]);
  }

  #checkOpen(): void {
    if (this.#ended) {
      throw new StoreError('STORE_CLOSED', 'A transaction was used after its work had ended; await all that the work does.');
    }
  }
}
