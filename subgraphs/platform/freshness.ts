import { DAY_MS } from '../../kit/ingest/time.ts';
import type { RunOutputDocument } from './documents-outputs.ts';
import type { FreshnessReference } from './references.ts';

/** Runs do not start to the minute, and a day's edge is in somebody's time zone. */
const GRACE_DAYS = 1;

/** How many of a dataset's newest good outputs its cadence is learned from. */
export const LEARNED_OUTPUTS = 64;

const dayOf = (date: string): number => Math.floor(Date.parse(`${date}T00:00:00Z`) / DAY_MS);

/** The middle value, the lower of two; null of none. */
function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((first, second) => first - second);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}

/**
 * How far a dataset is behind at a moment, from the newest good outputs written by then that record a period. Stale means
 * that the newest period lags its cadence: a file that is written anew without a new period is as stale as one that is not.
 */
export function toFreshness(outputs: readonly RunOutputDocument[], at: number): FreshnessReference {
  const written = outputs.filter((output) => output.writtenAt !== null && output.writtenAt <= at && output.lastPeriodOn !== null);
  const oldestFirst = [...written].sort((first, second) => (first.writtenAt ?? 0) - (second.writtenAt ?? 0));
  const firstWritten = new Map<number, number>();
  let newest: string | null = null;
  for (const { lastPeriodOn, writtenAt } of oldestFirst) {
    if (lastPeriodOn === null || writtenAt === null || (newest !== null && lastPeriodOn <= newest)) continue;
    newest = lastPeriodOn;
    firstWritten.set(dayOf(lastPeriodOn), Math.floor(writtenAt / DAY_MS));
  }
  const days = [...firstWritten.keys()];
  const steps = days.slice(1).map((day, place) => day - (days[place] ?? day));
  // The oldest of those looked at may have been written before, so its delay is not known.
  const delays = days.slice(1).map((day) => (firstWritten.get(day) ?? day) - day);
  const declared = oldestFirst.at(-1)?.cadenceDays ?? null;
  const cadenceDays = declared ?? (steps.length >= 2 ? median(steps) : null);
  const usualDelayDays = median(delays);
  const lagDays = newest === null ? null : Math.floor(at / DAY_MS) - dayOf(newest);
  const stale = lagDays === null || cadenceDays === null ? null : lagDays > cadenceDays + Math.max(0, usualDelayDays ?? 0) + GRACE_DAYS;
  return { newestPeriodOn: newest, lagDays, cadenceDays, usualDelayDays, stale, asOf: at };
}
