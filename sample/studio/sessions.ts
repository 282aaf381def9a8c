import { SIMULATED_NAMESPACE } from '../../kit/graph/id.ts';
import { HOUR, SECOND, toInstant } from './clock.ts';
import type { StudioShow } from './company.ts';
import { PER_REBUFFER_PERMILLE, PER_SLOW_SECOND_PERMILLE } from './effects.ts';
import type { Random } from './random.ts';
import { toShowKey } from './truth.ts';
import type { World } from './world.ts';

/** How many of a day's sessions begin in each UTC hour, as weights: an evening with its peak at nine. */
const HOURS = [30, 18, 12, 8, 6, 6, 9, 14, 20, 24, 27, 32, 38, 36, 34, 36, 44, 58, 76, 94, 104, 108, 84, 54];
const HOURS_TOTAL = HOURS.reduce((sum, weight) => sum + weight, 0);

const DEVICES = [
  { device: 'tv', weight: 46, startupMs: 1300, kbps: 5200 },
  { device: 'phone', weight: 28, startupMs: 800, kbps: 1900 },
  { device: 'web', weight: 16, startupMs: 1000, kbps: 3400 },
  { device: 'tablet', weight: 10, startupMs: 900, kbps: 2600 },
] as const;

/** Countries with how often a session there rebuffers, in thousandths, each time anew. */
const COUNTRIES = [
  { country: 'US', weight: 30, rebuffer: 90 },
  { country: 'BR', weight: 15, rebuffer: 260 },
  { country: 'DE', weight: 14, rebuffer: 80 },
  { country: 'IN', weight: 14, rebuffer: 330 },
  { country: 'GB', weight: 11, rebuffer: 100 },
  { country: 'JP', weight: 9, rebuffer: 60 },
  { country: 'NG', weight: 7, rebuffer: 380 },
] as const;

const DEVICE_WEIGHTS = DEVICES.map(({ weight }) => weight);
const COUNTRY_WEIGHTS = COUNTRIES.map(({ weight }) => weight);

/** Plays the sessions that begin within one hour. */
export function playSessions(world: World, hourAt: number, audience: Audience): void {
  const hour = Math.floor(hourAt / HOUR) % 24;
  const before = HOURS.slice(0, hour).reduce((sum, weight) => sum + weight, 0);
  const share = (weight: number): number => Math.floor((world.options.sessionsPerDay * weight) / HOURS_TOTAL);
  const count = share(before + (HOURS[hour] ?? 0)) - share(before);
  for (let n = 0; n < count; n += 1) playSession(world, hourAt, n, audience);
}

function playSession(world: World, hourAt: number, n: number, audience: Audience): void {
  const id = `${hourAt / HOUR}-${n}`;
  const random = world.random(`session/${id}`);
  const at = hourAt + random.below(HOUR);
  const show = audience.pick(random);
  const device = DEVICES[random.weighted(DEVICE_WEIGHTS)] ?? DEVICES[0];
  const country = COUNTRIES[random.weighted(COUNTRY_WEIGHTS)] ?? COUNTRIES[0];
  const startupMs = Math.min(random.skewed(device.startupMs), 20 * SECOND);
  let rebufferCount = 0;
  while (rebufferCount < 12 && random.chance(country.rebuffer)) rebufferCount += 1;
  let rebufferMs = 0;
  for (let stall = 0; stall < rebufferCount; stall += 1) rebufferMs += random.skewed(1500);
  const wantsAll = random.chance(550);
  const wanted = wantsAll ? 1000 : random.between(40, 1000);
  const lost = PER_REBUFFER_PERMILLE * rebufferCount + Math.floor((PER_SLOW_SECOND_PERMILLE * Math.max(0, startupMs - 2 * SECOND)) / SECOND);
  const watchedMs = Math.floor((show.durationMs * Math.max(5, wanted - lost)) / 1000);
  // A few players are too old to say what they play.
  const named = !random.chance(8);
  const viewer = random.below(audience.viewers);
  const bitrateKbps = device.kbps - 60 * rebufferCount - random.below(400);
  world.tell(at, 'playback-session', {
    source: world.source,
    id: `session/${id}`,
    namespace: SIMULATED_NAMESPACE,
    ...(named ? { show: { title: show.title, season: show.season, kind: show.kind } } : {}),
    startedAt: toInstant(at),
    watchedMs,
    durationMs: show.durationMs,
    startupMs,
    rebufferMs,
    rebufferCount,
    bytes: Math.floor((watchedMs * bitrateKbps) / 8),
    device: device.device,
    country: country.country,
    user: `simulated/viewer-${viewer}`,
    bitrateKbps,
  });
  const tally = named ? world.truth.viewing[toShowKey(show)] : world.truth.viewingOfNoShow;
  if (tally === undefined) throw new Error(`the truth has no show ${toShowKey(show)}`);
  tally.sessions += 1;
  tally.watchedMs += watchedMs;
  if (named) world.weekMs[show.index] = (world.weekMs[show.index] ?? 0) + watchedMs;
}

/** Who watches, and what: lower show indexes are watched more, as in any catalogue. */
export interface Audience {
  readonly viewers: number;
  readonly pick: (random: Random) => StudioShow;
}

export function createAudience(world: World): Audience {
  const { shows } = world.company;
  const sums: number[] = [];
  let total = 0;
  for (const show of shows) {
    total += Math.floor(1_000_000 / (show.index + 4));
    sums.push(total);
  }
  return {
    viewers: Math.max(20, world.options.sessionsPerDay * 2),
    pick(random) {
      const drawn = random.below(total);
      let low = 0;
      let high = sums.length - 1;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((sums[middle] ?? 0) > drawn) high = middle;
        else low = middle + 1;
      }
      const show = shows[low];
      if (show === undefined) throw new RangeError('expected at least one show, came none');
      return show;
    },
  };
}
