import { createStudio } from '../../sample/studio/index.ts';
import type { StudioOptions } from '../../sample/studio/index.ts';

/** A company whose month has this many sessions; its jobs run by the clock, so their number does not depend on it. */
export function studioOf(sessions: number, days = 30): StudioOptions {
  return { seed: 1, start: '2026-01-05', days, teams: 24, shows: 200, sessionsPerDay: Math.ceil(sessions / days), adHocRunsPerDay: 200 };
}

/** The first events of one kind that the simulated studio tells, in the order of their times. */
export function playEvents(options: StudioOptions, kind: string, count: number): object[] {
  const events: object[] = [];
  for (const told of createStudio(options).play()) {
    if (told.kind !== kind) continue;
    events.push(told.event as object);
    if (events.length === count) break;
  }
  return events;
}

/** Consecutive parts of a list, each of this size but for the last. */
export function* toBatches<T>(list: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size);
}

export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
