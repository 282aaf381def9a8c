import { VarintReader, VarintWriter } from '../../kit/rollup/varint.ts';

/** States of a player as CTA-5004-B has them (`w`, waiting, as players send it too); the first place stands for none. */
const STATES = ['', 's', 'p', 'k', 'r', 'a', 'e', 'f', 'q', 'd', 'w'];

/** True for a state that a player can be in. */
export const isState = (value: unknown): value is string => typeof value === 'string' && value !== '' && STATES.includes(value);

/** What a report says of its moment. */
export interface Sample {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The report's number; tells the order of equal moments. Null where it has none. */
  readonly number: number | null;
  readonly state: string | null;
  /** How fast it plays, in hundredths: 100 is as recorded. */
  readonly rate: number;
  /** Where in the content, in milliseconds. */
  readonly playhead: number | null;
  /** The bitrate of what plays, in kilobits a second. */
  readonly kbps: number | null;
}

const keyOf = ({ at, number, state, rate, playhead, kbps }: Sample): readonly number[] => [
  at, number ?? -1, STATES.indexOf(state ?? ''), rate, playhead ?? -1, kbps ?? -1,
];

function compare(one: Sample, other: Sample): number {
  const [a, b] = [keyOf(one), keyOf(other)];
  for (const [index, part] of a.entries()) {
    const difference = part - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The samples of two sides in order, equal ones once. */
export function mergeSamples(one: readonly Sample[], other: readonly Sample[]): Sample[] {
  const sorted = [...one, ...other].sort(compare);
  return sorted.filter((sample, index) => index === 0 || compare(sample, sorted[index - 1] as Sample) !== 0);
}

/** Packs samples that are in order: about a dozen bytes each. */
export function packSamples(samples: readonly Sample[]): Uint8Array {
  const writer = new VarintWriter();
  let before = 0;
  for (const { at, number, state, rate, playhead, kbps } of samples) {
    writer.unsigned(at - before);
    before = at;
    for (const value of [number, STATES.indexOf(state ?? '') - 1, rate - 1, playhead, kbps]) writer.unsigned((value ?? -1) + 1);
  }
  return writer.toBytes();
}

/** Reads what `packSamples` wrote. */
export function unpackSamples(bytes: Uint8Array): Sample[] {
  const reader = new VarintReader(bytes);
  const samples: Sample[] = [];
  const orNull = (value: number): number | null => (value === 0 ? null : value - 1);
  let at = 0;
  while (!reader.ended) {
    at += reader.unsigned();
    const number = orNull(reader.unsigned());
    const state = STATES[reader.unsigned()] ?? '';
    samples.push({ at, number, state: state === '' ? null : state, rate: reader.unsigned(), playhead: orNull(reader.unsigned()), kbps: orNull(reader.unsigned()) });
  }
  return samples;
}

/** What the samples of a session tell when they are played back. */
export interface Replay {
  /** True once it played. */
  readonly hasPlayed: boolean;
  readonly hasFailed: boolean;
  /** From the first order to start to the first picture; null where either is missing. */
  readonly startupMs: number | null;
  readonly watchedMs: number;
  /** Of the watched time, that whose bitrate is known; and the kilobits that it makes, in thousandths. */
  readonly watchedOfBitrateMs: number;
  readonly bits: number;
  /** After it first played: a player that says before that it rebuffers is starting. */
  readonly stalls: number;
  readonly rebufferMs: number;
}

/** A player that reports on an interval and is silent for this long no longer plays: its machine sleeps. */
const SILENCE_MS = 3_600_000;

/** Plays back samples that are in order. A state lasts until the next sample; one that says no state leaves it as it was. */
export function replaySamples(samples: readonly Sample[], saysTime: boolean): Replay {
  let [hasPlayed, hasFailed] = [false, false];
  let state: string | null = null;
  let kbps: number | null = null;
  let startedAt: number | null = null;
  let startupMs: number | null = null;
  let [watchedMs, watchedOfBitrateMs, bits, stalls, rebufferMs] = [0, 0, 0, 0, 0];
  samples.forEach((sample, index) => {
    const before = state;
    state = sample.state ?? state;
    kbps = sample.kbps ?? kbps;
    if (state === 's') startedAt ??= sample.at;
    if (state === 'f') hasFailed = true;
    if (state === 'r' && before !== 'r' && hasPlayed) stalls += 1;
    if (state === 'p' && !hasPlayed) {
      hasPlayed = true;
      startupMs = startedAt === null ? null : sample.at - startedAt;
    }
    const next = samples[index + 1];
    if (next === undefined) return;
    const lasted = next.at - sample.at;
    if (state === 'r' && hasPlayed) rebufferMs += lasted;
    if (state !== 'p' && !(state === null && sample.playhead !== null)) return;
    const played = playedBetween(sample, next, state === null);
    const watched = saysTime ? Math.min(played, SILENCE_MS) : played;
    watchedMs += watched;
    if (kbps === null) return;
    watchedOfBitrateMs += watched;
    bits += kbps * watched;
  });
  return { hasPlayed, hasFailed, startupMs, watchedMs, watchedOfBitrateMs, bits, stalls, rebufferMs };
}

/** Playing time between two samples: no more than what the playhead moved, where both say it and nobody jumped back. */
function playedBetween(from: Sample, to: Sample, needsPlayhead: boolean): number {
  const lasted = to.at - from.at;
  if (from.rate === 0) return 0;
  if (from.playhead === null || to.playhead === null) return needsPlayhead ? 0 : lasted;
  const moved = to.playhead - from.playhead;
  if (moved < 0) return needsPlayhead ? 0 : lasted;
  return Math.min(lasted, Math.round((moved * 100) / from.rate));
}
