import { setTimeout } from 'node:timers/promises';
import { BSON } from 'mongodb';
import type { AggregationCursor, ClientSession, Db, FindCursor, MongoClient } from 'mongodb';
import { CommitQueue } from './commit-queue.ts';
import type { CommitQueueOptions, Driver } from './commit-queue.ts';
import { comparePositions, isId, toBounds } from './key.ts';
import type { Bounds } from './key.ts';
import { runTransaction, UnknownOutcomeError, writeHolds, writePuts } from './mongodb-commit.ts';
import { connect } from './mongodb-connection.ts';
import type { ConnectionOptions } from './mongodb-connection.ts';
import { isTransient, toStoreError } from './mongodb-errors.ts';
import { collectionOf, fieldOf, fromStored, prepareDatabase } from './mongodb-layout.ts';
import type { StoredDocument, Transact } from './mongodb-layout.ts';
import { StoreError } from './port.ts';
import type { AnyCollection, Collection, Document, EachRange, Entry, Index, Key, ListPage, Range, Store, Transaction } from './port.ts';
import { checkPage, checkPrefixes, createSchema, findCollection, findIndex } from './schema.ts';
import type { Schema } from './schema.ts';

/** How to reach MongoDB, and how long to try. */
export interface MongodbOptions extends ConnectionOptions, CommitQueueOptions {}

/** Of the 16 MiB that a command may have, in bytes. */
const LARGEST_COMMAND = 12 * 1024 * 1024;
/** The most ids of the longest kind that fit. */
const MOST_IDS = 50_000;

/**
 * Opens the store in a MongoDB database that its URI's path names (default `loopgraph`): a replica set of MongoDB 6.0
 * or newer, of one member at least. Many processes may open it at once.
 * @throws StoreError `STORE_UNAVAILABLE`, `STORE_STANDALONE` or `STORE_FORMAT`; TypeError for a URI or collections that
 *   cannot be.
 */
export async function openMongodb(uri: string, collections: readonly AnyCollection[], options: MongodbOptions = {}): Promise<Store> {
  const schema = createSchema(collections);
  const { client, database: name } = await connect(uri, options);
  const database = client.db(name);
  const deadlineMs = options.deadlineMs ?? 10_000;
  const transact: Transact = async (action) => {
    const start = performance.now();
    for (;;) {
      try {
        return await runTransaction(client, deadlineMs, (session) => action({ session }));
      } catch (error) {
        if (!isTransient(error) || performance.now() - start > deadlineMs) throw error;
        await setTimeout(50 * Math.random());
      }
    }
  };
  try {
    await prepareDatabase(database, schema, transact);
  } catch (error) {
    await client.close();
    throw toStoreError(error);
  }
  return new MongodbStore(client, database, schema, { ...options, deadlineMs });
}

type Found = Pick<StoredDocument, '_id' | 'k' | 'd' | 'g'>;

class MongodbStore implements Store {
  readonly #client: MongoClient;
  readonly #database: Db;
  readonly #schema: Schema;
  readonly #queue: CommitQueue;
  #commands = 0;
  #closing: Promise<void> | null = null;

  constructor(client: MongoClient, database: Db, schema: Schema, options: CommitQueueOptions & { readonly deadlineMs: number }) {
    const { deadlineMs, onStep } = options;
    this.#client = client;
    this.#database = database;
    this.#schema = schema;
    const driver: Driver = {
      attempt: async (fill) => {
        await runTransaction(client, deadlineMs, async (session) => {
          // A session takes one command at a time.
          let last: Promise<unknown> = Promise.resolve();
          const inTurn = <T>(command: () => Promise<T>): Promise<T> => {
            const next = last.then(command, command);
            last = next.catch(() => {});
            return next;
          };
          const write = await fill({
            get: (collection, ids) => inTurn(() => this.#get(collection, ids, session)),
            scan: (index, bounds) => inTurn(() => this.#scan(index, bounds, session)),
          });
          await last;
          this.#commands += await writeHolds(database, session, write);
          this.#commands += await writePuts(database, session, write, onStep);
          this.#commands += 1;
        });
        onStep?.('committed');
        onStep?.('durable');
      },
      judge: (error) => (error instanceof UnknownOutcomeError ? 'give up' : isTransient(error) ? 'again' : 'apart'),
      toError: toStoreError,
    };
    this.#queue = new CommitQueue(schema, driver, options);
  }

  get<D extends Document>(collection: Collection<D>, ids: readonly string[]): Promise<(D | null)[]> {
    return this.#read(() => this.#get(findCollection(this.#schema, collection), ids)) as Promise<(D | null)[]>;
  }

  scan<D extends Document>(index: Index<D>, range: Range): Promise<Entry<D>[]> {
    return this.#read(() => this.#scan(findIndex(this.#schema, index), toBounds(range))) as Promise<Entry<D>[]>;
  }

  list<D extends Document>(collection: Collection<D>, page: ListPage): Promise<D[]> {
    return this.#read(async () => {
      checkPage(page);
      const cursor = collectionOf(this.#database, findCollection(this.#schema, collection)).find<Found>(
        page.after === undefined ? {} : { _id: { $gt: page.after } },
        { projection: { d: 1, g: 1 }, sort: { _id: 1 }, limit: page.limit, batchSize: page.limit + 1 },
      );
      return (await this.#exhaust(cursor)).map((stored) => fromStored(stored) as D);
    });
  }

  scanEach<D extends Document>(index: Index<D>, prefixes: readonly Key[], range: EachRange): Promise<Entry<D>[][]> {
    const sort = range.reverse === true ? -1 : 1;
    return this.#read(async () => {
      const known = findIndex(this.#schema, index);
      const pages: Entry<D>[][] = prefixes.map(() => []);
      const stages = (field: string): object[] => [{ $sort: { [field]: sort } }, { $limit: range.limit }, { $project: { _id: 0, p: `$${field}`, d: 1, g: 1 } }];
      for (const { i, r } of await this.#lookUp<Pick<StoredDocument, 'd' | 'g'> & { readonly p: string }>(known, prefixes, range, stages)) {
        pages[i]?.push({ position: r.p, document: fromStored(r) as D });
      }
      return pages;
    });
  }

