import { toId, typeOfId } from '../../kit/graph/id.ts';
import { createGatherer } from '../../kit/ingest/gather.ts';
import { rejectEvent } from '../../kit/ingest/receipt.ts';
import { validateEvents } from '../../kit/ingest/validate.ts';
import type { ValidEvent } from '../../kit/ingest/validate.ts';
import type { Store, Transaction } from '../../kit/store/port.ts';
import type { Receipt, Receiver, Rejection } from '../../kit/subgraph.ts';
import { eventTypes, ledgers, refusals, unclaimedEvents } from './documents.ts';
import type { EventTypeDocument, RefusalDocument, UnclaimedEventDocument } from './documents.ts';
import { refusalEvent, settledEvent, unclaimedEvent } from './events.ts';
import type { ReceiverName } from './events.ts';
import { Ledger, mergeRefusals, toRefusal, toUnclaimedEvent } from './ingest.ts';
import type { Refusal } from './ingest.ts';

type Outcome = 'accepted' | 'repeated' | Omit<Rejection, 'index'>;

async function readLedgers(transaction: Transaction, receivers: readonly ReceiverName[]): Promise<Map<ReceiverName, Ledger>> {
  const names = [...new Set(receivers)];
  const stored = await transaction.get(ledgers, names);
  return new Map(names.map((name, at) => [name, new Ledger(name, stored[at] ?? null)]));
}

const toFree = (document: RefusalDocument): RefusalDocument => ({ ...document, body: null, excerpt: null, isListed: false });

/** Counts refusals, in one commit; what a receiver keeps stays within its bound. */
function commitRefusals(store: Store, incoming: readonly Refusal[]): Promise<Outcome[]> {
  return store.commit(async (transaction) => {
    const books = await readLedgers(transaction, incoming.map(({ receiver }) => receiver));
    const ids = [...new Set(incoming.flatMap(({ receiver, refusalId }) => books.get(receiver)?.placeOf(refusalId) ?? []))];
    const places = new Map<string, RefusalDocument>();
    for (const document of await transaction.get(refusals, ids)) if (document !== null) places.set(document.id, document);
    const cleared = new Set<string>();
    const touched = new Set<string>();
    const outcomes = incoming.map((refusal): Outcome => {
      const book = books.get(refusal.receiver) as Ledger;
      const isKnown = book.placeOf(refusal.refusalId) !== null;
      const { place, cleared: left } = book.keep(refusal);
      const before = isKnown ? places.get(place) : undefined;
      places.set(place, { ...(before === undefined ? refusal : mergeRefusals(before, refusal)), id: place, isListed: true });
      touched.add(place);
      cleared.delete(place);
      for (const id of left) cleared.add(id);
      return isKnown ? 'repeated' : 'accepted';
    });
    for (const document of await transaction.get(refusals, [...cleared])) if (document !== null) transaction.put(refusals, toFree(document));
    for (const id of touched) if (!cleared.has(id)) transaction.put(refusals, places.get(id) as RefusalDocument);
    for (const book of books.values()) transaction.put(ledgers, book.toDocument());
    return outcomes;
  });
}

/** Event types while a commit counts them. */
async function countTypes(transaction: Transaction, changes: readonly { readonly type: string; readonly by: 1 | -1; readonly at: number | null }[]): Promise<void> {
  const ids = [...new Set(changes.map(({ type }) => toId('EventType', type)))];
  const types = new Map<string, EventTypeDocument>();
  for (const document of await transaction.get(eventTypes, ids)) if (document !== null) types.set(document.id, document);
  for (const { type, by, at } of changes) {
    const id = toId('EventType', type);
    const before = types.get(id);
    const isFirst = before === undefined || before.count === 0;
    types.set(id, {
      id,
      type,
      count: (before?.count ?? 0) + by,
      firstReceivedAt: isFirst ? (at ?? 0) : Math.min(before.firstReceivedAt, at ?? Number.POSITIVE_INFINITY),
      lastReceivedAt: isFirst ? (at ?? 0) : Math.max(before.lastReceivedAt, at ?? Number.NEGATIVE_INFINITY),
    });
  }
  for (const document of types.values()) transaction.put(eventTypes, document);
}

const CONFLICT: Outcome = {
  code: 'EVENT_CONFLICT',
  field: 'id',
  message: 'expected a new id, or the same content as before: an earlier event of this source and id says something else',
};

