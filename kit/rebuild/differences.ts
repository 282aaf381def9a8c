import { comparePositions } from '../store/key.ts';
import { isSame } from '../store/document.ts';
import type { AnyCollection, Collection, Document, Store } from '../store/port.ts';
import { readAll } from '../store/read-all.ts';
import type { Rebuild } from '../subgraph.ts';

/** One document that is not what its facts give. */
export interface Difference {
  readonly collection: AnyCollection;
  readonly id: string;
  /** What is stored; null where nothing is. */
  readonly kept: Document | null;
  /** What the facts give; null for nothing. */
  readonly computed: Document | null;
  /** The fields that differ, in order; empty where one of the two is null. */
  readonly fields: readonly string[];
}

/** The documents of a collection one by one. */
async function* eachOf(store: Store, collection: AnyCollection): AsyncGenerator<Document> {
  for await (const page of readAll(store, collection as unknown as Collection<Document>)) yield* page;
}

/** Both sides of a collection by id, in the order of ids, each id once. */
async function* pairsOf(collection: AnyCollection, kept: Store, computed: Store): AsyncGenerator<[Document | null, Document | null]> {
  const [left, right] = [eachOf(kept, collection), eachOf(computed, collection)];
  let [one, other] = [await left.next(), await right.next()];
  while (!one.done || !other.done) {
    const order = one.done ? 1 : other.done ? -1 : comparePositions(one.value.id, other.value.id);
    yield [order <= 0 ? (one.value as Document) : null, order >= 0 ? (other.value as Document) : null];
    if (order <= 0) one = await left.next();
    if (order >= 0) other = await right.next();
  }
}

/** Streams a collection's differences in the order of ids; memory does not grow with it. */
export async function* findDifferences(collection: AnyCollection, kept: Store, computed: Store, rebuild: Rebuild): AsyncGenerator<Difference> {
  const skipped = new Set((rebuild.undetermined ?? []).filter((each) => each.collection === collection.name).flatMap(({ fields }) => fields));
  const isLeftover = (document: Document, of: 'kept' | 'computed'): boolean => rebuild.isLeftover?.(collection.name, document, of) ?? false;
  for await (const [one, other] of pairsOf(collection, kept, computed)) {
    if (one === null || other === null) {
      if (one === null ? isLeftover(other as Document, 'computed') : isLeftover(one, 'kept')) continue;
      yield { collection, id: (one ?? (other as Document)).id, kept: one, computed: other, fields: [] };
      continue;
    }
    const fields = differingFields(one, other).filter((field) => !skipped.has(field));
    if (fields.length > 0) yield { collection, id: one.id, kept: one, computed: withFields(other, one, skipped), fields };
  }
}

function differingFields(one: Document, other: Document): string[] {
  const [left, right] = [one, other] as unknown as Record<string, unknown>[];
  const names = new Set([...Object.keys(left ?? {}), ...Object.keys(right ?? {})]);
  return [...names].filter((name) => !isSame(left?.[name], right?.[name])).sort();
}

/** What is computed with what only the store knows. */
function withFields(computed: Document, kept: Document, fields: ReadonlySet<string>): Document {
  const known = Object.entries(kept).filter(([name]) => fields.has(name));
  return { ...computed, ...Object.fromEntries(known) };
}
