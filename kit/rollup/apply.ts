import type { Transaction } from '../store/port.ts';
import { type BucketSpan, QUARTER_HOUR_MS, type Span, startOfBucket } from './bucket.ts';
import { changeTree } from './change.ts';
import { bucketId, type Buckets, type Contribution, monthId } from './documents.ts';
import { foldContributions, isAlike, type QuarterDelta } from './fold.ts';
import { Reading } from './reading.ts';
import { createList, packMonth, unpackMonth } from './tree.ts';

/**
 * Gives every contribution that an entity's quarter of an hour now consists of; what belongs elsewhere is passed over. It is
 * called for what cannot be subtracted: the least, the greatest and the different ones of a quarter that lost something.
 * It must see this transaction's puts. `greatest` tells of a name the greatest value that the quarter held before or holds now.
 */
export type Recompute = (bucket: BucketSpan & Span, entity: string, greatest: (name: string) => number) => Promise<readonly Contribution[]>;

/**
 * Adds and takes back contributions in every bucket that holds them. Folded in memory: one get and one put for each month of an
 * entity that changes, however many events, and as much again for each day and each bucket that is large; what is added and
 * removed alike touches nothing. The documents depend only on what is in them, so any order and any split into batches gives
 * the same bytes. What becomes empty is removed.
 *
 * A removal that touches a minimum, a maximum or uniques costs one `recompute` for each such quarter of an hour, one after
 * another; hours, days and months are rebuilt from their parts.
 * @throws RangeError for a contribution that no bucket can hold exactly, Error where `recompute` is needed and missing.
 */
export async function applyContributions(
  transaction: Transaction,
  buckets: Buckets,
  added: readonly Contribution[],
  removed: readonly Contribution[],
  recompute?: Recompute,
): Promise<void> {
  const months = groupByMonth(foldContributions(added, removed));
  if (months.size === 0) return;
  const reading = new Reading(async (ids) => (await transaction.get(buckets, ids)).map((document) => document?.packed ?? null));
  const pack = createPacker();
  const stored = await transaction.get(buckets, [...months.keys()]);
  const changes = [...months].map(async ([id, { entity, from, deltas }], place) => {
    const before = stored[place] ?? null;
    const root = before === null ? createList('M', from) : unpackMonth(before.packed, from);
    await changeTree(root, deltas, {
      entity,
      names: buckets.names,
      read: (ids) => reading.get(ids),
      pack,
      put: (own, packed) => transaction.put(buckets, { id: own, packed }),
      remove: (own) => transaction.remove(buckets, own),
      recompute: (quarter, greatest) => reading.alone(() => contributionsOf(entity, quarter, greatest, recompute)),
    });
    if (root.size > 0) transaction.put(buckets, { id, packed: packMonth(root) });
    else if (before !== null) transaction.remove(buckets, id);
  });
  // None may still be at work when the transaction ends.
  for (const result of await Promise.allSettled(changes)) if (result.status === 'rejected') throw result.reason;
}

/** Makes the bytes of one contribution once, however many entities count it. */
function createPacker(): (sole: Contribution, make: () => Uint8Array | null) => Uint8Array | null {
  const made = new Map<object, { readonly of: Contribution; readonly bytes: Uint8Array | null }>();
  return (sole, make) => {
    const key = sole.counts ?? sole;
    const known = made.get(key);
    if (known !== undefined && isAlike(known.of, sole)) return known.bytes;
    const bytes = make();
    made.set(key, { of: sole, bytes });
    return bytes;
  };
}

interface Month {
  readonly entity: string;
  readonly from: number;
  readonly deltas: QuarterDelta[];
}

function groupByMonth(deltas: readonly QuarterDelta[]): Map<string, Month> {
  const months = new Map<string, Month>();
  for (const delta of deltas) {
    const { entity } = delta;
    const from = startOfBucket('M', delta.from);
    const id = monthId(entity, from);
    const month = months.get(id);
    if (month) month.deltas.push(delta);
    else months.set(id, { entity, from, deltas: [delta] });
  }
  return months;
}

async function contributionsOf(
  entity: string,
  from: number,
  greatest: (name: string) => number,
  recompute: Recompute | undefined,
): Promise<readonly Contribution[]> {
  if (!recompute) throw new Error(`Expected recompute, since a removal touched what cannot be subtracted in ${bucketId(entity, 'Q', from)}; got none.`);
  const to = from + QUARTER_HOUR_MS;
  const contributions = await recompute({ level: 'Q', from, to }, entity, greatest);
  return contributions.filter((contribution) => contribution.entity === entity && contribution.at >= from && contribution.at < to);
}
