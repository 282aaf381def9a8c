import { setTimeout } from 'node:timers/promises';
import { open } from 'lmdb';
import type { RootDatabase, RootDatabaseOptionsWithPath } from 'lmdb';
import { CommitQueue } from './commit-queue.ts';
import type { CommitQueueOptions, Driver, OnStep, Write } from './commit-queue.ts';
import { guard, isSame } from './document.ts';
import { comparePositions, isId, toBounds } from './key.ts';
import type { Bounds } from './key.ts';
import { checkRoom, prepareFolder, unreadable } from './lmdb-folder.ts';
import { checkNotHeldHere, holdFolder } from './lmdb-holder.ts';
import { fromStored, prepareLayout, rangeOf, toDocumentKey } from './lmdb-layout.ts';
import type { Databases, Layout, Stored } from './lmdb-layout.ts';
import { StoreError } from './port.ts';
import type { AnyCollection, Collection, Document, EachRange, Entry, Index, Key, ListPage, Range, Store, Transaction } from './port.ts';
import { checkPage, checkPrefixes, createSchema, findCollection, findIndex, toPositions } from './schema.ts';
import type { Schema } from './schema.ts';
import type { Snapshot } from './transaction.ts';

/** How long the reason of a failed commit is waited for, in milliseconds. */
const REASON_MS = 100;

/** Without overlapping flushes nobody sees a write before it is durable. */
const ENVIRONMENT = { maxDbs: 4, overlappingSync: false, eventTurnBatching: false } satisfies RootDatabaseOptionsWithPath;

/**
 * Opens the embedded store in a folder, which is made where there is none. One process at a time.
 * @throws StoreError `STORE_HELD`, `STORE_FORMAT` or `STORE_UNREADABLE`; TypeError for collections that no store takes.
 */
export async function openLmdb(folder: string, collections: readonly AnyCollection[], options: CommitQueueOptions = {}): Promise<Store> {
  const schema = createSchema(collections);
  const path = prepareFolder(folder);
  checkNotHeldHere(path);
  const databases = openDatabases(path);
  let release: (() => void) | null = null;
  try {
    release = holdFolder(path, (action) => {
      databases.root.transactionSync(action);
    });
    const layout = await prepareLayout(databases, schema, path);
    return new LmdbStore(databases, schema, layout, path, release, options);
  } catch (error) {
    release?.();
    await databases.root.close();
    throw error instanceof StoreError ? error : unreadable(path, error);
  }
}

function openDatabases(path: string): Databases {
  let root: RootDatabase | null = null;
  try {
    // A path with a dot in it would be taken for the file itself.
    root = open({ ...ENVIRONMENT, path, noSubdir: false });
    // Without records a document is decodable by itself, whatever was written before it.
    // The binding's compression is left off: with it, processes ended in its native part.
    const plain = { encoder: { useRecords: false } };
    return {
      root,
      meta: root.openDB({ name: 'meta', ...plain }) as Databases['meta'],
      documents: root.openDB({ name: 'documents', ...plain }) as Databases['documents'],
      entries: root.openDB({ name: 'entries', encoding: 'string' }) as Databases['entries'],
    };
  } catch (error) {
    void root?.close();
    throw unreadable(path, error);
  }
}

/** The reason that the binding gives for a commit that failed; it comes a moment after the failure, or never. */
async function reasonOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error) || !(error.commitError instanceof Promise)) return error;
  return Promise.race([error.commitError.then(() => error, (reason: unknown) => reason), setTimeout(REASON_MS, error)]);
}

function untaken(error: unknown): StoreError {
  const reason = error instanceof Error ? error.message : String(error);
  return new StoreError('STORE_UNAVAILABLE', `The embedded store took no write: ${reason}. Is the disk full?`, { cause: error });
}

class LmdbStore implements Store {
  readonly #databases: Databases;
  readonly #schema: Schema;
  readonly #layout: Layout;
  readonly #path: string;
  readonly #release: () => void;
  readonly #queue: CommitQueue;
  readonly #onStep: OnStep | undefined;
  #commands = 0;
  #closing: Promise<void> | null = null;

  constructor(databases: Databases, schema: Schema, layout: Layout, path: string, release: () => void, options: CommitQueueOptions) {
    this.#onStep = options.onStep;
    this.#databases = databases;
    this.#schema = schema;
    this.#layout = layout;
    this.#path = path;
    this.#release = release;
    const snapshot: Snapshot = {
      get: async (collection, ids) => this.#get(collection, ids),
      scan: async (index, bounds) => this.#scan(index, bounds),
    };
    const driver: Driver = {
      // No other process writes, and the queue makes one attempt after the other, so what is committed stands still.
      attempt: async (fill) => this.#write(await fill(snapshot)),
      judge: () => 'apart',
      toError: (error) => error,
    };
    this.#queue = new CommitQueue(schema, driver, options);
  }

  async get<D extends Document>(collection: Collection<D>, ids: readonly string[]): Promise<(D | null)[]> {
    this.#checkOpen();
    return this.#get(findCollection(this.#schema, collection), ids) as (D | null)[];
  }

  async scan<D extends Document>(index: Index<D>, range: Range): Promise<Entry<D>[]> {
    this.#checkOpen();
    return this.#scan(findIndex(this.#schema, index), toBounds(range)) as Entry<D>[];
  }

