import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../ingest/time.ts';
import type { Store } from '../store/port.ts';
import { MemoryStore } from './fixtures.ts';
import { applyContributions, type Contribution, defineBuckets, mergeTotals, readSeries, toDurationDistribution } from './rollup.ts';
import { parseWindow, type WindowInput } from './window.ts';

const buckets = defineBuckets('test.buckets');
const start = Date.parse('2024-01-01T00:00:00Z');

async function storeOf(contributions: readonly Contribution[]): Promise<MemoryStore> {
  const store = new MemoryStore();
  await applyContributions(store, buckets, contributions, []);
  store.commands.get = 0;
  return store;
}

const session = (entity: string, at: number, startupMs: number, viewer = 'v'): Contribution => ({
  entity,
  at,
  counts: { sessions: 1 },
  values: { startupMs: [startupMs] },
  uniques: { viewers: [viewer] },
});

describe('readSeries', () => {
  it('gives each entity a point for each day, null where nothing was recorded, in one command', async () => {
    const store = await storeOf([session('a', start, 10), session('a', start + 2 * DAY_MS, 30), session('a', start + 2 * DAY_MS + HOUR_MS, 40), session('b', start, 50)]);
    const series = await readSeries(store, buckets, ['a', 'b', 'c', 'a'], parseWindow({ from: '2024-01-01', to: '2024-01-04' }));
    expect([...series.keys()]).toEqual(['a', 'b', 'c']);
    expect(series.get('a')?.map((totals) => totals?.counts ?? null)).toEqual([{ sessions: 1, startupMs: 10 }, null, { sessions: 2, startupMs: 70 }]);
    expect(series.get('c')).toEqual([null, null, null]);
    expect(store.commands).toMatchObject({ get: 1 });
  });

  it('says the same as the contributions themselves, in any zone and granularity', async () => {
    const entity = fc.constantFrom('a', 'b');
    const sessions = fc.array(fc.record({ entity, hour: fc.nat(24 * 60), startupMs: fc.nat(10_000), viewer: fc.nat(5) }), { maxLength: 60 });
    const windows: WindowInput[] = [
      { from: '2024-01-02', to: '2024-02-20' },
      { from: '2024-01-02', to: '2024-02-20', timeZone: 'Asia/Kathmandu' },
      { from: '2024-01-01', to: '2024-03-01', timeZone: 'America/St_Johns', granularity: 'MONTH' },
      { from: '2024-01-08', to: '2024-02-19', timeZone: 'Asia/Kolkata', granularity: 'WEEK' },
      { from: '2024-01-03T04:00:00Z', to: '2024-01-20T00:00:00Z', granularity: 'HOUR' },
      { from: '2024-01-03T04:15:00Z', to: '2024-02-20T20:45:00Z', granularity: 'WHOLE' },
    ];
    await fc.assert(
      fc.asyncProperty(sessions, fc.constantFrom(...windows), async (placed, input) => {
        const contributions = placed.map(({ entity: name, hour, startupMs, viewer }) => session(name, start + hour * HOUR_MS + 1_234_567, startupMs, `viewer ${viewer}`));
        const window = parseWindow(input);
        const series = await readSeries(await storeOf(contributions), buckets, ['a', 'b'], window);
        for (const name of ['a', 'b']) {
          window.points.forEach(({ from, to }, index) => {
            const inside = contributions.filter((one) => one.entity === name && one.at >= from && one.at < to);
            const totals = series.get(name)?.[index] ?? null;
            const values = inside.flatMap((one) => one.values?.['startupMs'] ?? []);
            expect(totals?.counts['sessions'] ?? 0).toBe(inside.length);
            expect(totals?.sketch('startupMs')?.count ?? 0).toBe(inside.length);
            expect(totals?.min['startupMs'] ?? Infinity).toBe(Math.min(...values));
            expect(totals?.max['startupMs'] ?? -Infinity).toBe(Math.max(...values));
            expect(totals?.unique('viewers')?.estimate() ?? 0).toBe(new Set(inside.flatMap((one) => one.uniques?.['viewers'] ?? [])).size);
          });
        }
      }),
      { numRuns: 60 },
    );
  });

  it('asks for months first where there would be very many ids, in three commands at the most, and says the same', async () => {
    const entities = Array.from({ length: 400 }, (_, index) => `entity ${index}`);
    const busy = (entity: string, at: number): Contribution => ({ ...session(entity, at, 7), uniques: { viewers: Array.from({ length: 300 }, (_, index) => `${at} ${index}`) } });
    const store = await storeOf(entities.slice(0, 20).flatMap((entity, index) => [session(entity, start + index * DAY_MS, index), ...[0, 1, 2, 30, 31, 60].map((hour) => busy(entity, start + hour * HOUR_MS))]));
    for (const input of [{ from: '2024-01-01', to: '2025-01-01' }, { from: '2024-01-01', to: '2024-02-01', timeZone: 'Asia/Kolkata' }]) {
      const window = parseWindow(input);
      store.commands.get = 0;
      const staged = await readSeries(store, buckets, entities, window);
      expect(store.commands.get).toBeLessThanOrEqual(3);
      expect(store.commands.get).toBeGreaterThan(1);
      store.commands.get = 0;
      const fetched = await readSeries(store, buckets, entities.slice(0, 20), window);
      expect(store.commands.get).toBe(1);
      const said = (series: typeof staged, entity: string): unknown[] | undefined => series.get(entity)?.map((totals) => totals && [totals.counts, totals.unique('viewers')?.estimate(), totals.sketch('startupMs')?.count]);
      for (const entity of entities.slice(0, 20)) expect(said(staged, entity)).toEqual(said(fetched, entity));
      expect(said(staged, 'entity 0')?.flat(2).length).toBeGreaterThan(3);
      expect(staged.get('entity 150')).toEqual(window.points.map(() => null));
    }
  });

  it('begins again where a commit moves what was named, and says what is lost for good', async () => {
    const store = await storeOf([]);
    const entities = Array.from({ length: 300 }, (_, index) => `entity ${index}`);
    const window = parseWindow({ from: '2024-01-01', to: '2025-01-01' });
    const crowds = Array.from({ length: 6 }, (_, hour): Contribution => ({ ...session('entity 0', start + hour * HOUR_MS, 7), uniques: { viewers: Array.from({ length: 300 }, (_, index) => `viewer ${hour} ${index}`) } }));
    await applyContributions(store, buckets, [...crowds, session('entity 0', start, 9)], []);
    let commands = 0;
    const between: Pick<Store, 'get'> = {
      get: async (collection, ids) => {
        const found = await store.get(collection, ids);
        if (commands++ === 0) await applyContributions(store, buckets, [], crowds, async () => [session('entity 0', start, 9)]);
        return found;
      },
    };
    const [totals] = (await readSeries(between, buckets, entities, window)).get('entity 0') ?? [];
    expect(totals?.counts).toMatchObject({ sessions: 1, startupMs: 9 });
    expect(commands).toBe(3);

    await applyContributions(store, buckets, crowds, []);
    for (const { id } of store.all(buckets)) if (!id.includes('|T|')) store.remove(buckets, id);
    await expect(readSeries(store, buckets, entities, window)).rejects.toThrow('npm run rebuild');
  });

  it('asks nothing for no entities, and refuses more buckets than an answer can be made of', async () => {
    const store = await storeOf([]);
    expect(await readSeries(store, buckets, [], parseWindow({ from: '2024-01-01', to: '2024-01-02' }))).toEqual(new Map());
    expect(store.commands.get).toBe(0);
    const window = parseWindow({ from: '2000-01-01', to: '2020-01-01', timeZone: 'Asia/Tokyo' });
    const entities = Array.from({ length: 300 }, (_, index) => `entity ${index}`);
    await expect(readSeries(store, buckets, entities, window)).rejects.toMatchObject({ extensions: { code: 'WINDOW_TOO_MANY_POINTS' } });
  });

  it('reads a bucket that became empty as null', async () => {
    const store = await storeOf([session('a', start, 10)]);
    await applyContributions(store, buckets, [], [session('a', start, 10)], async () => []);
    const series = await readSeries(store, buckets, ['a'], parseWindow({ from: '2024-01-01', to: '2024-01-02' }));
    expect(series.get('a')).toEqual([null]);
  });
});

