import { defineCollection } from '../../kit/store/port.ts';

/** One report as it came, people and secrets replaced: what a session can be put together from again. */
export interface StoredPlayerReport {
  /** Made from source, `sid`, `sn` and the content. */
  readonly id: string;
  /** Null where the report does not say of which session it is. */
  readonly sessionId: string | null;
  readonly source: string;
  /** Milliseconds since the epoch: by the player's clock, or of the receipt where it says none. */
  readonly at: number;
  readonly receivedAt: number;
  readonly report: Readonly<Record<string, unknown>>;
}

export const playerReports = defineCollection('viewing.playerReports', {
  bySession: (report: StoredPlayerReport) => (report.sessionId === null ? null : [report.sessionId, report.at]),
});

/** Absolute counters by what starved: `v`, `a`, `av`, or the empty text where the player does not say. */
export type Counters = Readonly<Record<string, number>>;

/** What the reports of one session say together. Every field is a join or a sum of them, so any order gives the same. */
export interface StoredPlayerSession {
  /** Made from source and `sid`. */
  readonly id: string;
  readonly source: string;
  /** The show of the session's one content id; null where it names none or several. */
  readonly showId: string | null;
  /** The bucket entity of the sessions whose show is known, or of those whose is not. */
  readonly known: string;
  /** The first and the last moment reported, in milliseconds since the epoch. */
  readonly at: number;
  readonly lastAt: number;
  /** How many reports. */
  readonly reports: number;
  /** Different content ids, in order; at most MOST_NAMES. */
  readonly contents: readonly string[];
  /** The greatest start delay that was said. */
  readonly startupMs: number | null;
  readonly stalls: Counters;
  readonly stallMs: Counters;
  /** Stalls whose duration was listed, each once, and their durations together. */
  readonly listedStalls: number;
  readonly listedMs: number;
  /** Reports that say that the buffer starved since the one before. */
  readonly starved: number;
  /** Media objects received whose size can be computed, and their bytes together. */
  readonly objects: number;
  readonly bytes: number;
  /** Error events, and their different codes in order, at most MOST_NAMES. */
  readonly errors: number;
  readonly errorCodes: readonly string[];
  /** True where changes of state are reported, and so the samples tell all of them. */
  readonly saysStates: boolean;
  /** True where the player also reports on a time interval. */
  readonly saysTime: boolean;
  /** Packed samples. */
  readonly samples: Uint8Array;
}

/** How many different content ids or error codes of one session are kept. */
export const MOST_NAMES = 20;

export const playerSessions = defineCollection('viewing.playerSessions', {
  byShow: (session: StoredPlayerSession) => (session.showId === null ? null : [session.showId, session.at]),
  byKnown: (session: StoredPlayerSession) => [session.known, session.at],
});
