import { originOf, type Origin } from '../../kit/graph/id.ts';
import type { Contribution } from '../../kit/rollup/rollup.ts';
import { LONGEST_MS } from './events.ts';
import { toShow } from './ingest.ts';
import { MOST_NAMES, type Counters, type StoredPlayerSession } from './player-documents.ts';
import type { PlayerFacts } from './player-facts.ts';
import { mergeSamples, packSamples, replaySamples, unpackSamples } from './player-samples.ts';
import { attributedEntity, measure, ofPlayers, showEntity, unattributedEntity, type Measured } from './rollup.ts';

function joinCounters(one: Counters, other: Counters): Counters {
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
  return Object.fromEntries(keys.map((key) => [key, Math.max(one[key] ?? 0, other[key] ?? 0)]));
}

const joinNames = (...names: readonly string[]): string[] => [...new Set(names)].sort().slice(0, MOST_NAMES);

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

const greatest = (values: readonly (number | null | undefined)[]): number | null => {
  const given = values.filter((value) => typeof value === 'number');
  return given.length === 0 ? null : Math.max(...given);
};

/**
 * Folds reports of one session, none of which it has seen, into what it was. Counters are joined by their maximum and each
 * report is added once, so the order and the split of the reports do not matter.
 */
export function foldReports(before: StoredPlayerSession | null, id: string, facts: readonly PlayerFacts[]): StoredPlayerSession {
  const source = before?.source ?? facts[0]?.stored.source ?? '';
  const contents = joinNames(...(before?.contents ?? []), ...facts.flatMap(({ content }) => content ?? []));
  const [content] = contents;
  // Several contents in one session: which of them was watched for how long nobody says.
  const showId = content !== undefined && contents.length === 1 ? toShow(source, { title: content }).id : null;
  const origin = originOf(source);
  const moments = facts.map(({ stored }) => stored.at);
  const samples = facts.flatMap(({ sample }) => sample ?? []);
  const count = (of: (each: PlayerFacts) => number): number => sum(facts.map(of));
  return {
    id,
    source,
    showId,
    known: ofPlayers(showId === null ? unattributedEntity(origin) : attributedEntity(origin)),
    at: Math.min(before?.at ?? Number.POSITIVE_INFINITY, ...moments),
    lastAt: Math.max(before?.lastAt ?? Number.NEGATIVE_INFINITY, ...moments),
    reports: (before?.reports ?? 0) + facts.length,
    contents,
    startupMs: greatest([before?.startupMs, ...facts.map(({ startupMs }) => startupMs)]),
    stalls: facts.reduce((joined, { stalls }) => joinCounters(joined, stalls), before?.stalls ?? {}),
    stallMs: facts.reduce((joined, { stallMs }) => joinCounters(joined, stallMs), before?.stallMs ?? {}),
    listedStalls: (before?.listedStalls ?? 0) + count(({ listed }) => listed.length),
    listedMs: (before?.listedMs ?? 0) + count(({ listed }) => sum(listed)),
    starved: (before?.starved ?? 0) + count(({ isStarved }) => (isStarved ? 1 : 0)),
    objects: (before?.objects ?? 0) + count(({ bytes }) => (bytes === null ? 0 : 1)),
    bytes: (before?.bytes ?? 0) + count(({ bytes }) => bytes ?? 0),
    errors: (before?.errors ?? 0) + count(({ isError }) => (isError ? 1 : 0)),
    errorCodes: joinNames(...(before?.errorCodes ?? []), ...facts.flatMap(({ errorCodes }) => errorCodes)),
    saysStates: (before?.saysStates ?? false) || facts.some(({ saysState }) => saysState),
    saysTime: (before?.saysTime ?? false) || facts.some(({ saysTime }) => saysTime),
    samples: samples.length === 0 && before !== null ? before.samples : packSamples(mergeSamples(before === null ? [] : unpackSamples(before.samples), samples)),
  };
}

/** The figures of a session. What was counted by the player goes before what its states tell, and those before single stalls. */
function measureSession(session: StoredPlayerSession): Measured {
  const { saysStates, saysTime, listedStalls, listedMs, starved } = session;
  const samples = unpackSamples(session.samples);
  const replay = replaySamples(samples, saysTime);
  const counted = Object.values(session.stalls);
  const countedMs = Object.values(session.stallMs);
  const byState = saysStates && replay.hasPlayed;
  const stalls = counted.length > 0 ? sum(counted) : byState ? replay.stalls : listedStalls > 0 ? listedStalls : starved > 0 ? starved : null;
  const rebufferMs = countedMs.length > 0 ? sum(countedMs) : byState ? replay.rebufferMs : listedStalls > 0 ? listedMs : null;
  const bound = (ms: number | null): number | null => (ms === null ? null : Math.min(ms, LONGEST_MS));
  return {
    // shaka-player says neither state nor playhead.
    watchedMs: samples.length === 0 ? null : Math.min(replay.watchedMs, LONGEST_MS),
    // A player that says its states and never played has shown no first picture yet.
    startupMs: saysStates && !replay.hasPlayed ? null : bound(session.startupMs ?? replay.startupMs),
    rebufferMs: bound(rebufferMs),
    rebufferCount: stalls,
    bytes: session.objects > 0 ? session.bytes : null,
    bitrateKbps: replay.watchedOfBitrateMs > 0 ? replay.bits / replay.watchedOfBitrateMs : null,
    errors: Math.max(session.errors, replay.hasFailed ? 1 : 0),
  };
}

/** What a session adds to the buckets of players' sessions: of its show where that is known, and of all that are known or not. */
export function toPlayerContributions(session: StoredPlayerSession): Contribution[] {
  const { at, known, showId } = session;
  const measures = measure(measureSession(session));
  return [known, ...(showId === null ? [] : [ofPlayers(showEntity(showId))])].map((entity) => ({ entity, at, ...measures }));
}

/** The bucket entity of the reports themselves. */
export const reportsEntityOf = (origin: Origin): string => `reports:${origin}`;

/** What a report adds beside its session. */
export function toReportContribution({ stored, ignored }: PlayerFacts): Contribution {
  return {
    entity: reportsEntityOf(originOf(stored.source)),
    at: stored.at,
    counts: { reports: 1, withoutSession: stored.sessionId === null ? 1 : 0, ignoredValues: ignored.length },
  };
}