describe('totals', () => {
  it('merge into what one wider point says', async () => {
    const contributions = Array.from({ length: 300 }, (_, index) => session('a', start + index * 8 * HOUR_MS, index * index, `viewer ${index}`));
    const store = await storeOf(contributions);
    const days = await readSeries(store, buckets, ['a'], parseWindow({ from: '2024-01-01', to: '2024-06-01' }));
    const whole = await readSeries(store, buckets, ['a'], parseWindow({ from: '2024-01-01', to: '2024-06-01', granularity: 'WHOLE' }));
    const [merged, one] = [mergeTotals(days.get('a') ?? []), whole.get('a')?.[0] ?? null];
    expect(merged?.counts).toEqual(one?.counts);
    expect([merged?.min, merged?.max]).toEqual([one?.min, one?.max]);
    expect(merged?.sketch('startupMs')?.toBytes()).toEqual(one?.sketch('startupMs')?.toBytes());
    expect(merged?.unique('viewers')?.toBytes()).toEqual(one?.unique('viewers')?.toBytes());
    expect(mergeTotals([null, undefined])).toBeNull();
  });

  it('tell how durations are distributed, with their exact sum', async () => {
    const store = await storeOf([0, 100, 200, 301].map((ms) => session('a', start, ms)));
    const [totals] = (await readSeries(store, buckets, ['a'], parseWindow({ from: '2024-01-01', to: '2024-01-02' }))).get('a') ?? [];
    const distribution = toDurationDistribution(totals, 'startupMs');
    expect(distribution).toMatchObject({ sampleSize: 4, totalMs: 601, relativeError: 0.01 });
    expect(Math.abs((distribution?.p50Ms ?? 0) - 100)).toBeLessThanOrEqual(1);
    expect(Math.abs((distribution?.p99Ms ?? 0) - 301)).toBeLessThanOrEqual(3.01);
    expect(toDurationDistribution(totals, 'other')).toBeNull();
    expect(toDurationDistribution(null, 'startupMs')).toBeNull();
  });
});
