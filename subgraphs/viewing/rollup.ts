import { originOf, type Origin } from '../../kit/graph/id.ts';
import { hashText } from '../../kit/ingest/canonical.ts';
import type { Contribution } from '../../kit/rollup/rollup.ts';
import type { Dimension, DimensionKind, StoredPeriod, StoredSession, StoredReport } from './documents.ts';
import type { PlaybackSessionEvent } from './events.ts';
import { figuresAt, toSeconds } from './ingest.ts';

/** The bucket entity of a show's sessions. */
export const showEntity = (showId: string): string => `show:${showId}`;
/** The bucket entity of all sessions of known shows. */
export const attributedEntity = (origin: Origin): string => `attributed:${origin}`;
/** The bucket entity of all sessions that do not say what was played. */
export const unattributedEntity = (origin: Origin): string => `unattributed:${origin}`;
/** The bucket entity of the sessions that players' reports make, apart from sessions that come whole: those grow, and their buckets are computed anew from themselves. */
export const ofPlayers = (entity: string): string => `players/${entity}`;
/** True for a bucket entity of players' sessions. */
export const isOfPlayers = (entity: string): boolean => entity.startsWith(ofPlayers(''));
/** The scope of all sessions, which has dimensions but no buckets of its own: they are the two above together. */
export const wholeScope = (origin: Origin): string => `whole:${origin}`;

function toDimension(scope: string, kind: DimensionKind, value: string | null): Dimension {
  const entity = `${scope}|${kind}|${value === null ? '' : hashText(value)}`;
  return { id: entity, scope, kind, value, entity };
}

/** What a session adds: its measures, the bucket entities that they go to, the dimensions that it shows. */
export function toContributions(session: StoredSession): { contributions: Contribution[]; dimensions: Dimension[] } {
  const event = session.event as PlaybackSessionEvent;
  const origin = originOf(event.namespace);
  const measures = measure(event);
  const scopes = [...(session.showId === null ? [] : [showEntity(session.showId)]), wholeScope(origin)];
  const dimensions = scopes.flatMap((scope) => [toDimension(scope, 'device', event.device ?? null), toDimension(scope, 'country', event.country ?? null)]);
  const entities = [
    ...(session.showId === null ? [unattributedEntity(origin)] : [showEntity(session.showId), attributedEntity(origin)]),
    ...dimensions.map(({ entity }) => entity),
  ];
  return { contributions: entities.map((entity) => ({ entity, at: session.at, ...measures })), dimensions };
}

/** Bytes in a megabyte. */
export const MEGABYTE = 1_000_000;

/** The figures of a session, as its event has them; null where nobody says how long it played. */
export type Measured = { readonly watchedMs: number | null } & Pick<PlaybackSessionEvent, 'durationMs' | 'startupMs' | 'rebufferMs' | 'rebufferCount' | 'bytes' | 'bitrateKbps' | 'errors' | 'user'>;

/** Whole numbers only: what is not a count is in milliseconds, bytes or kilobits. */
export function measure(session: Measured): Pick<Contribution, 'counts' | 'values' | 'uniques'> {
  const { durationMs, startupMs, rebufferMs, rebufferCount, bytes, bitrateKbps, user, errors } = session;
  const watchedMs = session.watchedMs ?? 0;
  const counts: Record<string, number> = { sessions: 1, watchedMs };
  if (session.watchedMs === null) counts['sessionsWithoutTime'] = 1;
  const values: Record<string, number[]> = {};
  if (typeof durationMs === 'number') {
    counts['lengthMs'] = durationMs;
    counts['watchedOfLengthMs'] = watchedMs;
  }
  if (typeof rebufferCount === 'number') {
    counts['stalls'] = rebufferCount;
    counts['sessionsWithStalls'] = 1;
  }
  if (typeof errors === 'number') {
    counts['errors'] = errors;
    counts['sessionsWithErrors'] = 1;
  }
  if (typeof bytes === 'number') {
    // In two parts, since a month of all sessions together can pass 2^53 bytes.
    counts['megabytes'] = Math.floor(bytes / MEGABYTE);
    counts['bytes'] = bytes % MEGABYTE;
    counts['sessionsWithBytes'] = 1;
  }
  if (typeof bitrateKbps === 'number') {
    counts['kilobits'] = Math.round((bitrateKbps * watchedMs) / 1000);
    counts['watchedOfBitrateMs'] = watchedMs;
  }
  if (typeof startupMs === 'number') values['startupMs'] = [Math.round(startupMs)];
  if (typeof rebufferMs === 'number') {
    values['rebufferMs'] = [Math.round(rebufferMs)];
    counts['watchedOfRebufferMs'] = watchedMs;
  }
  return { counts, values, uniques: typeof user === 'string' ? { viewers: [user] } : {} };
}

/** What a row counts for in its dataset's period. */
interface Share {
  readonly rows: number;
  readonly rowsWithHours: number;
  readonly seconds: number;
}

const NO_SHARE: Share = { rows: 0, rowsWithHours: 0, seconds: 0 };

function shareOf(report: StoredReport): Share {
  const hours = report.country === null ? (figuresAt(report, null)?.figures.hoursViewed ?? null) : null;
  return { rows: 1, rowsWithHours: hours === null ? 0 : 1, seconds: hours === null ? 0 : toSeconds(hours) };
}

/** How a dataset's period changes. */
export interface PeriodChange extends Share {
  readonly period: Pick<StoredPeriod, 'id' | 'datasetId' | 'from' | 'to'>;
  readonly showId: string;
}

/** The changes of the periods of all datasets that hold a row, from what it was (null: not there) to what it is. */
export function toPeriodChanges(before: StoredReport | null, after: StoredReport): PeriodChange[] {
  const { period, showId } = after;
  if (period === null) return [];
  const held = new Set(before?.datasets.map(({ id }) => id));
  const is = shareOf(after);
  return after.datasets.flatMap(({ id }) => {
    const was = before !== null && held.has(id) ? shareOf(before) : NO_SHARE;
    const change = {
      rows: is.rows - was.rows,
      rowsWithHours: is.rowsWithHours - was.rowsWithHours,
      seconds: is.seconds - was.seconds,
    };
    if (change.rows === 0 && change.rowsWithHours === 0 && change.seconds === 0) return [];
    const { from, to } = period;
    return [{ ...change, showId, period: { id: `${id}|${from}|${to}`, datasetId: id, from, to } }];
  });
}
