export { defineCollection, StoreError } from './port.ts';
export type {
  AnyCollection, Collection, Document, EachRange, Entry, Index, Key, KeyPart, ListPage, Position, Range, Store, StoreErrorCode, Transaction,
} from './port.ts';
export { comparePositions, isId } from './key.ts';
export { openLmdb } from './lmdb.ts';
export type { MongodbOptions } from './mongodb.ts';
export { openStore } from './open.ts';
export type { StoreOptions } from './open.ts';
