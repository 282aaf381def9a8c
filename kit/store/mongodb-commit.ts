import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { MongoError, MongoServerError } from 'mongodb';
import type { AnyBulkWriteOperation, ClientSession, Db, MongoClient } from 'mongodb';
import type { OnStep, Write } from './commit-queue.ts';
import { withoutCredentials } from './mongodb-errors.ts';
import { collectionOf, HOLDS_COLLECTION, toStored } from './mongodb-layout.ts';
import type { HoldDocument, StoredDocument } from './mongodb-layout.ts';
import { StoreError } from './port.ts';
import type { AnyCollection } from './port.ts';

/** That a write may or may not have been made. Trying the works again could make it twice. */
export class UnknownOutcomeError extends StoreError {
  constructor(cause: Error) {
    super('STORE_UNAVAILABLE', `MongoDB was lost while it committed, and whether it did is not known. Send the events again: what was counted is not counted twice. Last: ${withoutCredentials(cause.message)}`, { cause });
  }
}

/**
 * Runs this in one transaction: reads of one moment, acknowledged by a majority. Makes one attempt.
 * @throws What the action throws and what the driver throws, with nothing written; UnknownOutcomeError.
 */
export async function runTransaction(client: MongoClient, deadlineMs: number, action: (session: ClientSession) => Promise<void>): Promise<void> {
  const session = client.startSession();
  try {
    session.startTransaction({ readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' }, readPreference: 'primary' });
    await action(session);
    await commitTransaction(session, deadlineMs);
  } catch (error) {
    // The server ends what it cannot be told of by itself; the first error is the one to report.
    if (session.inTransaction()) await session.abortTransaction().catch(() => {});
    throw error;
  } finally {
    await session.endSession();
  }
}

/**
 * Sends the commit until the server says what became of it: it knows the transaction by its number, so the same commit
 * may be sent again. Only a server's own TransientTransactionError says that nothing was written; every other error
 * leaves it open. The label UnknownTransactionCommitResult does not tell them apart: the driver gives none to an error
 * on a connection of a pool that was cleared meanwhile, nor where it finds no server to ask (seen with driver 7.9 while
 * a primary stepped down: the commit had been made).
 */
async function commitTransaction(session: ClientSession, deadlineMs: number): Promise<void> {
  const start = performance.now();
  for (;;) {
    try {
      await session.commitTransaction();
      return;
    } catch (error) {
      if (!(error instanceof MongoError)) throw error;
      if (error instanceof MongoServerError && error.hasErrorLabel('TransientTransactionError') && !error.hasErrorLabel('UnknownTransactionCommitResult')) throw error;
      if (performance.now() - start > deadlineMs) throw new UnknownOutcomeError(error);
      await setTimeout(100);
    }
  }
}

/** Held names fall into so many documents: a bound for the collection, at the price of a needless conflict now and then. */
const HOLDS = 1_024;

/**
 * Writes to a document for each held name, so that the server sees a conflict; returns how many commands that took. The
 * documents count, since a write that changes nothing conflicts with nothing.
 */
export async function writeHolds(database: Db, session: ClientSession, { held }: Write): Promise<number> {
  if (held.size === 0) return 0;
  const places = new Set([...held].map((name) => createHash('sha1').update(name).digest().readUInt32BE() % HOLDS));
  // In one order, so that two processes meet at the first that both hold, and write no more in vain.
  const updates = [...places].sort((one, other) => one - other).map((place) => ({ updateOne: { filter: { _id: place }, update: { $inc: { n: 1 } }, upsert: true } }));
  await database.collection<HoldDocument>(HOLDS_COLLECTION).bulkWrite(updates, { session });
  return 1;
}

/** Writes a batch's puts inside its transaction; returns how many commands that took. */
export async function writePuts(database: Db, session: ClientSession, { puts, cache }: Write, onStep?: OnStep): Promise<number> {
  const byCollection = new Map<AnyCollection, { inserts: AnyBulkWriteOperation<StoredDocument>[]; replacements: AnyBulkWriteOperation<StoredDocument>[] }>();
  for (const { collection, document, positions, guarded, removed } of puts) {
    let operations = byCollection.get(collection);
    if (operations === undefined) byCollection.set(collection, (operations = { inserts: [], replacements: [] }));
    if (removed) {
      operations.replacements.push({ deleteOne: { filter: { _id: document.id } } });
      continue;
    }
    const stored = toStored(collection, document, positions, guarded);
    // An insert needs no search, and fails where another process has inserted since it was looked for.
    if (cache.find(collection, document.id) === null) operations.inserts.push({ insertOne: { document: stored } });
    else operations.replacements.push({ replaceOne: { filter: { _id: document.id }, replacement: stored, upsert: true } });
  }
  let commands = 0;
  for (const [collection, { inserts, replacements }] of byCollection) {
    for (const operations of [inserts, replacements]) {
      if (operations.length === 0) continue;
      await collectionOf(database, collection).bulkWrite(operations, { session, ordered: false });
      commands += 1;
      if (commands === 1) onStep?.('begun');
      if (commands === byCollection.size) onStep?.('half');
    }
  }
  onStep?.('written');
  return commands;
}
