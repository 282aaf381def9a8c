import { toId } from '../../kit/graph/id.ts';
import { hash } from '../../kit/ingest/canonical.ts';
import { createGatherer } from '../../kit/ingest/gather.ts';
import { replacePersonal } from '../../kit/ingest/personal.ts';
import { rejectEvent } from '../../kit/ingest/receipt.ts';
import { FUTURE_ALLOWANCE_MS, parseInstant } from '../../kit/ingest/time.ts';
import { validateEvents, type ValidEvent } from '../../kit/ingest/validate.ts';
import type { Receiver, Rejection } from '../../kit/subgraph.ts';
import { commitPlayerReports } from './commit-players.ts';
import { commitReports, commitSessions, commitShows } from './commits.ts';
import { playbackSessionEvent, publishedReportEvent, showEvent } from './events.ts';
import { toClaimedShow, toReport, toSession, toShow } from './ingest.ts';
import { toReceipt } from './outcome.ts';
import { cmcdReportEvent } from './player-events.ts';
import { toPlayerFacts } from './player-facts.ts';

/** What arrives together, from however many callers, is taken in one commit of its kind. */
const gatherReports = createGatherer(commitReports);
const gatherShows = createGatherer(commitShows);
const gatherSessions = createGatherer(commitSessions);
const gatherPlayerReports = createGatherer(commitPlayerReports);

/** Parts off what is dated more than a day ahead. */
function splitFuture<T>(
  valid: readonly ValidEvent<T>[],
  field: string,
  timeOf: (event: T) => string | null | undefined,
  now: number,
): { present: ValidEvent<T>[]; rejected: Rejection[] } {
  const present: ValidEvent<T>[] = [];
  const rejected: Rejection[] = [];
  for (const each of valid) {
    const text = timeOf(each.event);
    const at = parseInstant(text ?? '')?.ms ?? now;
    if (at <= now + FUTURE_ALLOWANCE_MS) present.push(each);
    else rejected.push(rejectEvent(each.index, 'EVENT_IN_FUTURE', field, `expected a moment at most a day ahead, got ${text}`));
  }
  return { present, rejected };
}

/** Documents of each event with its place; an event that no document can say (nested too deep, half a character) is refused. */
function convert<T, D>(events: readonly ValidEvent<T>[], toDocuments: (event: T) => D): { documents: D[]; places: number[]; rejected: Rejection[] } {
  const documents: D[] = [];
  const places: number[] = [];
  const rejected: Rejection[] = [];
  for (const { index, event } of events) {
    try {
      documents.push(toDocuments(event));
      places.push(index);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      rejected.push(rejectEvent(index, 'EVENT_INVALID', null, `expected what JSON can say: ${error.message}`));
    }
  }
  return { documents, places, rejected };
}

export const receivePublishedReports: Receiver = async ({ store, pseudonym, now }, events) => {
  const { valid, rejected } = validateEvents(publishedReportEvent, events);
  const receivedAt = now();
  const { present, rejected: early } = splitFuture(valid, 'publishedAt', (event) => event.publishedAt, receivedAt);
  const converted = convert(present, (event) => ({
    taken: event.source && event.id ? { id: toId('PublishedReportEvent', event.source, event.id), hash: hash(replacePersonal(event, pseudonym)) } : null,
    report: toReport({ ...event, extra: replacePersonal(event.extra, pseudonym) }, receivedAt),
    show: toShow(event.namespace, event, event.matchTitle ?? null),
  }));
  return toReceipt(await gatherReports(store, converted.documents), converted.places, [...rejected, ...early, ...converted.rejected]);
};

export const receiveShows: Receiver = async ({ store, pseudonym, now }, events) => {
  const { valid, rejected } = validateEvents(showEvent, events);
  const { present, rejected: early } = splitFuture(valid, 'time', (event) => event.time, now());
  const converted = convert(present, (event) => ({ id: toId('ShowEvent', event.source, event.id), ...toClaimedShow(event, pseudonym) }));
  return toReceipt(await gatherShows(store, converted.documents), converted.places, [...rejected, ...early, ...converted.rejected]);
};

export const receivePlaybackSessions: Receiver = async ({ store, pseudonym, now }, events) => {
  const { valid, rejected } = validateEvents(playbackSessionEvent, events);
  const { present, rejected: early } = splitFuture(valid, 'startedAt', (event) => event.startedAt, now());
  const converted = convert(present, (event) => toSession(event, pseudonym));
  return toReceipt(await gatherSessions(store, converted.documents), converted.places, [...rejected, ...early, ...converted.rejected]);
};

export const receiveCmcdReports: Receiver = async ({ store, pseudonym, now }, events) => {
  const { valid, rejected } = validateEvents(cmcdReportEvent, events);
  const timeOf = (ts: unknown): string | null => (typeof ts === 'number' && Number.isFinite(ts) ? toInstant(ts) : null);
  const { present, rejected: early } = splitFuture(valid, 'report.ts', ({ report }) => timeOf(report['ts']), now());
  const receivedAt = now();
  const converted = convert(present, (event) => toPlayerFacts(event, pseudonym, receivedAt));
  return toReceipt(await gatherPlayerReports(store, converted.documents), converted.places, [...rejected, ...early, ...converted.rejected]);
};

/** The last moment that a Date can say, in milliseconds since the epoch. */
const LAST_MOMENT = 8.64e15;

const toInstant = (ms: number): string => new Date(Math.max(0, Math.min(ms, LAST_MOMENT))).toISOString();
