import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cardinality, CARDINALITY_STANDARD_ERROR, EXACT_LIMIT } from './cardinality.ts';

const range = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, index) => `user ${from + index}`);

function cardinalityOf(values: readonly string[]): Cardinality {
  const cardinality = new Cardinality();
  for (const value of values) cardinality.add(value);
  return cardinality;
}

describe('Cardinality', () => {
  it('is exact up to its limit, however often a value comes', () => {
    const values = range(0, EXACT_LIMIT);
    expect(cardinalityOf([...values, ...values]).estimate()).toBe(EXACT_LIMIT);
    expect(new Cardinality().estimate()).toBe(0);
  });

  it('gives equal bytes in any order of adding and merging, across every form', () => {
    const bound = fc.integer({ min: 0, max: 12_000 });
    fc.assert(
      fc.property(fc.array(fc.tuple(bound, fc.integer({ min: 0, max: 400 })), { minLength: 1, maxLength: 6 }), fc.boolean(), (stretches, large) => {
        const parts = stretches.map(([from, length]) => range(from, from + length));
        if (large) parts.push(range(0, 9_000));
        const whole = cardinalityOf(parts.flat());
        const packed = new Cardinality();
        for (const part of parts.toReversed()) packed.mergeBytes(cardinalityOf(part.toReversed()).toBytes());
        const merged = new Cardinality();
        for (const part of parts) merged.merge(Cardinality.from(cardinalityOf(part).toBytes()));
        expect(Buffer.from(packed.toBytes()).equals(whole.toBytes())).toBe(true);
        expect(Buffer.from(merged.toBytes()).equals(whole.toBytes())).toBe(true);
        expect(Cardinality.from(whole.toBytes()).estimate()).toBe(whole.estimate());
      }),
      { numRuns: 40 },
    );
  });

  it.each([300, 2_000, 12_000])('is within 3.3 percent of %i in 95 of 100 trials', (count) => {
    let within = 0;
    let total = 0;
    for (let trial = 0; trial < 200; trial++) {
      const cardinality = new Cardinality();
      for (let index = 0; index < count; index++) cardinality.add(`${trial}/${index}`);
      const error = cardinality.estimate() / count - 1;
      total += error;
      if (Math.abs(error) <= 0.033) within++;
    }
    expect(within).toBeGreaterThanOrEqual(190);
    // Without bias: the mean of 200 errors is within four of its standard errors of 0.
    expect(Math.abs(total / 200)).toBeLessThan((4 * CARDINALITY_STANDARD_ERROR) / Math.sqrt(200));
  });

  it('stays small: eight bytes each while exact, at most six kilobytes', () => {
    expect(cardinalityOf(range(0, 10)).toBytes().length).toBe(81);
    expect(cardinalityOf(range(0, 256)).toBytes().length).toBeLessThan(600);
    expect(cardinalityOf(range(0, 50_000)).toBytes().length).toBe(6145);
  });

  it('refuses bytes of another form', () => {
    expect(() => Cardinality.from(Uint8Array.of(9, 9))).toThrow(/packed registers/);
  });
});
