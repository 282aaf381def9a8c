import type { Connection } from '../../kit/graph/connection.ts';
import { defineCollection } from '../../kit/store/port.ts';
import type { ReceiverName } from './events.ts';

/**
 * A place for one refusal. A receiver has MOST_KEPT of them, used again and again, so that what is kept stays bounded in a store
 * that removes nothing.
 */
export interface RefusalDocument {
  /** The place: the receiver and a number. */
  readonly id: string;
  readonly refusalId: string;
  readonly receiver: ReceiverName;
  readonly kind: string | null;
  readonly code: string;
  readonly field: string | null;
  readonly message: string;
  /** Canonical JSON; null where the body was not kept. */
  readonly body: string | null;
  readonly excerpt: string | null;
  /** How often it came. */
  readonly times: number;
  /** Milliseconds since the epoch. */
  readonly firstReceivedAt: number;
  readonly lastReceivedAt: number;
  /** False for a place that is free again. */
  readonly isListed: boolean;
}

/** What stands in the places of one receiver. */
export interface LedgerDocument {
  /** The receiver. */
  readonly id: string;
  /** The refusals that are kept, the one unseen for longest first; with the number of its place and the bytes of its body. */
  readonly kept: readonly (readonly [refusalId: string, place: number, bytes: number])[];
  /** Refusals that made room for newer ones. */
  readonly dropped: number;
  /** Everything that was ever refused, repeats counted. */
  readonly refused: number;
}

export interface UnclaimedEventDocument {
  readonly id: string;
  /** Tells the same event from another of one source and id. */
  readonly contentHash: string;
  readonly type: string;
  readonly source: string;
  readonly eventId: string;
  /** When it happened, as the event says; milliseconds since the epoch. */
  readonly time: number | null;
  readonly receivedAt: number;
  /** The whole event as canonical JSON; null once a subgraph has taken it. */
  readonly event: string | null;
}

export interface EventTypeDocument {
  readonly id: string;
  readonly type: string;
  /** How many wait. */
  readonly count: number;
  /** Milliseconds since the epoch. */
  readonly firstReceivedAt: number;
  readonly lastReceivedAt: number;
}

export type RefusalConnectionReference = Connection<RefusalDocument>;
export type UnclaimedEventConnectionReference = Connection<UnclaimedEventDocument>;
export type EventTypeConnectionReference = Connection<EventTypeDocument>;
export type RefusalTotalReference = LedgerDocument;

export const refusals = defineCollection<RefusalDocument, 'byReceiver' | 'byTime' | 'byRefusal'>('intake.refusals', {
  byReceiver: (refusal) => (refusal.isListed ? [refusal.receiver, refusal.lastReceivedAt] : null),
  byTime: (refusal) => (refusal.isListed ? [refusal.lastReceivedAt] : null),
  byRefusal: (refusal) => (refusal.isListed ? [refusal.refusalId] : null),
});

export const ledgers = defineCollection<LedgerDocument>('intake.ledgers', {});

export const unclaimedEvents = defineCollection<UnclaimedEventDocument, 'byType' | 'byTime'>('intake.unclaimedEvents', {
  byType: (event) => (event.event === null ? null : [event.type, event.receivedAt]),
  byTime: (event) => (event.event === null ? null : [event.receivedAt]),
});

export const eventTypes = defineCollection<EventTypeDocument, 'byType'>('intake.eventTypes', {
  byType: (type) => (type.count > 0 ? [type.type] : null),
});