/** Keeps events of types that nobody takes; the same source and id again is a repeat, or refused where it says something else. */
function commitUnclaimed(store: Store, incoming: readonly UnclaimedEventDocument[]): Promise<Outcome[]> {
  return store.commit(async (transaction) => {
    const known = new Map<string, UnclaimedEventDocument>();
    for (const document of await transaction.get(unclaimedEvents, [...new Set(incoming.map(({ id }) => id))])) {
      if (document !== null) known.set(document.id, document);
    }
    const fresh: UnclaimedEventDocument[] = [];
    const outcomes = incoming.map((event): Outcome => {
      const earlier = known.get(event.id);
      if (earlier !== undefined) return earlier.contentHash === event.contentHash ? 'repeated' : CONFLICT;
      known.set(event.id, event);
      fresh.push(event);
      return 'accepted';
    });
    for (const event of fresh) transaction.put(unclaimedEvents, event);
    await countTypes(transaction, fresh.map(({ type, receivedAt }) => ({ type, by: 1, at: receivedAt })));
    return outcomes;
  });
}

/** Takes off the lists what its owner has taken since; what is not listed is a repeat. */
function commitSettled(store: Store, ids: readonly string[]): Promise<Outcome[]> {
  return store.commit(async (transaction) => {
    const distinct = [...new Set(ids)];
    const listed = await Promise.all(
      distinct.filter((id) => typeOfId(id) === 'Refusal').map(async (id) => (await transaction.scan(refusals.byRefusal, { prefix: [id], limit: 1 }))[0]?.document ?? []),
    );
    const found = listed.flat();
    const books = await readLedgers(transaction, found.map(({ receiver }) => receiver));
    for (const refusal of found) {
      books.get(refusal.receiver)?.settle(refusal.refusalId);
      transaction.put(refusals, toFree(refusal));
    }
    for (const book of books.values()) transaction.put(ledgers, book.toDocument());

    const stored = await transaction.get(unclaimedEvents, distinct.filter((id) => typeOfId(id) === 'UnclaimedEvent'));
    const waiting = stored.flatMap((event) => (event === null || event.event === null ? [] : [event]));
    for (const event of waiting) transaction.put(unclaimedEvents, { ...event, event: null });
    await countTypes(transaction, waiting.map(({ type }) => ({ type, by: -1, at: null })));

    const settled = new Set([...found.map(({ refusalId }) => refusalId), ...waiting.map(({ id }) => id)]);
    return ids.map((id): Outcome => (settled.delete(id) ? 'accepted' : 'repeated'));
  });
}

/** What arrives together, from however many callers, is kept in one commit of its kind. */
const gatherRefusals = createGatherer(commitRefusals);
const gatherUnclaimed = createGatherer(commitUnclaimed);
const gatherSettled = createGatherer(commitSettled);

/** Documents of valid events; an event that no document can say (nested too deep, too large) is refused. */
function convert<T, D>(valid: readonly ValidEvent<T>[], toDocument: (event: T) => D): { documents: D[]; places: number[]; rejected: Rejection[] } {
  const documents: D[] = [];
  const places: number[] = [];
  const rejected: Rejection[] = [];
  for (const { index, event } of valid) {
    try {
      documents.push(toDocument(event));
      places.push(index);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      rejected.push(rejectEvent(index, 'EVENT_INVALID', null, error.message));
    }
  }
  return { documents, places, rejected };
}

async function take<D>(
  store: Store,
  gather: (store: Store, items: readonly D[]) => Promise<readonly Outcome[]>,
  { documents, places, rejected }: { readonly documents: readonly D[]; readonly places: readonly number[]; readonly rejected: readonly Rejection[] },
  invalid: readonly Rejection[],
): Promise<Receipt> {
  const outcomes = documents.length === 0 ? [] : await gather(store, documents);
  const refused = outcomes.flatMap((outcome, at) => (typeof outcome === 'string' ? [] : [{ ...outcome, index: places[at] ?? 0 }]));
  return {
    accepted: outcomes.filter((outcome) => outcome === 'accepted').length,
    repeated: outcomes.filter((outcome) => outcome === 'repeated').length,
    rejected: [...invalid, ...rejected, ...refused].sort((a, b) => a.index - b.index),
  };
}

/** Takes `refusal` events: accepted where new, repeated where it is counted once more. */
export const receiveRefusals: Receiver = async ({ store, pseudonym, now }, events) => {
  const { valid, rejected } = validateEvents(refusalEvent, events);
  const receivedAt = now();
  return take(store, gatherRefusals, convert(valid, (event) => toRefusal(event, pseudonym, receivedAt)), rejected);
};

/** Takes `unclaimed-event` events. */
export const receiveUnclaimed: Receiver = async ({ store, pseudonym, now }, events) => {
  const { valid, rejected } = validateEvents(unclaimedEvent, events);
  const receivedAt = now();
  return take(store, gatherUnclaimed, convert(valid, (event) => toUnclaimedEvent(event, pseudonym, receivedAt)), rejected);
};

/** Takes `settled` events. */
export const receiveSettled: Receiver = async ({ store }, events) => {
  const { valid, rejected } = validateEvents(settledEvent, events);
  return take(store, gatherSettled, convert(valid, ({ id }) => id), rejected);
};
