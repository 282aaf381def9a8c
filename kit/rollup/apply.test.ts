import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../ingest/time.ts';
import { QUARTER_HOUR_MS } from './bucket.ts';
import { MemoryStore } from './fixtures.ts';
import { applyContributions, type BucketDocument, type Contribution, defineBuckets, readSeries, type Totals } from './rollup.ts';
import { parseWindow } from './window.ts';

const buckets = defineBuckets('test.buckets', ['runs', 'runTimeMs', 'users']);
const start = Date.parse('2024-01-31T22:00:00Z');

const fact = (at: number, runTimeMs: number, user = 'a', entity = 'team:one'): Contribution => ({
  entity,
  at,
  counts: { runs: 1, saved: runTimeMs % 3 },
  values: { runTimeMs: [runTimeMs] },
  uniques: { users: [user] },
});

/** A fact of many different users, which fills lists and buckets. */
const crowd = (after: number, users: number, seed = 0): Contribution => ({
  entity: 'team:one',
  at: start + after,
  counts: { runs: users },
  values: { runTimeMs: Array.from({ length: 5 }, (_, index) => (seed * 7_919 + index * 104_729) % 5_000) },
  uniques: { users: Array.from({ length: users }, (_, index) => `${seed} ${index}`) },
});

const contribution = fc
  .record({ entity: fc.constantFrom('team:one', 'team:two'), quarter: fc.nat(24), runTimeMs: fc.nat(6), user: fc.constantFrom('a', 'b', 'c') })
  .map(({ entity, quarter, runTimeMs, user }) => fact(start + quarter * QUARTER_HOUR_MS + 1, runTimeMs, user, entity));

async function storeOf(contributions: readonly Contribution[]): Promise<MemoryStore> {
  const store = new MemoryStore();
  await applyContributions(store, buckets, contributions, []);
  return store;
}

const full = (store: MemoryStore): BucketDocument[] => store.all(buckets);

/** What an hour or less of one entity holds. */
async function totalsOf(store: MemoryStore, from: number, to: number, entity = 'team:one'): Promise<Totals | null | undefined> {
  const window = parseWindow({ from: new Date(from).toISOString(), to: new Date(to).toISOString(), granularity: 'WHOLE' });
  return (await readSeries(store, buckets, [entity], window)).get(entity)?.[0];
}

