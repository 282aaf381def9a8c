import type { Database, RootDatabase } from 'lmdb';
import { unguard } from './document.ts';
import { escapeText } from './key.ts';
import { StoreError } from './port.ts';
import type { AnyCollection, Document, Index } from './port.ts';
import { FORMAT, toPosition } from './schema.ts';
import type { Schema } from './schema.ts';

/** Documents built anew into an index in one write. */
const CHUNK = 2_000;

interface IndexRecord {
  readonly number: number;
  /** 0 while the index is being built, so that a build that was broken off begins again. */
  readonly version: number;
}

interface CollectionRecord {
  readonly number: number;
  readonly indexes: Readonly<Record<string, IndexRecord>>;
}

/** What the folder says about itself. */
interface Meta {
  readonly format: number;
  /** The next number to be given; numbers are never used again. */
  readonly next: number;
  readonly collections: Readonly<Record<string, CollectionRecord>>;
}

/** A document, or one whose names are guarded. */
export type Stored = Document | { readonly guarded: unknown };

/** Which keys of the environment belong to which collection and index. */
export interface Layout {
  /** Document keys of a collection begin with this. */
  readonly stemOf: (collection: AnyCollection) => string;
  /** Entry keys of an index begin with this. */
  readonly stemOfIndex: (index: Index<never>) => string;
}

export interface Databases {
  readonly root: RootDatabase;
  readonly meta: Database<Meta, string>;
  /** Collection's number and id to document. */
  readonly documents: Database<Stored, string>;
  /** Index's number and position to id. */
  readonly entries: Database<string, string>;
}

/** The key of a document. */
export function toDocumentKey(stem: string, id: string): string {
  return stem + escapeText(id);
}

/** The document as every reader sees it. */
export function fromStored(stored: Stored): Document {
  return 'guarded' in stored && !('id' in stored) ? (unguard(stored.guarded) as Document) : (stored as Document);
}

/**
 * Reads what the folder says about itself, and makes it hold exactly the indexes that are declared: a new or changed
 * one is built from the documents, one that a declared collection no longer has is removed. Collections that are not
 * declared stay as they are.
 * @throws StoreError `STORE_FORMAT`
 */
export async function prepareLayout(databases: Databases, schema: Schema, folder: string): Promise<Layout> {
  let meta = readMeta(databases, folder);
  const save = async (next: Meta): Promise<void> => {
    meta = next;
    await databases.meta.put('meta', next);
  };
  const saveIndex = (collection: string, name: string, record: IndexRecord | null): Promise<void> => {
    const { number, indexes } = meta.collections[collection] as CollectionRecord;
    const rest = Object.fromEntries(Object.entries(indexes).filter(([other]) => other !== name));
    const changed = { number, indexes: record === null ? rest : { ...rest, [name]: record } };
    return save({ ...meta, next: Math.max(meta.next, (record?.number ?? 0) + 1), collections: { ...meta.collections, [collection]: changed } });
  };
  for (const collection of schema.values()) {
    if (!Object.hasOwn(meta.collections, collection.name)) {
      await save({ ...meta, next: meta.next + 1, collections: { ...meta.collections, [collection.name]: { number: meta.next, indexes: {} } } });
    }
    const stored = (meta.collections[collection.name] as CollectionRecord).indexes;
    for (const [name, record] of Object.entries(stored)) {
      if (collection.indexes.some((index) => index.name === name && index.version === record.version)) continue;
      await saveIndex(collection.name, name, { ...record, version: 0 });
      await clear(databases.entries, toStem(record.number));
      await saveIndex(collection.name, name, null);
    }
    for (const index of collection.indexes) {
      if (Object.hasOwn((meta.collections[collection.name] as CollectionRecord).indexes, index.name)) continue;
      const number = meta.next;
      await saveIndex(collection.name, index.name, { number, version: 0 });
      await build(databases, toStem((meta.collections[collection.name] as CollectionRecord).number), index, toStem(number));
      await saveIndex(collection.name, index.name, { number, version: index.version });
    }
  }
  await databases.root.flushed;
  const stems = new Map<AnyCollection, string>();
  const indexStems = new Map<Index<never>, string>();
  for (const collection of schema.values()) {
    const record = meta.collections[collection.name] as CollectionRecord;
    stems.set(collection, toStem(record.number));
    for (const index of collection.indexes) indexStems.set(index, toStem((record.indexes[index.name] as IndexRecord).number));
  }
  return {
    stemOf: (collection) => stems.get(collection) as string,
    stemOfIndex: (index) => indexStems.get(index) as string,
  };
}

function readMeta(databases: Databases, folder: string): Meta {
  const meta = databases.meta.get('meta');
  if (meta === undefined) return { format: FORMAT, next: 1, collections: {} };
  if (meta.format !== FORMAT) {
    const relation = meta.format > FORMAT ? 'a newer' : 'an older';
    throw new StoreError(
      'STORE_FORMAT',
      `The folder ${folder} was written by ${relation} loopgraph (format ${meta.format}; this one reads ${FORMAT}). ` +
        'Run that version, or give this one an empty folder and load the events again.',
    );
  }
  return meta;
}

/** Ends with a character that no number holds, so that no stem begins another. */
function toStem(number: number): string {
  return `${number.toString(36)}:`;
}

/** The keys that begin with a stem: ';' follows ':'. */
export function rangeOf(stem: string): { readonly start: string; readonly end: string } {
  return { start: stem, end: `${stem.slice(0, -1)};` };
}

async function clear(entries: Databases['entries'], stem: string): Promise<void> {
  for (;;) {
    const keys = [...entries.getKeys({ ...rangeOf(stem), limit: CHUNK })];
    if (keys.length === 0) return;
    await entries.childTransaction(() => {
      for (const key of keys) entries.removeSync(key);
    });
  }
}

async function build({ documents, entries }: Databases, stem: string, index: Index<never>, indexStem: string): Promise<void> {
  let range: { start: string; end: string; exclusiveStart?: boolean } = rangeOf(stem);
  for (;;) {
    const chunk = [...documents.getRange({ ...range, limit: CHUNK })];
    const last = chunk.at(-1);
    if (last === undefined) return;
    await entries.childTransaction(() => {
      for (const { value } of chunk) {
        const document = fromStored(value);
        const position = toPosition(index, document);
        if (position !== null) entries.putSync(indexStem + position, document.id);
      }
    });
    range = { ...range, start: last.key, exclusiveStart: true };
  }
}
