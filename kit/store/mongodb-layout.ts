import { MongoServerError } from 'mongodb';
import type { ClientSession, Collection as MongoCollection, Db } from 'mongodb';
import { guard, unguard } from './document.ts';
import { StoreError } from './port.ts';
import type { AnyCollection, Document, Index } from './port.ts';
import { FORMAT, toPosition } from './schema.ts';
import type { Schema } from './schema.ts';

/** Documents given a new index's position in one transaction. */
const CHUNK = 1_000;
const META = 'loopgraph.meta';
/** The collection that works of several processes conflict in. */
export const HOLDS_COLLECTION = 'loopgraph.holds';

/** A place of the collection of holds. */
export interface HoldDocument {
  readonly _id: number;
  /** How often it was held. */
  readonly n: number;
}

/** A document as MongoDB holds it. */
export interface StoredDocument {
  readonly _id: string;
  /** Where it stands, by index; a name is missing where it is not in that index. */
  readonly k: Readonly<Record<string, string>>;
  /** The document. */
  readonly d: object;
  /** Its names are guarded, or it holds byte arrays. */
  readonly g?: true;
}

/** What the database says of itself: the format under `format`, each collection's index versions under `collection:<name>`. */
interface MetaDocument {
  readonly _id: string;
  readonly format?: number;
  readonly indexes?: Readonly<Record<string, number>>;
}

/** Runs this in a transaction of its own, again after a conflict. */
export type Transact = (action: (options: { readonly session: ClientSession }) => Promise<void>) => Promise<void>;

/** MongoDB's collection of a declared one. */
export function collectionOf(database: Db, collection: { readonly name: string }): MongoCollection<StoredDocument> {
  return database.collection<StoredDocument>(collection.name);
}

/** The field that holds positions in an index. */
export function fieldOf(index: { readonly name: string }): string {
  return `k.${index.name}`;
}

/** The document as MongoDB holds it. */
export function toStored(collection: AnyCollection, document: Document, positions: readonly (string | null)[], guarded: boolean): StoredDocument {
  const k: Record<string, string> = {};
  for (const [at, index] of collection.indexes.entries()) {
    const position = positions[at] ?? null;
    if (position !== null) k[index.name] = position;
  }
  return guarded ? { _id: document.id, k, d: guard(document) as object, g: true } : { _id: document.id, k, d: document };
}

/** The document as every reader sees it. */
export function fromStored({ d, g }: Pick<StoredDocument, 'd' | 'g'>): Document {
  return (g === true ? unguard(d) : d) as Document;
}

/**
 * Reads what the database says of itself and makes it hold the collections and indexes that are declared. A new or
 * changed index is filled from the documents, one that a declared collection no longer has is dropped. Processes of
 * another version must not write meanwhile: they do not know the new keys.
 * @throws StoreError `STORE_FORMAT`
 */
export async function prepareDatabase(database: Db, schema: Schema, transact: Transact): Promise<void> {
  const meta = database.collection<MetaDocument>(META);
  await checkFormat(meta, database.databaseName);
  const existing = new Set((await database.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name));
  if (!existing.has(HOLDS_COLLECTION)) await createCollection(database, HOLDS_COLLECTION);
  const records = new Map((await meta.find().toArray()).map((record) => [record._id, record.indexes ?? {}]));
  for (const collection of schema.values()) {
    const stored = collectionOf(database, collection);
    if (!existing.has(collection.name)) await createCollection(database, collection.name);
    const id = `collection:${collection.name}`;
    const versions = records.get(id) ?? {};
    for (const name of Object.keys(versions)) {
      if (collection.indexes.some((index) => index.name === name)) continue;
      await meta.updateOne({ _id: id }, { $unset: { [`indexes.${name}`]: '' } });
      await dropIndex(stored, name);
    }
    for (const index of collection.indexes) {
      if (versions[index.name] === index.version) continue;
      await stored.createIndex({ [fieldOf(index)]: 1 }, { name: index.name });
      await fillIndex(stored, index, transact);
      await upsert(meta, id, { $set: { [`indexes.${index.name}`]: index.version } });
    }
  }
}

async function checkFormat(meta: MongoCollection<MetaDocument>, database: string): Promise<void> {
  await upsert(meta, 'format', { $setOnInsert: { format: FORMAT } });
  const found = (await meta.findOne({ _id: 'format' }))?.format;
  if (found === FORMAT) return;
  const relation = typeof found === 'number' && found > FORMAT ? 'a newer' : 'an older';
  throw new StoreError(
    'STORE_FORMAT',
    `The database ${database} was written by ${relation} loopgraph (format ${found}; this one reads ${FORMAT}). ` +
      'Run that version, or give this one an empty database and load the events again.',
  );
}

/** Two processes that upsert one document at once may both try to insert it (code 11000); then it is there. */
async function upsert(meta: MongoCollection<MetaDocument>, id: string, update: { $set?: object; $setOnInsert?: object }): Promise<void> {
  try {
    await meta.updateOne({ _id: id }, update, { upsert: true });
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== 11000) throw error;
    await meta.updateOne({ _id: id }, update, { upsert: true });
  }
}

/** A transaction cannot create what it first writes to while others do the same. */
async function createCollection(database: Db, name: string): Promise<void> {
  try {
    await database.createCollection(name);
  } catch (error) {
    // 48: another process was quicker.
    if (!(error instanceof MongoServerError) || error.code !== 48) throw error;
  }
}

/** The positions stay in the documents, where nothing reads them, until each is written again. */
async function dropIndex(stored: MongoCollection<StoredDocument>, name: string): Promise<void> {
  try {
    await stored.dropIndex(name);
  } catch (error) {
    // 27: another process was quicker.
    if (!(error instanceof MongoServerError) || error.code !== 27) throw error;
  }
}

async function fillIndex(stored: MongoCollection<StoredDocument>, index: Index<never>, transact: Transact): Promise<void> {
  const field = fieldOf(index);
  let after: string | null = null;
  for (;;) {
    let last: string | null = null;
    // In a transaction, so that a document another process replaces meanwhile is not given its old position.
    await transact(async ({ session }) => {
      const filter = after === null ? {} : { _id: { $gt: after } };
      const chunk = await stored.find(filter, { session, sort: { _id: 1 }, limit: CHUNK, batchSize: CHUNK }).toArray();
      last = chunk.at(-1)?._id ?? null;
      const updates = [];
      for (const document of chunk) {
        const position = toPosition(index, fromStored(document));
        if (position === (document.k[index.name] ?? null)) continue;
        const update = position === null ? { $unset: { [field]: '' as const } } : { $set: { [field]: position } };
        updates.push({ updateOne: { filter: { _id: document._id }, update } });
      }
      if (updates.length > 0) await stored.bulkWrite(updates, { session, ordered: false });
    });
    if (last === null) return;
    after = last;
  }
}
