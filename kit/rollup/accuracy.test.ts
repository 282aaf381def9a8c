import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { itWithRealData } from '../test-data.ts';
import { Cardinality, EXACT_LIMIT } from './cardinality.ts';
import { RELATIVE_ERROR, Sketch } from './sketch.ts';

const PARTS = 1_001;
const QUANTILES = [0.5, 0.95, 0.99];

/** Numbers from 0 to 1, the same in every run: Mulberry32. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function shuffle<T>(list: readonly T[], random: () => number): T[] {
  const shuffled = [...list];
  for (let at = shuffled.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [shuffled[at], shuffled[other]] = [shuffled[other] as T, shuffled[at] as T];
  }
  return shuffled;
}

/** Normal by Box and Muller. */
const normal = (random: () => number): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Draws into 1,001 parts, one of each at least, as buckets hold what came to them. */
function intoParts<T>(values: readonly T[], random: () => number): T[][] {
  const parts: T[][] = Array.from({ length: PARTS }, () => []);
  for (const value of values) parts[Math.floor(random() * PARTS)]?.push(value);
  return parts;
}

/** Packs each part, then merges them a thousand times, in a random order and now and then in pairs before. */
function mergeSketches(values: readonly number[], seed: number): Sketch {
  const random = createRandom(seed);
  const packed = intoParts(values, random).map((part) => {
    const sketch = new Sketch();
    for (const value of part) sketch.add(value);
    return sketch.toBytes();
  });
  let waiting = shuffle(packed, random);
  let merges = 0;
  while (waiting.length > 1) {
    const [one, other, ...rest] = waiting as [Uint8Array, Uint8Array, ...Uint8Array[]];
    const merged = Sketch.from(one);
    merged.mergeBytes(other);
    merges += 1;
    // The merged part goes to a random place, so that merges form a random tree.
    rest.splice(Math.floor(random() * (rest.length + 1)), 0, merged.toBytes());
    waiting = rest;
  }
  expect(merges).toBe(PARTS - 1);
  return Sketch.from(waiting[0]);
}

/** The largest relative error of the quantiles; of one that is zero any other answer is endlessly wrong. */
function worstError(values: readonly number[], sketch: Sketch): number {
  const sorted = values.toSorted((a, b) => a - b);
  const errors = QUANTILES.map((q) => {
    const exact = sorted[Math.ceil(q * sorted.length) - 1] ?? Number.NaN;
    const answer = sketch.quantile(q) ?? Number.NaN;
    return answer === exact ? 0 : Math.abs(answer - exact) / exact;
  });
  return Math.max(...errors);
}

/** A product of doubles may stand a hair above its bound. */
const BOUND = RELATIVE_ERROR * (1 + 1e-9);

const SHAPES: Record<string, (random: () => number) => number> = {
  'log-normal': (random) => Math.round(Math.exp(7 + 1.2 * normal(random))),
  constant: () => 1_500,
  'two-peaked': (random) => Math.round(random() < 0.6 ? 800 + 60 * normal(random) : 60_000 + 3_000 * normal(random)),
  'mostly zero': (random) => (random() < 0.97 ? 0 : Math.round(20_000 * random())),
};

