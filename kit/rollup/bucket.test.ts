import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BucketSpan, cover, endOfBucket, type Level, QUARTER_HOUR_MS, startOfBucket } from './bucket.ts';

const LEVELS: readonly Level[] = ['Q', 'H', 'D', 'M'];
/** The buckets that hold an instant, from fine to coarse. */
const bucketsOf = (instant: number): BucketSpan[] => LEVELS.map((level) => ({ level, from: startOfBucket(level, instant) }));

const at = (text: string): number => Date.parse(text);
const quarter = fc.integer({ min: -2_000_000, max: 4_000_000 }).map((index) => index * QUARTER_HOUR_MS);

/** The fewest buckets to each edge, by trying every level at every step: slow, and right by construction. */
function fewest(from: number, to: number): number {
  const best = new Map<number, number>([[from, 0]]);
  for (let edge = from; edge < to; edge += QUARTER_HOUR_MS) {
    const steps = best.get(edge);
    if (steps === undefined) continue;
    for (const bucket of bucketsOf(edge)) {
      const end = endOfBucket(bucket);
      if (bucket.from === edge && end <= to) best.set(end, Math.min(best.get(end) ?? Infinity, steps + 1));
    }
  }
  return best.get(to) ?? Infinity;
}

describe('cover', () => {
  it('takes a year of UTC as twelve months', () => {
    const buckets = cover({ from: at('2023-01-01T00:00Z'), to: at('2024-01-01T00:00Z') });
    expect(buckets.map(({ level }) => level).join('')).toBe('MMMMMMMMMMMM');
  });

  it('takes a day of Kathmandu as quarters, hours and quarters', () => {
    const buckets = cover({ from: at('2024-01-01T18:15Z'), to: at('2024-01-02T18:15Z') });
    expect(buckets.map(({ level }) => level).join('')).toBe(`QQQ${'H'.repeat(23)}Q`);
  });

  it('tiles any span exactly, each bucket beginning where the one before ends', () => {
    fc.assert(
      fc.property(quarter, fc.integer({ min: 0, max: 400_000 }), (from, length) => {
        const to = from + length * QUARTER_HOUR_MS;
        let edge = from;
        for (const bucket of cover({ from, to })) {
          expect(bucket.from).toBe(edge);
          edge = endOfBucket(bucket);
        }
        expect(edge).toBe(to);
      }),
      { numRuns: 200 },
    );
  });

  it('uses as few buckets as any tiling', () => {
    fc.assert(
      fc.property(quarter, fc.integer({ min: 1, max: 6_500 }), (from, length) => {
        const to = from + length * QUARTER_HOUR_MS;
        expect(cover({ from, to })).toHaveLength(fewest(from, to));
      }),
      { numRuns: 30 },
    );
  });

  it('refuses an edge inside a quarter of an hour', () => {
    expect(() => cover({ from: 1, to: QUARTER_HOUR_MS })).toThrow(/quarters of an hour/);
  });
});

describe('buckets', () => {
  it('hold the instant that they are asked for, before 1970 and in the first century too', () => {
    for (const instant of [at('1969-12-31T23:59:59.999Z'), at('0050-03-01T00:00:00Z'), at('2024-02-29T12:34:56Z')]) {
      const buckets = bucketsOf(instant);
      expect(buckets.map(({ level }) => level)).toEqual(LEVELS);
      for (const bucket of buckets) {
        expect(bucket.from).toBeLessThanOrEqual(instant);
        expect(endOfBucket(bucket)).toBeGreaterThan(instant);
      }
    }
  });
});
