/**
 * The whole of what a subgraph may ask of a store. Two adapters implement it (lmdb.ts, mongodb.ts) and one contract
 * suite (contract.ts) holds both to it.
 */

/** A stored document: what JSON can say, and byte arrays. `id` is unique within its collection; at most 200 bytes. */
export interface Document {
  readonly id: string;
}

/** One part of an index key. Order: null, then numbers, then strings by their UTF-8 bytes. */
export type KeyPart = null | number | string;

/** Parts in order of significance; at most 8. */
export type Key = readonly KeyPart[];

/**
 * An order over a collection's documents. A document whose key is null is not in the index; equal keys are ordered by
 * id. Raise `version` whenever `key` changes: the store then builds the index anew when it opens.
 */
export interface Index<D extends Document> {
  readonly collection: Collection<D>;
  readonly name: string;
  readonly version: number;
  readonly key: (document: D) => Key | null;
}

/** A named set of documents of one shape. Names are unique across a store: by convention `<subgraph>.<plural noun>`. */
export interface Collection<D extends Document> {
  readonly name: string;
  readonly indexes: readonly Index<D>[];
}

/** A collection of any shape, as a store takes them: `readonly AnyCollection[]`. */
export type AnyCollection = Collection<never>;

/** Where an entry stands in its index: opaque, stable while the entry's key does not change, compared bytewise. */
export type Position = string;

/** A stretch of an index: entries whose key begins with `prefix` and whose next part is in [from, to). */
export interface Range {
  readonly prefix?: Key;
  /** Inclusive bound on the part that follows the prefix. */
  readonly from?: KeyPart;
  /** Exclusive bound on the part that follows the prefix. */
  readonly to?: KeyPart;
  /** Only entries after this position in key order. */
  readonly after?: Position;
  /** Only entries before this position in key order. */
  readonly before?: Position;
  /** From the end of the stretch backwards. */
  readonly reverse?: boolean;
  /** How many entries at the most; 1 to 100,000. */
  readonly limit: number;
}

/** What scanEach takes beside its prefixes: the same bounds for each of them. */
export type EachRange = Omit<Range, 'prefix' | 'after' | 'before'>;

/** A part of a whole collection. */
export interface ListPage {
  /** Only documents whose id is after this one. */
  readonly after?: string;
  /** How many documents at the most; 1 to 100,000. */
  readonly limit: number;
}

export interface Entry<D extends Document> {
  readonly position: Position;
  readonly document: D;
}

/** What a piece of work may do. Its reads see committed data and its own puts; nobody else sees its puts until all are durable. */
export interface Transaction {
  /** The documents of these ids, in order; null where there is none. */
  get<D extends Document>(collection: Collection<D>, ids: readonly string[]): Promise<(D | null)[]>;
  scan<D extends Document>(index: Index<D>, range: Range): Promise<Entry<D>[]>;
  /** Inserts, or replaces the document of the same id. The document must not be changed afterwards. */
  put<D extends Document>(collection: Collection<D>, document: D): void;
  /** Takes the document of this id away; nothing where there is none. For mending what is derived: facts are never removed. */
  remove(collection: AnyCollection, id: string): void;
  /**
   * Lets works of several processes that hold one name conflict, as if both put one document: of two that run at once, the
   * later runs again and reads what the other wrote. For what must be true across documents of which each puts another: hold
   * it where it is read and where it is changed. Nothing is stored of it that a reader could see.
   */
  hold(name: string): void;
}

export interface Store {
  /** The documents of these ids, in order; null where there is none. One store command. */
  get<D extends Document>(collection: Collection<D>, ids: readonly string[]): Promise<(D | null)[]>;
  /** One store command. */
  scan<D extends Document>(index: Index<D>, range: Range): Promise<Entry<D>[]>;
  /** Documents of a collection in the order of their ids' UTF-8 bytes, after an id where one is given. One store command. */
  list<D extends Document>(collection: Collection<D>, page: ListPage): Promise<D[]>;
  /** The same stretch under each of the prefixes (at most 10,000), in their order. One store command for all. */
  scanEach<D extends Document>(index: Index<D>, prefixes: readonly Key[], range: EachRange): Promise<Entry<D>[][]>;
  /** How many entries a stretch has under each of the prefixes, counted up to `range.limit`. One store command for all. */
  countEach<D extends Document>(index: Index<D>, prefixes: readonly Key[], range: EachRange): Promise<number[]>;
  /**
   * Runs the work and writes all its puts durably, or none. Resolves when they are durable. What waits is merged into
   * one write; the work may run again after a conflict with another process (where both put, or hold, the same), so it must
   * touch nothing but its transaction. Where it throws, its puts are dropped, commit rejects with the same error, and its neighbours go on.
   * @throws StoreError `STORE_CLOSED`, or `STORE_UNAVAILABLE` when the deadline passed with nothing written.
   */
  commit<R>(work: (transaction: Transaction) => Promise<R>): Promise<R>;
  /** How many commands went to the store since it was opened; for tests and metrics. */
  readonly commands: () => number;
  /** Waits for running commits, refuses new ones, releases the lock. May be called twice. */
  close(): Promise<void>;
}

/**
 * Declares a collection and its indexes.
 * @example const runs = defineCollection<RunDocument>('platform.runs', { byJob: (run) => [run.jobId, run.startedAt] });
 * A tuple `[version, key]` states a version other than 1.
 * @throws TypeError for an index named `name` or `indexes`, which a collection has itself.
 */
export function defineCollection<D extends Document, N extends string = never>(
  name: string,
  keys: Record<N, ((document: D) => Key | null) | readonly [version: number, key: (document: D) => Key | null]>,
): Collection<D> & { readonly [K in N]: Index<D> } {
  const indexes: Index<D>[] = [];
  const collection = { name, indexes };
  const byName = {} as Record<N, Index<D>>;
  for (const indexName of Object.keys(keys) as N[]) {
    if (Object.hasOwn(collection, indexName)) throw new TypeError(`An index of ${name} must not be named ${JSON.stringify(indexName)}.`);
    const declared = keys[indexName];
    const [version, key] = typeof declared === 'function' ? ([1, declared] as const) : declared;
    const index: Index<D> = { collection, name: indexName, version, key };
    indexes.push(index);
    byName[indexName] = index;
  }
  return Object.assign(collection, byName);
}

export type StoreErrorCode =
  /** The store was closed. */
  | 'STORE_CLOSED'
  /** The store did not answer inside the deadline; nothing was written. Try again. */
  | 'STORE_UNAVAILABLE'
  /** Another process holds the embedded folder. */
  | 'STORE_HELD'
  /** The folder or database was written by another format of loopgraph. */
  | 'STORE_FORMAT'
  /** A standalone MongoDB server, which has no transactions. */
  | 'STORE_STANDALONE'
  /** The folder cannot be read or written. */
  | 'STORE_UNREADABLE'
  /** A key, id or document that no store can hold. */
  | 'STORE_BAD_DOCUMENT';

/** What a store refuses, in one plain line that says what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;
  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