describe('Sketches merged a thousand times in random order', () => {
  it.each(Object.entries(SHAPES))('answer p50, p95 and p99 of %s data within one percent, and zeros exactly', (_, draw) => {
    for (const seed of [1, 2, 3]) {
      const random = createRandom(seed);
      const values = Array.from({ length: 30_000 }, () => draw(random));
      const merged = mergeSketches(values, seed);
      expect(merged.count).toBe(values.length);
      expect(worstError(values, merged)).toBeLessThanOrEqual(BOUND);
    }
  });

  itWithRealData('answer those of real sessions: lengths, playing time, buffering events and bytes', ['viewing/youtube-sessions.csv.gz'], (file = '') => {
    const rows = parse(gunzipSync(readFileSync(file)), { columns: true }) as Record<string, string>[];
    const played = (row: Record<string, string>): number =>
      Object.entries(row).reduce((sum, [column, text]) => (/^pl_time_spent_itag\d+$/.test(column) ? sum + Number(text) : sum), 0);
    const measures: Record<string, (row: Record<string, string>) => number> = {
      lengthMs: (row) => Math.round(Number(row['vid_length']) * 1_000),
      playedMs: (row) => Math.round(played(row) * 1_000),
      stalls: (row) => Number(row['pl_buffering_events']),
      bytes: (row) => Number(row['net_dl_total']),
    };
    for (const [seed, measure] of Object.values(measures).entries()) {
      const values = rows.map(measure).filter((value) => value >= 0);
      expect(values.length).toBeGreaterThan(12_000);
      expect(worstError(values, mergeSketches(values, seed))).toBeLessThanOrEqual(BOUND);
    }
  });
});

/** Packs parts of these strings and merges them a thousand times in a random order. */
function mergeUniques(values: readonly string[], seed: number): Cardinality {
  const random = createRandom(seed);
  const merged = new Cardinality();
  for (const part of shuffle(intoParts(values, random), random)) {
    const cardinality = new Cardinality();
    for (const value of part) cardinality.add(value);
    merged.mergeBytes(cardinality.toBytes());
  }
  return merged;
}

/** How many of them are different, the same draw for a seed: as viewers are, some come once and some often. */
function drawViewers(trial: number, different: number): string[] {
  const random = createRandom(trial);
  const values = Array.from({ length: different }, (_, index) => `${trial}/viewer ${index}`);
  for (let again = 0; again < different / 2; again += 1) values.push(`${trial}/viewer ${Math.floor(random() ** 3 * different)}`);
  return values;
}

describe('Unique counts merged a thousand times in random order', () => {
  it('are exact below 256', () => {
    for (const different of [1, 2, 100, EXACT_LIMIT]) expect(mergeUniques(drawViewers(different, different), different).estimate()).toBe(different);
    expect(EXACT_LIMIT).toBe(255);
  });

  it('are within 3.3 percent in 95 of a hundred of 200 trials, from 256 upwards', () => {
    const sizes = [256, 1_000, 5_000];
    let within = 0;
    for (let trial = 0; trial < 200; trial += 1) {
      const different = sizes[trial % sizes.length] ?? 0;
      // A thousand merges of each trial would take minutes; the state after them does not depend on how many there were.
      const cardinality = trial < 10 ? mergeUniques(drawViewers(trial, different), trial) : cardinalityOf(drawViewers(trial, different));
      if (Math.abs(cardinality.estimate() / different - 1) <= 0.033) within += 1;
    }
    expect(within).toBeGreaterThanOrEqual(190);
  });

  it('leave the same bytes as adding everything at once, so that what holds for one holds for the other', () => {
    for (const [seed, different] of [200, 256, 3_000, 12_000].entries()) {
      const values = drawViewers(seed, different);
      expect(Buffer.from(mergeUniques(values, seed).toBytes()).equals(cardinalityOf(values).toBytes())).toBe(true);
    }
  });

  itWithRealData('are within 3.3 percent of the videos and days of real sessions', ['viewing/youtube-sessions.csv.gz'], (file = '') => {
    const rows = parse(gunzipSync(readFileSync(file)), { columns: true }) as Record<string, string>[];
    for (const [seed, column] of ['yt_id', 'run_id', 'vid_category'].entries()) {
      const values = rows.map((row) => row[column] ?? '');
      const exact = new Set(values).size;
      const estimate = mergeUniques(values, seed).estimate();
      expect(Math.abs(estimate / exact - 1)).toBeLessThanOrEqual(exact <= EXACT_LIMIT ? 0 : 0.033);
    }
  });
});

function cardinalityOf(values: readonly string[]): Cardinality {
  const cardinality = new Cardinality();
  for (const value of values) cardinality.add(value);
  return cardinality;
}
