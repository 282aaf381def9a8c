import { encodePosition } from './key.ts';
import { StoreError } from './port.ts';
import type { AnyCollection, Collection, Document, Index } from './port.ts';

/** The format of what the adapters write. Raise it when the encoding of keys or documents changes. */
export const FORMAT = 2;

const COLLECTION_NAME = /^[a-z][a-zA-Z0-9_.-]{0,99}$/;
const INDEX_NAME = /^[a-z][a-zA-Z0-9_]{0,49}$/;

/** The collections a store was opened with, by name. */
export type Schema = ReadonlyMap<string, AnyCollection>;

/**
 * Gathers the collections of a store.
 * @throws TypeError for two of one name and for names that not every store takes.
 */
export function createSchema(collections: readonly AnyCollection[]): Schema {
  const schema = new Map<string, AnyCollection>();
  for (const collection of collections) {
    const { name } = collection;
    if (!COLLECTION_NAME.test(name) || name.startsWith('system.') || name.startsWith('loopgraph.')) {
      throw new TypeError(`A collection's name must match ${COLLECTION_NAME} and be none of the store's own, not ${JSON.stringify(name)}.`);
    }
    if (schema.has(name)) throw new TypeError(`Two collections are named ${JSON.stringify(name)}; names are unique across a store.`);
    for (const index of collection.indexes) {
      if (!INDEX_NAME.test(index.name)) {
        throw new TypeError(`An index's name must match ${INDEX_NAME}, not ${JSON.stringify(index.name)} (of ${name}).`);
      }
      if (!Number.isSafeInteger(index.version) || index.version < 1) {
        throw new TypeError(`An index's version must be a whole number from 1, not ${index.version} (${name}.${index.name}).`);
      }
    }
    schema.set(name, collection);
  }
  return schema;
}

/**
 * The store's own declaration of a collection.
 * @throws TypeError for one that the store was not opened with.
 */
export function findCollection(schema: Schema, collection: { readonly name: string }): AnyCollection {
  const found = schema.get(collection.name);
  if (found === undefined) {
    throw new TypeError(`The store was opened without the collection ${JSON.stringify(collection.name)}; give it to openStore.`);
  }
  return found;
}

/**
 * The store's own declaration of an index.
 * @throws TypeError for one that the store was not opened with.
 */
export function findIndex<D extends Document>(schema: Schema, index: Index<D>): Index<never> {
  const found = findCollection(schema, index.collection).indexes.find(({ name }) => name === index.name);
  if (found === undefined) {
    throw new TypeError(`The store was opened without the index ${index.collection.name}.${index.name}.`);
  }
  return found;
}

/** Where a document stands in an index; null where it is not in it. */
export function toPosition(index: Index<never>, document: Document): string | null {
  const key = index.key(document as never);
  if (key === null) return null;
  try {
    return encodePosition(key, document.id);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const place = `${index.collection.name}.${index.name} of ${JSON.stringify(document.id)}`;
    throw new StoreError(error.code, `${error.message} (${place})`, { cause: error });
  }
}

/** Where a document stands in each of its collection's indexes, in their order. */
export function toPositions(collection: AnyCollection, document: Document): (string | null)[] {
  return (collection as Collection<never>).indexes.map((index) => toPosition(index, document));
}

/** @throws RangeError for a page that is none. */
export function checkPage({ limit }: { readonly limit: number }): void {
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > 100_000) throw new RangeError(`A page has 1 to 100,000 documents, not ${limit}.`);
}

/** @throws RangeError for more prefixes than one command takes. */
export function checkPrefixes(prefixes: readonly unknown[]): void {
  if (prefixes.length > 10_000) throw new RangeError(`At most 10,000 prefixes in one command, not ${prefixes.length}.`);
}
