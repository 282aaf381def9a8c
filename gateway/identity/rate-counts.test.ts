import { expect, test } from 'vitest';
import { RateCounts } from './rate-counts.ts';

test('a caller is counted anew after a stretch, each by itself, and the one not seen for longest is forgotten', () => {
  let at = 5_000;
  const counts = new RateCounts({}, 2, () => at);
  const count = (key: string): { current: number; ttl: number } | undefined => {
    let found: { current: number; ttl: number } | undefined;
    counts.incr(key, (_, result) => (found = result), 1_000);
    return found;
  };
  expect(count('one')).toEqual({ current: 1, ttl: 1_000 });
  at += 400;
  expect(count('one')).toEqual({ current: 2, ttl: 600 });
  expect(count('other')).toEqual({ current: 1, ttl: 1_000 });
  at += 600;
  expect(count('one')).toEqual({ current: 1, ttl: 1_000 });
  expect(count('third')).toEqual({ current: 1, ttl: 1_000 });
  expect(count('other')).toEqual({ current: 1, ttl: 1_000 });
});

test('the wall clock set back changes nothing', ({ onTestFinished }) => {
  const real = Date.now;
  onTestFinished(() => {
    Date.now = real;
  });
  const counts = new RateCounts({});
  const ttls: number[] = [];
  counts.incr('one', (_, result) => ttls.push(result?.ttl ?? 0), 1_000);
  Date.now = () => real() - 3_600_000;
  counts.incr('one', (_, result) => ttls.push(result?.ttl ?? 0), 1_000);
  expect(Math.max(...ttls)).toBeLessThanOrEqual(1_000);
});
