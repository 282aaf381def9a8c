import { parseArgs } from 'node:util';
import { SIZES, parseOptions } from './studio/index.ts';
import type { StudioOptions } from './studio/index.ts';

/** What `npm run simulate -- …` was asked. */
export type SimulateRequest =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'play';
      readonly options: StudioOptions;
      /** Events a second; 0 is as fast as the server takes them. */
      readonly rate: number;
    };

/** A command line that cannot be followed; its message says what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Another world than the shipped sample's, which is the first seed's. */
const DEFAULT_SEED = 2;

export const USAGE = `npm run simulate -- [--size small|large] [--seed N] [--days N] [--teams N] [--shows N] [--sessions N] [--start DAY] [--rate N]

Plays a made-up company into the running server (HOST and PORT say where); all of it stands in the namespace simulated.
Playing the same again changes nothing. The truth that the player knows is printed at the end.

  --size      small, a company of ${SIZES.small.shows} shows for ${SIZES.small.days} days, or large, of ${SIZES.large.shows} for ${SIZES.large.days}; small
  --seed      another whole number, another company; ${DEFAULT_SEED} (1 is the shipped sample's)
  --days      how long it is played; the size's
  --teams     how many teams there are, two of which run the platform; the size's
  --shows     how many shows they make; the size's
  --sessions  playback sessions a day; the size's
  --start     the first day; ${SIZES.small.start}
  --rate      events a second, 0 for as fast as the server takes them; 0`;

/**
 * Reads a command line.
 * @throws UsageError that names the option, what was expected and what came.
 */
export function parseCommandLine(args: readonly string[]): SimulateRequest {
  const values = readValues(args);
  if (values.help === true) return { kind: 'help' };
  const { size = 'small' } = values;
  if (size !== 'small' && size !== 'large') throw new UsageError(`--size: expected small or large, came ${size}`);
  const sized = SIZES[size];
  const options: StudioOptions = {
    ...sized,
    seed: toNumber('seed', values.seed, DEFAULT_SEED),
    days: toNumber('days', values.days, sized.days),
    teams: toNumber('teams', values.teams, sized.teams),
    shows: toNumber('shows', values.shows, sized.shows),
    sessionsPerDay: toNumber('sessions', values.sessions, sized.sessionsPerDay),
    start: values.start ?? sized.start,
  };
  try {
    return { kind: 'play', options: parseOptions(options), rate: toNumber('rate', values.rate, 0) };
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`--${error.message}`);
    throw error;
  }
}

function readValues(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = { size: text, seed: text, days: text, teams: text, shows: text, sessions: text, start: text, rate: text, help: { type: 'boolean', short: 'h' } } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}

function toNumber(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const number = Number(text);
  if (text.trim() === '' || !Number.isInteger(number) || number < 0) throw new UsageError(`--${name}: expected a whole number of 0 or more, came ${text}`);
  return number;
}
