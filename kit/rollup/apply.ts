import type { Transaction } from '../store/port.ts';
import { type BucketSpan, endOfBucket, LEVELS, partsOf, type Span } from './bucket.ts';
import { type BucketDocument, type Buckets, bucketId, type Contribution } from './documents.ts';
import { Draft } from './draft.ts';
import { foldContributions } from './fold.ts';

/**
 * Gives every contribution that an entity's quarter of an hour now consists of; what belongs elsewhere is passed over. It is
 * called for what cannot be subtracted: the least, the greatest and the different ones of a quarter that lost something.
 * It must see this transaction's puts.
 */
export type Recompute = (bucket: BucketSpan & Span, entity: string) => Promise<readonly Contribution[]>;

/**
 * Adds and takes back contributions in every bucket that holds them. Folded in memory: one get and one put for each bucket
 * that changes, however many events; what is added and removed alike touches nothing. The documents depend only on what is
 * in them, so any order and any split into batches gives the same bytes. A bucket that becomes empty stays, and reads as null.
 *
 * A removal that touches a minimum, a maximum or uniques costs one get more, and one `recompute` for each such quarter of an
 * hour, one after another; hours, days and months are rebuilt from their parts.
 * @throws RangeError for a contribution that no bucket can hold exactly, Error where `recompute` is needed and missing.
 */
export async function applyContributions(
  transaction: Transaction,
  buckets: Buckets,
  added: readonly Contribution[],
  removed: readonly Contribution[],
  recompute?: Recompute,
): Promise<void> {
  const deltas = foldContributions(added, removed);
  if (deltas.length === 0) return;
  const documents = await transaction.get(buckets, deltas.map((delta) => delta.id));
  const drafts = deltas.map((delta, index) => {
    const draft = new Draft(delta, documents[index] ?? null);
    draft.apply(delta);
    return draft;
  });
  const stale = drafts.filter((draft) => draft.stale);
  if (stale.length > 0) await rebuild(transaction, buckets, drafts, stale, recompute);
  for (const draft of drafts) transaction.put(buckets, draft.toDocument());
}

async function rebuild(
  transaction: Transaction,
  buckets: Buckets,
  drafts: readonly Draft[],
  stale: readonly Draft[],
  recompute: Recompute | undefined,
): Promise<void> {
  const draftOf = new Map(drafts.map((draft) => [draft.id, draft]));
  const partIds = (draft: Draft): string[] => partsOf(draft).map((part) => bucketId(draft.entity, part.level, part.from));
  const missing = [...new Set(stale.flatMap(partIds))].filter((id) => !draftOf.has(id));
  const stored = new Map<string, BucketDocument>();
  if (missing.length > 0) {
    for (const document of await transaction.get(buckets, missing)) if (document) stored.set(document.id, document);
  }
  for (const level of LEVELS) {
    for (const draft of stale) {
      if (draft.level !== level) continue;
      if (level === 'Q') draft.rebuildFromContributions(await contributionsOf(draft, recompute));
      else draft.rebuildFromParts(partIds(draft).flatMap((id) => draftOf.get(id)?.toDocument() ?? stored.get(id) ?? []));
    }
  }
}

/** One after another: a transaction of MongoDB takes one operation at a time. */
async function contributionsOf(draft: Draft, recompute: Recompute | undefined): Promise<readonly Contribution[]> {
  if (!recompute) throw new Error(`Expected recompute, since a removal touched what cannot be subtracted in ${draft.id}; got none.`);
  const { entity, level, from } = draft;
  const to = endOfBucket(draft);
  const contributions = await recompute({ level, from, to }, entity);
  return contributions.filter((contribution) => contribution.entity === entity && contribution.at >= from && contribution.at < to);
}
