import { toId } from '../../kit/graph/id.ts';
import { createGatherer } from '../../kit/ingest/gather.ts';
import { rejectEvent } from '../../kit/ingest/receipt.ts';
import { FUTURE_ALLOWANCE_MS, parseInstant } from '../../kit/ingest/time.ts';
import { validateEvents, type ValidEvent } from '../../kit/ingest/validate.ts';
import type { Receiver, Rejection } from '../../kit/subgraph.ts';
import { commitReports, commitSessions, commitShows } from './commits.ts';
import { playbackSessionEvent, publishedReportEvent, showEvent } from './events.ts';
import { toClaimedShow, toReport, toSession, toShow } from './ingest.ts';
import { toReceipt } from './outcome.ts';

/** What arrives together, from however many callers, is taken in one commit of its kind. */
const gatherReports = createGatherer(commitReports);
const gatherShows = createGatherer(commitShows);
const gatherSessions = createGatherer(commitSessions);

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

const placesOf = (events: readonly { readonly index: number }[]): number[] => events.map(({ index }) => index);

export const receivePublishedReports: Receiver = async ({ store, now }, events) => {
  const { valid, rejected } = validateEvents(publishedReportEvent, events);
  const receivedAt = now();
  const { present, rejected: early } = splitFuture(valid, 'publishedAt', (event) => event.publishedAt, receivedAt);
  const incoming = present.map(({ event }) => ({
    report: toReport(event, receivedAt),
    show: toShow(event.namespace, event, event.matchTitle ?? null),
  }));
  return toReceipt(await gatherReports(store, incoming), placesOf(present), [...rejected, ...early]);
};

export const receiveShows: Receiver = async ({ store, pseudonym, now }, events) => {
  const { valid, rejected } = validateEvents(showEvent, events);
  const { present, rejected: early } = splitFuture(valid, 'time', (event) => event.time, now());
  const incoming = present.map(({ event }) => ({ id: toId('ShowEvent', event.source, event.id), ...toClaimedShow(event, pseudonym) }));
  return toReceipt(await gatherShows(store, incoming), placesOf(present), [...rejected, ...early]);
};

export const receivePlaybackSessions: Receiver = async ({ store, pseudonym, now }, events) => {
  const { valid, rejected } = validateEvents(playbackSessionEvent, events);
  const { present, rejected: early } = splitFuture(valid, 'startedAt', (event) => event.startedAt, now());
  const incoming = present.map(({ event }) => toSession(event, pseudonym));
  return toReceipt(await gatherSessions(store, incoming), placesOf(present), [...rejected, ...early]);
};