  countEach<D extends Document>(index: Index<D>, prefixes: readonly Key[], range: EachRange): Promise<number[]> {
    return this.#read(async () => {
      const counts = prefixes.map(() => 0);
      const stages = (): object[] => [{ $limit: range.limit }, { $count: 'n' }];
      for (const { i, r } of await this.#lookUp<{ readonly n: number }>(findIndex(this.#schema, index), prefixes, range, stages)) counts[i] = r.n;
      return counts;
    });
  }

  commit<R>(work: (transaction: Transaction) => Promise<R>): Promise<R> {
    return this.#queue.commit(work);
  }

  commands = (): number => this.#commands;

  close(): Promise<void> {
    this.#closing ??= this.#queue.close().then(() => this.#client.close());
    return this.#closing;
  }

  async #read<T>(action: () => Promise<T>): Promise<T> {
    if (this.#closing !== null) throw new StoreError('STORE_CLOSED', 'The store was closed.');
    try {
      return await action();
    } catch (error) {
      throw toStoreError(error);
    }
  }

  async #get(collection: AnyCollection, ids: readonly string[], session?: ClientSession): Promise<(Document | null)[]> {
    const asked = [...new Set(ids)].filter(isId);
    const found = new Map<string, Document>();
    for (let at = 0; at < asked.length; at += MOST_IDS) {
      const part = asked.slice(at, at + MOST_IDS);
      const cursor = collectionOf(this.#database, collection).find<Found>(
        { _id: { $in: part } },
        // One more than there can be, so that the server closes the cursor with the first batch.
        { projection: { d: 1, g: 1 }, batchSize: part.length + 1, ...(session === undefined ? {} : { session }) },
      );
      for (const stored of await this.#exhaust(cursor)) found.set(stored._id, fromStored(stored));
    }
    return ids.map((id) => found.get(id) ?? null);
  }

  async #scan(index: Index<never>, { low, high, reverse, limit }: Bounds, session?: ClientSession): Promise<Entry<Document>[]> {
    if (comparePositions(low, high) >= 0) return [];
    const field = fieldOf(index);
    const cursor = collectionOf(this.#database, index.collection).find<Found>(
      { [field]: { $gte: low, $lt: high } },
      {
        projection: { [field]: 1, d: 1, g: 1 },
        sort: { [field]: reverse ? -1 : 1 },
        limit,
        batchSize: limit + 1,
        ...(session === undefined ? {} : { session }),
      },
    );
    return (await this.#exhaust(cursor)).map((stored) => ({ position: stored.k[index.name] as string, document: fromStored(stored) }));
  }

  /**
   * Runs a pipeline over the stretch under each prefix, in one command: each prefix's bounds are a document, and
   * `$lookup` joins it to the index's stretch between them. What comes back is one document a result, since one a
   * prefix could pass the 16 MiB that a document may have.
   */
  async #lookUp<R>(index: Index<never>, prefixes: readonly Key[], range: EachRange, stages: (field: string) => object[]): Promise<{ i: number; r: R }[]> {
    checkPrefixes(prefixes);
    const bounds = prefixes
      .map((prefix, i) => ({ i, ...toBounds({ ...range, prefix }) }))
      .filter(({ low, high }) => comparePositions(low, high) < 0)
      .map(({ i, low, high }) => ({ i, low, high }));
    const field = fieldOf(index);
    const inBounds = { $expr: { $and: [{ $gte: [`$${field}`, '$$low'] }, { $lt: [`$${field}`, '$$high'] }] } };
    const results: { i: number; r: R }[] = [];
    for (const part of splitBySize(bounds)) {
      const cursor = this.#database.aggregate<{ i: number; r: R }>(
        [
          { $documents: part },
          {
            $lookup: {
              from: index.collection.name,
              let: { low: '$low', high: '$high' },
              pipeline: [{ $match: inBounds }, ...stages(field)],
              as: 'r',
            },
          },
          { $unwind: '$r' },
          { $project: { i: 1, r: 1 } },
        ],
        { batchSize: Math.min(part.length * range.limit + 1, 2 ** 31 - 1) },
      );
      for (const result of await this.#exhaust(cursor)) results.push(result);
    }
    return results;
  }

  /** All that a cursor gives, counting the commands it takes. */
  async #exhaust<T>(cursor: FindCursor<T> | AggregationCursor<T>): Promise<T[]> {
    const documents: T[] = [];
    for (;;) {
      this.#commands += 1;
      if (!(await cursor.hasNext())) return documents;
      for (const document of cursor.readBufferedDocuments()) documents.push(document as T);
      if (cursor.id === undefined || cursor.id.isZero()) return documents;
    }
  }
}

/** Ordinary bounds fit into one command; ten thousand of the longest keys do not. */
function splitBySize<T extends object>(documents: readonly T[]): T[][] {
  const parts: T[][] = [];
  let size = LARGEST_COMMAND;
  for (const document of documents) {
    const own = BSON.calculateObjectSize(document) + 8;
    if (size + own > LARGEST_COMMAND) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1)?.push(document);
    size += own;
  }
  return parts;
}
