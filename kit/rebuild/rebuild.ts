import { isSame } from '../store/document.ts';
import type { Collection, Document, Store } from '../store/port.ts';
import { readAll } from '../store/read-all.ts';
import type { KeptDocuments, Subgraph } from '../subgraph.ts';
import { findDifferences } from './differences.ts';
import type { Difference } from './differences.ts';

/** What came of computing one subgraph's documents anew. */
export interface RebuildSummary {
  readonly subgraph: string;
  /** By collection: how many documents are stored, and how many of all differ. */
  readonly collections: readonly { readonly name: string; readonly documents: number; readonly different: number }[];
  /** Differences that were put right; 0 where that was not asked for. */
  readonly mended: number;
  /** What is not compared, and why. */
  readonly undetermined: readonly string[];
}

export interface RebuildOptions {
  /** Called with each difference as it is found. */
  readonly onDifference?: (difference: Difference) => void;
  /** Whether what differs is put right. Default false. */
  readonly mend?: boolean;
}

/** Differences that are put right in one commit. */
const BATCH = 500;

/**
 * Computes a subgraph's documents anew from the events that it keeps, through its own commits, and compares them with what is
 * stored, document by document and field by field. What is written to `kept` meanwhile by others shows as a difference.
 * @param computed an empty store opened with the subgraph's collections.
 * @returns null for a subgraph that does not say how.
 */
export async function rebuild(subgraph: Subgraph, kept: Store, computed: Store, options: RebuildOptions = {}): Promise<RebuildSummary | null> {
  const { rebuild: how, collections } = subgraph;
  if (how === undefined) return null;
  const documents: KeptDocuments = { store: kept, all: (collection) => readAll(kept, collection) };
  await how.replay(documents, computed);
  const counted: { name: string; documents: number; different: number }[] = [];
  let mended = 0;
  for (const collection of collections) {
    let different = 0;
    let waiting: Difference[] = [];
    const mend = async (): Promise<void> => {
      mended += await putRight(kept, waiting);
      waiting = [];
    };
    for await (const difference of findDifferences(collection, kept, computed, how)) {
      different += 1;
      options.onDifference?.(difference);
      if (options.mend !== true) continue;
      waiting.push(difference);
      if (waiting.length >= BATCH) await mend();
    }
    if (waiting.length > 0) await mend();
    counted.push({ name: collection.name, documents: await countAll(kept, collection as unknown as Collection<Document>), different });
  }
  return {
    subgraph: subgraph.name,
    collections: counted,
    mended,
    undetermined: (how.undetermined ?? []).map(({ collection, fields, reason }) => `${collection}: ${fields.join(', ')}: ${reason}`),
  };
}

async function countAll(store: Store, collection: Collection<Document>): Promise<number> {
  let count = 0;
  for await (const page of readAll(store, collection)) count += page.length;
  return count;
}

/** Writes what was computed, unless another process has changed the document since it was compared. */
function putRight(store: Store, differences: readonly Difference[]): Promise<number> {
  return store.commit(async (transaction) => {
    let mended = 0;
    for (const { collection, id, kept, computed } of differences) {
      const known = collection as unknown as Collection<Document>;
      const [now = null] = await transaction.get(known, [id]);
      if (!isSame(now, kept)) continue;
      if (computed === null) transaction.remove(collection, id);
      else transaction.put(known, computed);
      mended += 1;
    }
    return mended;
  });
}
