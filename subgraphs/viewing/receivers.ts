import { toId } from '../../kit/graph/id.ts';
import { rejectEvent } from '../../kit/ingest/receipt.ts';
import { FUTURE_ALLOWANCE_MS, parseInstant } from '../../kit/ingest/time.ts';
import { validateEvents, type ValidEvent } from '../../kit/ingest/validate.ts';
import type { Receipt, Receiver, Rejection } from '../../kit/subgraph.ts';
import { commitReports, commitSessions, commitShows } from './commits.ts';
import { playbackSessionEvent, publishedReportEvent, showEvent } from './events.ts';
import { toClaimedShow, toReport, toSession, toShow } from './ingest.ts';

/** Rejections of the shape and of the commit in one receipt, by place in the batch. */
function withRejected(receipt: Receipt, rejected: readonly Rejection[]): Receipt {
  return { ...receipt, rejected: [...receipt.rejected, ...rejected].sort((a, b) => a.index - b.index) };
}

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

export const receivePublishedReports: Receiver = async ({ store, now }, events) => {
  const { valid, rejected } = validateEvents(publishedReportEvent, events);
  const receivedAt = now();
  const { present, rejected: early } = splitFuture(valid, 'publishedAt', (event) => event.publishedAt, receivedAt);
  const incoming = present.map(({ index, event }) => ({
    index,
    report: toReport(event, receivedAt),
    show: toShow(event.namespace, event, event.matchTitle ?? null),
  }));
  return withRejected(await commitReports(store, incoming), [...rejected, ...early]);
};

export const receiveShows: Receiver = async ({ store, pseudonym, now }, events) => {
  const { valid, rejected } = validateEvents(showEvent, events);
  const { present, rejected: early } = splitFuture(valid, 'time', (event) => event.time, now());
  const incoming = present.map(({ index, event }) => ({
    index,
    id: toId('ShowEvent', event.source, event.id),
    ...toClaimedShow(event, pseudonym),
  }));
  return withRejected(await commitShows(store, incoming), [...rejected, ...early]);
};

export const receivePlaybackSessions: Receiver = async ({ store, pseudonym, now }, events) => {
  const { valid, rejected } = validateEvents(playbackSessionEvent, events);
  const { present, rejected: early } = splitFuture(valid, 'startedAt', (event) => event.startedAt, now());
  const incoming = present.map(({ index, event }) => ({ index, ...toSession(event, pseudonym) }));
  return withRejected(await commitSessions(store, incoming), [...rejected, ...early]);
};
