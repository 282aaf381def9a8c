import { describe, expect, it } from 'vitest';
import { createQueue } from './queue.ts';
import { createRandom } from './random.ts';

describe('createRandom', () => {
  it('draws the same numbers for a name on every machine', () => {
    const random = createRandom('pinned');
    // As a second implementation of sfc32, in Python, gives them.
    expect([random.next(), random.next(), random.next(), random.below(100)]).toEqual([595_958_380, 3_371_971_053, 3_668_192_815, 99]);
  });

  it('draws evenly below a bound', () => {
    const random = createRandom('even');
    const counts = Array.from({ length: 10 }, () => 0);
    for (let n = 0; n < 100_000; n += 1) {
      const drawn = random.below(10);
      counts[drawn] = (counts[drawn] ?? 0) + 1;
    }
    // Six standard deviations of a count of 10,000 with probability a tenth.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(6 * 95);
  });

  it('keeps the bounds that it states', () => {
    const random = createRandom('bounds');
    const draws = (draw: () => number): number[] => [...new Set(Array.from({ length: 1000 }, draw))].toSorted();
    expect(draws(() => random.between(3, 5))).toEqual([3, 4, 5]);
    expect(draws(() => random.weighted([0, 3, 1]))).toEqual([1, 2]);
    expect(random.chance(1000)).toBe(true);
    expect(random.chance(0)).toBe(false);
  });

  it('draws skewed numbers of which half are below about 1.3 times the typical one', () => {
    const random = createRandom('skewed');
    const drawn = Array.from({ length: 20_000 }, () => random.skewed(1000)).toSorted((a, b) => a - b);
    expect(drawn[10_000]).toBeGreaterThan(1250);
    expect(drawn[10_000]).toBeLessThan(1700);
  });

  it('refuses to pick from nothing', () => {
    expect(() => createRandom('none').pick([])).toThrow(/expected at least one item/);
    expect(() => createRandom('none').weighted([])).toThrow(/expected weights/);
  });

  it('makes identifiers of the form of a UUID of version 7 that hold their moment', () => {
    const uuid = createRandom('uuid').uuid(1_767_571_200_000);
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(uuid.replaceAll('-', '').slice(0, 12), 16)).toBe(1_767_571_200_000);
  });
});

describe('createQueue', () => {
  it('gives out what waits in the order of time, equal moments in the order in which they were put', () => {
    const random = createRandom('queue');
    const queue = createQueue<{ at: number; turn: number }>();
    const put = Array.from({ length: 2000 }, (_, turn) => ({ at: random.below(300), turn }));
    for (const item of put) queue.put(item.at, item);
    const taken = [...queue.takeBefore(150), ...queue.takeBefore(Number.POSITIVE_INFINITY)];
    expect(taken).toEqual(put.toSorted((one, other) => one.at - other.at || one.turn - other.turn));
  });

  it('keeps what is not due', () => {
    const queue = createQueue<string>();
    queue.put(5, 'later');
    expect([...queue.takeBefore(5)]).toEqual([]);
    expect([...queue.takeBefore(6)]).toEqual(['later']);
  });
});
