import { openLmdb } from './lmdb.ts';
import type { MongodbOptions } from './mongodb.ts';
import type { AnyCollection, Store } from './port.ts';

/** What each adapter takes; an adapter leaves aside what is not for it. */
export type StoreOptions = MongodbOptions;

/**
 * Opens the store at a location: `lmdb:FOLDER`, or a `mongodb://` or `mongodb+srv://` URI whose path names the
 * database (default `loopgraph`).
 * @throws StoreError, see the adapters; TypeError for any other location.
 */
export function openStore(location: string, collections: readonly AnyCollection[], options: StoreOptions = {}): Promise<Store> {
  if (location.startsWith('lmdb:') && location.length > 'lmdb:'.length) return openLmdb(location.slice('lmdb:'.length), collections, options);
  // Its driver is half of what a process on an embedded store would load in vain.
  if (/^mongodb(\+srv)?:\/\//.test(location)) return import('./mongodb.ts').then(({ openMongodb }) => openMongodb(location, collections, options));
  // What came may hold a password, so only its kind is said.
  const kind = /^[a-z+]{1,20}(?=:)/i.exec(location)?.[0];
  throw new TypeError(`A store is lmdb:FOLDER, mongodb://… or mongodb+srv://…, not ${kind === undefined ? 'a location without such a beginning' : `${kind}:…`}.`);
}
