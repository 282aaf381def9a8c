import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { StudioOptions } from './index.ts';
import { SIZES, createStudio } from './index.ts';

/** Small enough to be played many times. */
const TINY: StudioOptions = { ...SIZES.small, days: 9, shows: 8, teams: 4, sessionsPerDay: 40, adHocRunsPerDay: 5 };

function hashOf(options: StudioOptions): string {
  const digest = createHash('sha256');
  for (const told of createStudio(options).play()) digest.update(`${JSON.stringify(told)}\n`);
  return digest.digest('hex');
}

function runIdsOf(options: StudioOptions): Set<string> {
  const events = [...createStudio(options).play()].map(({ event }) => event as { readonly run?: { readonly runId: string } });
  return new Set(events.flatMap(({ run }) => (run === undefined ? [] : [run.runId])));
}

describe('the studio', () => {
  it('plays the shipped sample byte for byte as it was when its hash was pinned', () => {
    expect(hashOf(SIZES.small)).toBe('b053f744a33b7c47e166afde14cb8533d028b4f4d6e6428750768fd8014066d9');
  });

  it('plays the same events in every playing and others for another seed', () => {
    expect(hashOf(TINY)).toBe(hashOf({ ...TINY }));
    expect(hashOf({ ...TINY, seed: 2 })).not.toBe(hashOf(TINY));
  });

  it('tells events in the order of their own times', () => {
    const times = [...createStudio(TINY).play()].map(({ at }) => at);
    expect(times.length).toBeGreaterThan(500);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it('gives no run of one world an id of another', () => {
    const here = runIdsOf(TINY);
    const there = runIdsOf({ ...TINY, days: 10 });
    expect(here.size).toBeGreaterThan(100);
    expect([...there].filter((id) => here.has(id))).toEqual([]);
  });

  it('leaves every run and every answer what it was when more sessions are played', () => {
    const [quiet, busy] = [TINY, { ...TINY, sessionsPerDay: 90 }].map((options) => createStudio(options).truth());
    expect(busy?.events['playback-session']).toBeGreaterThan(2 * (quiet?.events['playback-session'] ?? 0));
    expect(busy?.runs).toEqual(quiet?.runs);
    expect(busy?.incidents).toEqual(quiet?.incidents);
    expect(busy?.surveys).toEqual(quiet?.surveys);
  });

  it('counts the same truth whether its events were read before or not', () => {
    const read = createStudio(TINY);
    for (const told of read.play()) expect(told.at).toBeGreaterThan(0);
    expect(read.truth()).toEqual(createStudio(TINY).truth());
  });

  it.each([
    [{ days: 1 }, /days: expected a whole number of 2 to 3650, came 1/],
    [{ teams: 2 }, /teams: expected a whole number of 3 to 500, came 2/],
    [{ shows: 1 }, /shows: expected a whole number of 2 to 5000, came 1/],
    [{ seed: 0.5 }, /seed: expected a whole number/],
    [{ start: '2026-02-30' }, /start: expected a day such as 2026-01-05, came 2026-02-30/],
  ])('refuses %j and says what was expected', (wrong, message) => {
    expect(() => createStudio({ ...TINY, ...wrong })).toThrow(message);
  });

  it('plays a company of a thousand shows, each with a job that runs and a dataset that it writes', () => {
    const jobs = new Set<string>();
    const datasets = new Set<string>();
    for (const { kind, event } of createStudio({ ...SIZES.large, days: 2, sessionsPerDay: 1000 }).play()) {
      if (kind !== 'openlineage' || !('run' in event)) continue;
      const { job, outputs } = event as unknown as { job: { name: string }; outputs: { name: string }[] };
      if (job.name.startsWith('show.')) jobs.add(job.name);
      for (const { name } of outputs) if (name.startsWith('show.')) datasets.add(name);
    }
    expect([jobs.size, datasets.size]).toEqual([1000, 1000]);
  });
});
