import type { Collection, Document, Transaction } from '../../kit/store/port.ts';
import type { JobRunDocument } from './documents.ts';

/** A run before and after a commit; `before` is null for a new one. */
export interface RunChange {
  readonly before: JobRunDocument | null;
  readonly after: JobRunDocument;
}

/** Writes documents whose content follows from their id, where they are not there yet. */
export async function putMissing<D extends Document>(transaction: Transaction, collection: Collection<D>, wanted: readonly D[]): Promise<void> {
  const byId = new Map(wanted.map((document) => [document.id, document]));
  if (byId.size === 0) return;
  const stored = await transaction.get(collection, [...byId.keys()]);
  [...byId.values()].forEach((document, place) => {
    if ((stored[place] ?? null) === null) transaction.put(collection, document);
  });
}
