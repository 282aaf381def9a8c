import { open } from 'lmdb';
import { MongoClient } from 'mongodb';
import { encodePosition } from '../../kit/store/key.ts';
import type { AnyCollection, Collection, Document, Store, Transaction } from '../../kit/store/port.ts';
import { toBatches } from './generated.ts';

/** A document with the collection it belongs to. */
export interface Placed {
  readonly collection: AnyCollection;
  readonly document: Document;
}

/** A store that remembers what was last put of each document, in the order in which documents first came. */
export function recordPuts(store: Store): { readonly store: Store; readonly documents: () => Placed[] } {
  const last = new Map<string, Placed>();
  const watch = (transaction: Transaction): Transaction => ({
    get: (collection, ids) => transaction.get(collection, ids),
    scan: (index, range) => transaction.scan(index, range),
    put<D extends Document>(collection: Collection<D>, document: D): void {
      last.set(`${collection.name}/${document.id}`, { collection: collection as AnyCollection, document });
      transaction.put(collection, document);
    },
    remove(collection, id) {
      last.delete(`${collection.name}/${id}`);
      transaction.remove(collection, id);
    },
    hold: (name) => transaction.hold(name),
  });
  const commands = store.commands;
  const recording: Store = {
    get: (collection, ids) => store.get(collection, ids),
    scan: (index, range) => store.scan(index, range),
    list: (collection, page) => store.list(collection, page),
    scanEach: (index, prefixes, range) => store.scanEach(index, prefixes, range),
    countEach: (index, prefixes, range) => store.countEach(index, prefixes, range),
    commit: (work) => store.commit((transaction) => work(watch(transaction))),
    commands,
    close: () => store.close(),
  };
  return { store: recording, documents: () => [...last.values()] };
}

/** Where a document stands in each of its indexes that hold it. */
function positionsOf({ collection, document }: Placed): [name: string, position: string][] {
  return (collection as Collection<never>).indexes.flatMap((index) => {
    const key = index.key(document as never);
    return key === null ? [] : [[index.name, encodePosition(key, document.id)]];
  });
}

/** Inserts into an LMDB folder, one synchronous write and flush a batch; resolves with the milliseconds it took. */
export async function insertIntoLmdb(path: string, documents: readonly Placed[], batchSize: number): Promise<number> {
  const root = open({ path, noSubdir: false, overlappingSync: false });
  const stored = root.openDB<Document, string>({ name: 'documents', encoder: { useRecords: false } } as never);
  const entries = root.openDB<string, string>({ name: 'entries', encoding: 'string' });
  const startedAt = performance.now();
  for (const batch of toBatches(documents, batchSize)) {
    await root.childTransaction(() => {
      for (const placed of batch) {
        const { collection, document } = placed;
        stored.putSync(`${collection.name}/${document.id}`, document);
        for (const [name, position] of positionsOf(placed)) entries.putSync(`${collection.name}/${name}/${position}`, document.id);
      }
    });
    await root.flushed;
  }
  const ms = performance.now() - startedAt;
  await root.close();
  return ms;
}

/** Inserts into a MongoDB database, one acknowledged insertion a batch and collection; resolves with the milliseconds it took. */
export async function insertIntoMongodb(uri: string, documents: readonly Placed[], batchSize: number): Promise<number> {
  const client = await MongoClient.connect(uri);
  const collections = new Set(documents.map(({ collection }) => collection));
  for (const { name, indexes } of collections) {
    const raw = await client.db().createCollection(`raw.${name}`);
    if (indexes.length > 0) await raw.createIndexes(indexes.map((index) => ({ key: { [`k.${index.name}`]: 1 }, sparse: true })));
  }
  const startedAt = performance.now();
  for (const batch of toBatches(documents, batchSize)) {
    const byCollection = new Map<AnyCollection, { _id: string; k: object; d: object }[]>();
    for (const placed of batch) {
      const { id, ...rest } = placed.document;
      const row = { _id: id, k: Object.fromEntries(positionsOf(placed)), d: rest };
      const rows = byCollection.get(placed.collection);
      if (rows === undefined) byCollection.set(placed.collection, [row]);
      else rows.push(row);
    }
    for (const [collection, rows] of byCollection) {
      await client.db().collection<{ _id: string }>(`raw.${collection.name}`).insertMany(rows, { ordered: false, writeConcern: { w: 'majority' } });
    }
  }
  const ms = performance.now() - startedAt;
  await client.close();
  return ms;
}
