import { createHash } from 'node:crypto';

/**
 * A stream of pseudo-random numbers that is the same on every machine and every version of Node: only 32-bit integer
 * arithmetic and one exact division by a power of two, never Math.random, exp, log or pow.
 */
export interface Random {
  /** A whole number of [0, 2^32). */
  readonly next: () => number;
  /** A whole number of [0, n), n at most 2^32. */
  readonly below: (n: number) => number;
  /** A whole number of [low, high], both included. */
  readonly between: (low: number, high: number) => number;
  /** True in `permille` of a thousand draws. */
  readonly chance: (permille: number) => boolean;
  readonly pick: <T>(items: readonly T[]) => T;
  /** The place of a weight, drawn in proportion to it; weights are whole numbers, not all of them 0. */
  readonly weighted: (weights: readonly number[]) => number;
  /** A whole number with a long right tail: half of the draws are below about 1.3 times `typical`, one in a hundred above 16 times. */
  readonly skewed: (typical: number) => number;
  /** An identifier in the form of a UUID of version 7 for a moment in milliseconds since the epoch. */
  readonly uuid: (at: number) => string;
}

/** How often a skewed number falls in each doubling, from a quarter of the typical one up to 16 times it, in permille. */
const DOUBLINGS = [90, 240, 340, 200, 85, 30, 15] as const;
/** The lower edges of those doublings, in quarters of the typical number. */
const QUARTERS = [1, 2, 4, 8, 16, 32, 64] as const;

/**
 * A stream of its own for each name, so that drawing more in one place never shifts what another place draws.
 * @param name the path of what is drawn, such as `7/session/2026-01-05T03/12`
 */
export function createRandom(name: string): Random {
  const next = createSfc32(name);
  const below = (n: number): number => Math.floor((next() / 4_294_967_296) * n);
  const weighted = (weights: readonly number[]): number => {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    let left = below(total);
    const place = weights.findIndex((weight) => (left -= weight) < 0);
    if (place < 0) throw new RangeError(`expected weights with a positive sum, came [${weights.join(', ')}]`);
    return place;
  };
  return {
    next,
    below,
    weighted,
    between: (low, high) => low + below(high - low + 1),
    chance: (permille) => below(1000) < permille,
    pick: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new RangeError('expected at least one item to pick from, came none');
      return item;
    },
    skewed: (typical) => {
      const low = Math.floor((typical * (QUARTERS[weighted(DOUBLINGS)] ?? 4)) / 4);
      return low + below(low + 1);
    },
    uuid: (at) => toUuid(at, [next(), next(), next()]),
  };
}

/** sfc32 of Chris Doty-Humphrey's PractRand, seeded with the SHA-256 of the name. */
function createSfc32(name: string): () => number {
  const digest = createHash('sha256').update(name).digest();
  let a = digest.readUInt32LE(0);
  let b = digest.readUInt32LE(4);
  let c = digest.readUInt32LE(8);
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  // The generator's own advice: the first twelve numbers still show the seed.
  for (let round = 0; round < 12; round += 1) next();
  return next;
}

/** RFC 9562, version 7: 48 bits of milliseconds, then random bits. */
function toUuid(at: number, [x, y, z]: readonly [number, number, number]): string {
  const hex = (value: number, length: number): string => value.toString(16).padStart(length, '0');
  const time = hex(at, 12);
  const version = hex(0x7000 | (x & 0x0fff), 4);
  const variant = hex(0x8000 | ((x >>> 12) & 0x3fff), 4);
  return `${time.slice(0, 8)}-${time.slice(8)}-${version}-${variant}-${hex(y, 8)}${hex(z & 0xffff, 4)}`;
}
