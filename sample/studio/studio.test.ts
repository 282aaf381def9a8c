import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { StudioEvent, StudioOptions, Truth } from './index.ts';
import { SIZES, createStudio } from './index.ts';

/** Small enough to be played many times. */
const TINY: StudioOptions = { ...SIZES.small, days: 9, shows: 8, teams: 4, sessionsPerDay: 40, adHocRunsPerDay: 5 };

function hash(options: StudioOptions): string {
  const digest = createHash('sha256');
  for (const told of createStudio(options).play()) digest.update(`${JSON.stringify(told)}\n`);
  return digest.digest('hex');
}

function playWhole(options: StudioOptions): { events: StudioEvent[]; truth: Truth } {
  const studio = createStudio(options);
  return { events: [...studio.play()], truth: studio.truth() };
}

describe('the studio', () => {
  it('plays the shipped sample byte for byte as it was when its hash was pinned', () => {
    expect(hash(SIZES.small)).toBe('PINNED');
  });

  it('plays the same events in every playing and others for another seed', () => {
    expect(hash(TINY)).toBe(hash({ ...TINY }));
    expect(hash({ ...TINY, seed: 2 })).not.toBe(hash(TINY));
  });

  it('tells events in the order of their own times', () => {
    const { events } = playWhole(TINY);
    expect(events.every((told, place) => told.at >= (events[place - 1]?.at ?? 0))).toBe(true);
    expect(events.length).toBeGreaterThan(500);
  });

  it('gives no run of one world an id of another', () => {
    const idsOf = (options: StudioOptions): Set<unknown> => new Set(playWhole(options).events.map(({ event }) => ('run' in event ? Reflect.get(event.run as object, 'runId') : null)));
    const first = idsOf(TINY);
    const shared = [...idsOf({ ...TINY, shows: 9 })].filter((id) => id !== null && first.has(id));
    expect(shared).toEqual([]);
  });

  it('does not shift what a team answers when the company plays more sessions', () => {
    const satisfactions = (options: StudioOptions): unknown => Object.values(createStudio(options).truth().surveys['1'] ?? {}).map((tally) => tally.invited);
    expect(satisfactions({ ...TINY, sessionsPerDay: 80 })).toEqual(satisfactions(TINY));
  });

  it.each([
    [{ days: 1 }, /days: expected a whole number of 2 to 3650, came 1/],
    [{ teams: 2 }, /teams/],
    [{ shows: 1 }, /shows/],
    [{ seed: 0.5 }, /seed/],
    [{ start: '2026-02-30' }, /start: expected a day such as 2026-01-05, came 2026-02-30/],
  ])('refuses %j and says what was expected', (wrong, message) => {
    expect(() => createStudio({ ...TINY, ...wrong })).toThrow(message);
  });

  it('holds a few hours of a large company in its queue, never the whole', () => {
    const playing = createStudio({ ...SIZES.large, days: 2, sessionsPerDay: 4000 }).play();
    const first = playing.next();
    expect(first.done).toBe(false);
    const before = process.memoryUsage().heapUsed;
    let bytes = 0;
    for (const told of playing) bytes += JSON.stringify(told).length;
    expect(bytes).toBeGreaterThan(10_000_000);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200_000_000);
  });
});
