import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RELATIVE_ERROR, Sketch } from './sketch.ts';

const sketchOf = (values: readonly number[]): Sketch => {
  const sketch = new Sketch();
  for (const value of values) sketch.add(value);
  return sketch;
};

const value = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 2 ** 45 }), fc.double({ min: 1e-300, max: Number.MAX_VALUE, noNaN: true }));

describe('Sketch', () => {
  it('answers every quantile within one percent of the order statistic of its rank', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 300 }), fc.integer({ min: 0, max: 1000 }), (values, permille) => {
        const sorted = values.toSorted((a, b) => a - b);
        const rank = Math.max(1, Math.ceil((permille * values.length) / 1000));
        const exact = sorted[rank - 1] ?? Number.NaN;
        const answer = sketchOf(values).quantile(permille / 1000);
        expect(Math.abs((answer ?? Number.NaN) - exact)).toBeLessThanOrEqual(RELATIVE_ERROR * exact * (1 + 1e-9));
      }),
    );
  });

  it('gives equal bytes in any order, split and merge', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(value, fc.nat(3)), { maxLength: 100 }), (placed) => {
        const whole = sketchOf(placed.map(([one]) => one));
        const merged = new Sketch();
        for (const part of [3, 1, 0, 2]) merged.merge(Sketch.from(sketchOf(placed.filter(([, place]) => place === part).map(([one]) => one).reverse()).toBytes()));
        expect(merged.toBytes()).toEqual(whole.toBytes());
        expect(Sketch.from(whole.toBytes()).count).toBe(placed.length);
      }),
    );
  });

  it('forgets what is removed, to the byte', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 50 }), fc.array(value, { maxLength: 50 }), (kept, gone) => {
        const sketch = sketchOf([...gone, ...kept]);
        for (const one of gone) sketch.remove(one);
        expect(sketch.toBytes()).toEqual(sketchOf(kept).toBytes());
      }),
    );
  });

  it('counts zeros exactly and apart from small values', () => {
    const sketch = sketchOf([0, 0, 0, 1e-9]);
    expect(sketch.quantile(0.75)).toBe(0);
    expect(sketch.quantile(0.76)).toBeCloseTo(1e-9, 11);
  });

  it('answers 1 for a value of 1', () => {
    expect(sketchOf([1]).quantile(0.5)).toBe(1);
  });

  it('takes the rank that is meant where a product is a hair above it', () => {
    const sketch = sketchOf(Array.from({ length: 100 }, (_, index) => 2 ** index));
    expect(sketch.quantile(0.07)).toBeGreaterThan(0.99 * 2 ** 6);
    expect(sketch.quantile(0.07)).toBeLessThan(1.01 * 2 ** 6);
  });

  it('keeps counts beyond 2^32', () => {
    const sketch = new Sketch();
    sketch.add(5, 2 ** 40);
    expect(Sketch.from(sketch.toBytes()).count).toBe(2 ** 40);
  });

  it('is null and one byte while empty', () => {
    expect(new Sketch().quantile(0.5)).toBeNull();
    expect(new Sketch().toBytes()).toEqual(Uint8Array.of(0));
    expect(Sketch.from(null).toBytes()).toEqual(Uint8Array.of(0));
  });

  it('stays small: ten thousand lengths of time in less than two kilobytes', () => {
    const values = Array.from({ length: 10_000 }, (_, index) => Math.round(1000 * 1.001 ** index));
    expect(sketchOf(values).toBytes().length).toBeLessThan(2_000);
  });

  it('refuses negative and endless values, removals of what is not there, and quantiles outside 0 to 1', () => {
    for (const bad of [-1, Number.NaN, Infinity]) expect(() => new Sketch().add(bad)).toThrow(/0 or more/);
    expect(() => new Sketch().remove(0)).toThrow(/fewer/);
    expect(() => sketchOf([10]).remove(20)).toThrow(/fewer/);
    expect(() => sketchOf([10]).quantile(1.1)).toThrow(/from 0 to 1/);
    expect(() => Sketch.from(Uint8Array.of(0, 0x80))).toThrow(/end inside/);
  });
});