describe('applyContributions', () => {
  it('writes one document of a month that holds little, with one get, and sums values exactly', async () => {
    const store = await storeOf([fact(start, 100, 'a'), fact(start + 1, 300, 'b')]);
    expect(store.commands).toEqual({ get: 1, scan: 0, put: 1 });
    const hour = await totalsOf(store, start, start + HOUR_MS);
    expect(hour).toMatchObject({ counts: { runs: 2, runTimeMs: 400, saved: 1 }, min: { runTimeMs: 100 }, max: { runTimeMs: 300 } });
    expect(await totalsOf(store, start + HOUR_MS, start + 2 * HOUR_MS)).toBeNull();
    expect(store.all(buckets).map(({ id }) => id)).toEqual([`team:one|T|${Date.parse('2024-01-01')}`]);
  });

  it('computes nothing anew where a zero goes and others stay, or where the greatest grows', async () => {
    const waited = (waitMs: number): Contribution => ({ entity: 'team:one', at: start, counts: { runs: 1 }, values: { waitMs: [waitMs] } });
    const store = await storeOf([waited(0), waited(0), waited(500)]);
    await applyContributions(store, buckets, [waited(900)], [waited(0)]);
    await applyContributions(store, buckets, [waited(950)], [waited(900)]);
    expect(await totalsOf(store, start, start + HOUR_MS)).toMatchObject({ counts: { runs: 3, waitMs: 1_450 }, min: { waitMs: 0 }, max: { waitMs: 950 } });
    await expect(applyContributions(store, buckets, [waited(10)], [waited(0)])).rejects.toThrow('recompute');
  });

  it('gives the same bytes in any order and split, with facts that come, change and go', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(contribution, { maxLength: 20 }),
        fc.array(fc.tuple(contribution, contribution), { maxLength: 8 }),
        fc.array(contribution, { maxLength: 8 }),
        fc.infiniteStream(fc.nat(1000)),
        async (kept, changed, gone, random) => {
          const pick = (below: number): number => (random.next().value ?? 0) % below;
          // Each fact is a list of its states in turn, the last of which stays; null is "not there".
          const waiting: (Contribution | null)[][] = [...kept.map((one) => [one]), ...changed.map((pair) => [...pair]), ...gone.map((one) => [one, null])];
          const current = waiting.map((): Contribution | null => null);
          const store = new MemoryStore();
          while (waiting.some((states) => states.length > 0)) {
            const [added, removed]: Contribution[][] = [[], []];
            for (let size = 1 + pick(6); size > 0; size--) {
              const which = pick(waiting.length);
              const next = waiting[which]?.shift();
              if (next === undefined) continue;
              const before = current[which];
              if (before) removed?.push(before);
              if (next) added?.push(next);
              current[which] = next;
            }
            await applyContributions(store, buckets, added ?? [], removed ?? [], async () => current.filter((one) => one !== null));
          }
          expect(full(store)).toEqual(full(await storeOf([...kept, ...changed.map(([, last]) => last)])));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('gives the same bytes whatever forms its stretches had on the way: lists, sums, and documents of their own', async () => {
    const spread = fc
      .record({ quarter: fc.oneof(fc.nat(5), fc.nat(120), fc.nat(3_000)), users: fc.constantFrom(1, 30, 70, 300), seed: fc.nat(50) })
      .map(({ quarter, users, seed }) => crowd(quarter * QUARTER_HOUR_MS, users, seed));
    await fc.assert(
      fc.asyncProperty(fc.array(spread, { minLength: 3, maxLength: 25 }), fc.array(spread, { maxLength: 25 }), fc.array(fc.nat(7), { minLength: 1, maxLength: 12 }), async (kept, gone, sizes) => {
        const current = new Set<Contribution>();
        const store = new MemoryStore();
        const recompute = async (): Promise<Contribution[]> => [...current];
        const inBatches = async (facts: readonly Contribution[], change: (batch: readonly Contribution[]) => Promise<void>): Promise<void> => {
          let rest = facts;
          for (let at = 0; rest.length > 0; at += 1) {
            const size = 1 + (sizes[at % sizes.length] ?? 0);
            await change(rest.slice(0, size));
            rest = rest.slice(size);
          }
        };
        await inBatches([...gone.slice(0, 10), ...kept, ...gone.slice(10)], async (batch) => {
          for (const each of batch) current.add(each);
          await applyContributions(store, buckets, batch, [], recompute);
        });
        await inBatches(gone, async (batch) => {
          for (const each of batch) current.delete(each);
          await applyContributions(store, buckets, [], batch, recompute);
        });
        expect(full(store)).toEqual(full(await storeOf(kept)));
        for (const [from, to] of [[0, 30 * HOUR_MS], [HOUR_MS, 5 * HOUR_MS], [QUARTER_HOUR_MS, 900 * HOUR_MS]] as const) {
          const runs = kept.filter(({ at }) => at >= start + from && at < start + to).reduce((sum, { counts }) => sum + (counts?.['runs'] ?? 0), 0);
          expect((await totalsOf(store, start + from, start + to))?.counts['runs'] ?? 0).toBe(runs);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('goes back from estimated to exact uniques, to the byte, when most of them go', async () => {
    const facts = Array.from({ length: 400 }, (_, index) => fact(start + index * 9_000, 5, `user ${index}`));
    const [few, many] = [facts.slice(0, 100), facts.slice(100)];
    const store = await storeOf(facts);
    await applyContributions(store, buckets, [], many, async () => few);
    expect(full(store)).toEqual(full(await storeOf(few)));
  });

  it('touches nothing where what is added and removed is alike', async () => {
    const store = await storeOf([fact(start, 5)]);
    const before = { ...store.commands };
    await applyContributions(store, buckets, [fact(start + 2, 5)], [fact(start + 1, 5)]);
    await applyContributions(store, buckets, [], []);
    expect(store.commands).toEqual(before);
  });

  it('recomputes only the quarter of an hour that lost its least, greatest or different ones', async () => {
    const facts = [fact(start, 5), fact(start + 1, 50), fact(start + 2, 500), fact(start + QUARTER_HOUR_MS, 1, 'b')];
    const store = await storeOf(facts);
    const asked: unknown[] = [];
    const least = facts[0];
    await applyContributions(store, buckets, [], least ? [least] : [], async (bucket, entity) => {
      asked.push({ ...bucket, entity });
      return facts.slice(1);
    });
    expect(asked).toEqual([{ level: 'Q', from: start, to: start + QUARTER_HOUR_MS, entity: 'team:one' }]);
    expect(full(store)).toEqual(full(await storeOf(facts.slice(1))));
  });

  it('needs no recompute where a removal leaves least, greatest and different ones alone', async () => {
    const withoutUser = (value: number): Contribution => ({ entity: 'e', at: start, values: { runTimeMs: [value] } });
    const store = await storeOf([1, 5, 9].map(withoutUser));
    await applyContributions(store, buckets, [], [withoutUser(5)]);
    await applyContributions(store, buckets, [withoutUser(0), withoutUser(11)], [withoutUser(1), withoutUser(9)]);
    expect(full(store)).toEqual(full(await storeOf([0, 11].map(withoutUser))));
    await applyContributions(store, buckets, [], [0, 11].map(withoutUser));
    expect(full(store)).toEqual([]);
  });

  it('leaves nothing where all is taken back', async () => {
    const facts = Array.from({ length: 40 }, (_, index) => crowd(index * QUARTER_HOUR_MS, 90, index));
    const store = await storeOf(facts);
    expect(full(store).length).toBeGreaterThan(40);
    await applyContributions(store, buckets, [], facts.slice(0, 20), async () => facts.slice(20));
    expect(full(store)).toEqual(full(await storeOf(facts.slice(20))));
    await applyContributions(store, buckets, [], facts.slice(20), async () => []);
    expect(full(store)).toEqual([]);
  });

  it('takes negative counts, such as credits', async () => {
    const store = await storeOf([{ entity: 'e', at: start, counts: { costMicros: -5 } }]);
    expect(await totalsOf(store, start, start + HOUR_MS, 'e')).toMatchObject({ counts: { costMicros: -5 } });
  });

  it('refuses what a bucket cannot hold exactly', async () => {
    const bad: [Partial<Contribution>, RegExp][] = [
      [{ counts: { runs: 0.5 } }, /whole number/],
      [{ values: { runTimeMs: [-1] } }, /0 or more/],
      [{ values: { runTimeMs: [1.5] } }, /whole numbers/],
      [{ at: Number.NaN, counts: { runs: 1 } }, /milliseconds/],
      [{ counts: { runTimeMs: 1 }, values: { runTimeMs: [1] } }, /got both/],
    ];
    for (const [part, message] of bad) await expect(storeOf([{ entity: 'e', at: start, ...part }])).rejects.toThrow(message);
    const large = { entity: 'e', at: start, counts: { bytes: Number.MAX_SAFE_INTEGER } };
    await expect(applyContributions(await storeOf([large]), buckets, [large], [])).rejects.toThrow(/below 2\^53/);
  });

  it('says so where recompute is missing, or does not give what is there', async () => {
    const facts = [fact(start, 5), fact(start, 50)];
    const first = facts.slice(0, 1);
    const second = facts.slice(1);
    await expect(applyContributions(await storeOf(facts), buckets, [], first)).rejects.toThrow(/Expected recompute/);
    await expect(applyContributions(await storeOf(facts), buckets, [], first, async () => facts)).rejects.toThrow(/the 1 values of runTimeMs .* got 2/);
    await applyContributions(await storeOf(facts), buckets, [], first, async () => [...second, fact(start, 7, 'a', 'team:two'), fact(start - 1, 7)]);
  });
});