  async list<D extends Document>(collection: Collection<D>, page: ListPage): Promise<D[]> {
    this.#checkOpen();
    checkPage(page);
    const stem = this.#layout.stemOf(findCollection(this.#schema, collection));
    this.#commands += 1;
    const { start, end } = rangeOf(stem);
    const stretch = page.after === undefined ? { start } : { start: toDocumentKey(stem, page.after), exclusiveStart: true };
    return this.#databases.documents.getRange({ ...stretch, end, limit: page.limit }).map(({ value }) => fromStored(value) as D).asArray;
  }

  async scanEach<D extends Document>(index: Index<D>, prefixes: readonly Key[], range: EachRange): Promise<Entry<D>[][]> {
    this.#checkOpen();
    checkPrefixes(prefixes);
    const known = findIndex(this.#schema, index);
    this.#commands += 1;
    return prefixes.map((prefix) => this.#read(known, toBounds({ ...range, prefix })) as Entry<D>[]);
  }

  async countEach<D extends Document>(index: Index<D>, prefixes: readonly Key[], range: EachRange): Promise<number[]> {
    this.#checkOpen();
    checkPrefixes(prefixes);
    const stem = this.#layout.stemOfIndex(findIndex(this.#schema, index));
    this.#commands += 1;
    return prefixes.map((prefix) => {
      const { low, high, limit } = toBounds({ ...range, prefix });
      if (comparePositions(low, high) >= 0) return 0;
      let count = 0;
      // getKeysCount would count past the limit.
      this.#databases.entries.getKeys({ start: stem + low, end: stem + high, limit }).forEach(() => {
        count += 1;
      });
      return count;
    });
  }

  commit<R>(work: (transaction: Transaction) => Promise<R>): Promise<R> {
    return this.#queue.commit(work);
  }

  commands = (): number => this.#commands;

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#queue.close();
    await this.#databases.root.flushed;
    await this.#databases.root.close();
    this.#release();
  }

  #checkOpen(): void {
    if (this.#closing !== null) throw new StoreError('STORE_CLOSED', 'The store was closed.');
  }

  #get(collection: AnyCollection, ids: readonly string[]): (Document | null)[] {
    this.#commands += 1;
    const stem = this.#layout.stemOf(collection);
    return ids.map((id) => this.#find(stem, id));
  }

  #find(stem: string, id: string): Document | null {
    if (!isId(id)) return null;
    const stored = this.#databases.documents.get(toDocumentKey(stem, id));
    return stored === undefined ? null : fromStored(stored);
  }

  #scan(index: Index<never>, bounds: Bounds): Entry<Document>[] {
    this.#commands += 1;
    return this.#read(index, bounds);
  }

  #read(index: Index<never>, { low, high, reverse, limit }: Bounds): Entry<Document>[] {
    if (comparePositions(low, high) >= 0) return [];
    const indexStem = this.#layout.stemOfIndex(index);
    const stem = this.#layout.stemOf(index.collection);
    const range = reverse
      ? { start: indexStem + high, exclusiveStart: true, end: indexStem + low, inclusiveEnd: true, reverse, limit }
      : { start: indexStem + low, end: indexStem + high, limit };
    const entries: Entry<Document>[] = [];
    for (const { key, value } of this.#databases.entries.getRange(range)) {
      const document = this.#find(stem, value);
      if (document !== null) entries.push({ position: key.slice(indexStem.length), document });
    }
    return entries;
  }

  /** All or nothing: a child transaction is rolled back when it throws, and what it does not hold back is gathered before. */
  async #write({ puts, cache }: Write): Promise<void> {
    const { documents, entries } = this.#databases;
    const steps: (() => void)[] = [];
    for (const { collection, document, positions, guarded, removed } of puts) {
      const stem = this.#layout.stemOf(collection);
      const known = cache.find(collection, document.id);
      const replaced = known === undefined ? this.#find(stem, document.id) : known;
      if (removed ? replaced === null : replaced !== null && isSame(replaced, document)) continue;
      const oldPositions = replaced === null ? [] : toPositions(collection, replaced);
      const stored: Stored = guarded ? { guarded: guard(document) } : document;
      const key = toDocumentKey(stem, document.id);
      steps.push(removed ? () => void documents.removeSync(key) : () => documents.putSync(key, stored));
      for (const [at, index] of collection.indexes.entries()) {
        const before = oldPositions[at] ?? null;
        const after = positions[at] ?? null;
        if (before === after) continue;
        const indexStem = this.#layout.stemOfIndex(index);
        if (before !== null) steps.push(() => void entries.removeSync(indexStem + before));
        if (after !== null) steps.push(() => entries.putSync(indexStem + after, document.id));
      }
    }
    if (steps.length === 0) return;
    checkRoom(this.#path);
    this.#commands += 1;
    try {
      await this.#databases.root.childTransaction(() => {
        for (const [at, step] of steps.entries()) {
          step();
          if (at === 0) this.#onStep?.('begun');
          if (at === Math.floor(steps.length / 2)) this.#onStep?.('half');
        }
        this.#onStep?.('written');
      });
      this.#onStep?.('committed');
      await this.#databases.root.flushed;
      this.#onStep?.('durable');
    } catch (error) {
      // The binding rejects a promise that hangs from its error with the reason, whether anybody asks for it or not.
      const reason = await reasonOf(error);
      throw untaken(reason);
    }
  }
}
