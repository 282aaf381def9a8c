import type { Collection, Document, Transaction } from '../../kit/store/port.ts';

/** A document before and after a fold; `before` is null for a new one. */
export interface DocumentChange<D> {
  readonly before: D | null;
  readonly after: D;
}

/**
 * Joins what is told with what is stored, each document once, and puts the results; where the join returns what is stored,
 * nothing is put. The join must not depend on order.
 */
export async function foldInto<D extends Document>(
  transaction: Transaction,
  collection: Collection<D>,
  told: readonly D[],
  join: (one: D, other: D) => D,
): Promise<DocumentChange<D>[]> {
  const byId = new Map<string, D>();
  for (const document of told) {
    const earlier = byId.get(document.id);
    byId.set(document.id, earlier === undefined ? document : join(earlier, document));
  }
  if (byId.size === 0) return [];
  const stored = await transaction.get(collection, [...byId.keys()]);
  return [...byId.values()].map((document, place) => {
    const before = stored[place] ?? null;
    const after = before === null ? document : join(before, document);
    if (after !== before) transaction.put(collection, after);
    return { before, after };
  });
}
