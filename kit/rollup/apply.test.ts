import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QUARTER_HOUR_MS } from './bucket.ts';
import { MemoryStore } from './fixtures.ts';
import { applyContributions, bucketId, type BucketDocument, type Contribution, defineBuckets } from './rollup.ts';

const buckets = defineBuckets('test.buckets');
const start = Date.parse('2024-01-31T22:00:00Z');

const fact = (at: number, runTimeMs: number, user = 'a', entity = 'team:one'): Contribution => ({
  entity,
  at,
  counts: { runs: 1, saved: runTimeMs % 3 },
  values: { runTimeMs: [runTimeMs] },
  uniques: { users: [user] },
});

const contribution = fc
  .record({ entity: fc.constantFrom('team:one', 'team:two'), quarter: fc.nat(24), runTimeMs: fc.nat(6), user: fc.constantFrom('a', 'b', 'c') })
  .map(({ entity, quarter, runTimeMs, user }) => fact(start + quarter * QUARTER_HOUR_MS + 1, runTimeMs, user, entity));

async function storeOf(contributions: readonly Contribution[]): Promise<MemoryStore> {
  const store = new MemoryStore();
  await applyContributions(store, buckets, contributions, []);
  return store;
}

const full = (store: MemoryStore): BucketDocument[] => store.all(buckets).filter(({ counts, uniques }) => uniques || Object.keys(counts).length > 0);

describe('applyContributions', () => {
  it('writes the four buckets of an instant with one get, and sums values exactly', async () => {
    const store = await storeOf([fact(start, 100, 'a'), fact(start + 1, 300, 'b')]);
    expect(store.commands).toEqual({ get: 1, scan: 0, scanEach: 0, put: 4 });
    const [hour] = await store.get(buckets, [bucketId('team:one', 'H', start)]);
    expect(hour).toMatchObject({ counts: { runs: 2, runTimeMs: 400, saved: 1 }, min: { runTimeMs: 100 }, max: { runTimeMs: 300 } });
    expect(store.all(buckets).map(({ level, from }) => [level, new Date(from).toISOString().slice(0, 16)])).toEqual([
      ['D', '2024-01-31T00:00'],
      ['H', '2024-01-31T22:00'],
      ['M', '2024-01-01T00:00'],
      ['Q', '2024-01-31T22:00'],
    ]);
  });

  it('computes nothing anew where a zero goes and others stay, or where the greatest grows', async () => {
    const waited = (waitMs: number): Contribution => ({ entity: 'team:one', at: start, counts: { runs: 1 }, values: { waitMs: [waitMs] } });
    const store = await storeOf([waited(0), waited(0), waited(500)]);
    await applyContributions(store, buckets, [waited(900)], [waited(0)]);
    await applyContributions(store, buckets, [waited(950)], [waited(900)]);
    const [hour] = await store.get(buckets, [bucketId('team:one', 'H', start)]);
    expect(hour).toMatchObject({ counts: { runs: 3, waitMs: 1_450 }, min: { waitMs: 0 }, max: { waitMs: 950 } });
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

  it('leaves an empty document where all is taken back', async () => {
    const store = await storeOf([fact(start, 5)]);
    await applyContributions(store, buckets, [], [fact(start, 5)], async () => []);
    expect(store.all(buckets).map(({ id, entity, level, from, ...rest }) => [id === bucketId(entity, level, from), rest])).toEqual(Array(4).fill([true, { counts: {} }]));
  });

  it('takes negative counts, such as credits', async () => {
    const store = await storeOf([{ entity: 'e', at: start, counts: { costMicros: -5 } }]);
    expect(store.all(buckets).map(({ counts }) => counts)).toEqual(Array(4).fill({ costMicros: -5 }));
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
