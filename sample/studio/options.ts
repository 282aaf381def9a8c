import { createHash } from 'node:crypto';
import { DAY, parseDay } from './clock.ts';

/** What a studio is played from: equal options give equal events, byte for byte. */
export interface StudioOptions {
  readonly seed: number;
  /** The first day, in UTC, such as `2026-01-05`. */
  readonly start: string;
  /** 2 to 3,650. */
  readonly days: number;
  /** 3 to 500: two that run the platform and the rest that make shows. */
  readonly teams: number;
  /** At least one for each team that makes shows, at most 5,000. */
  readonly shows: number;
  /** Playback sessions of the whole company on one day. */
  readonly sessionsPerDay: number;
  /** Queries by hand on one day, most of which nobody can attribute. */
  readonly adHocRunsPerDay: number;
}

/** `small` is the shipped sample, and begins on a Monday; `large` is a company of a thousand shows for a few days. */
export const SIZES = {
  small: { seed: 1, start: '2026-01-05', days: 28, teams: 8, shows: 24, sessionsPerDay: 200, adHocRunsPerDay: 20 },
  large: { seed: 1, start: '2026-01-05', days: 4, teams: 48, shows: 1000, sessionsPerDay: 40_000, adHocRunsPerDay: 400 },
} as const satisfies Record<string, StudioOptions>;

/** @throws RangeError that names the option, what was expected and what came. */
export function parseOptions(options: StudioOptions): StudioOptions {
  const expect = (name: keyof StudioOptions, low: number, high: number): void => {
    const value = options[name];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < low || value > high) {
      throw new RangeError(`${name}: expected a whole number of ${low} to ${high}, came ${value}`);
    }
  };
  expect('seed', 0, 4_294_967_295);
  expect('days', 2, 3650);
  expect('teams', 3, 500);
  expect('shows', options.teams - 2, 5000);
  expect('sessionsPerDay', 0, 10_000_000);
  expect('adHocRunsPerDay', 0, 1_000_000);
  parseDay(options.start);
  return options;
}

/** Which world this is: events of different worlds never share an id. */
export function toWorld(options: StudioOptions): string {
  const { seed, start, days, teams, shows, sessionsPerDay, adHocRunsPerDay } = options;
  const key = JSON.stringify([seed, start, days, teams, shows, sessionsPerDay, adHocRunsPerDay]);
  return createHash('sha256').update(key).digest('hex').slice(0, 12);
}

/** When the new job runner took over: the middle of the period, at midnight UTC, while no job waits. */
export function toChangeAt(options: StudioOptions): number {
  return parseDay(options.start) + Math.floor(options.days / 2) * DAY;
}
