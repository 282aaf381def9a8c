import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import type { CommitFacts } from './commit-queue.ts';
import { defineCollection } from './port.ts';
import type { Document, Entry, Store, Transaction } from './port.ts';
import type { TestStores } from './test-stores.ts';

interface Counter extends Document {
  readonly count: number;
  readonly group?: string | null;
}

const counters = defineCollection('contract.counters', {
  byGroup: (counter: Counter) => (counter.group === undefined || counter.group === null ? null : [counter.group, counter.count]),
});

/** Adds to a counter by reading it first. */
async function add(transaction: Transaction, id: string, by = 1, group?: string): Promise<number> {
  const [read] = await transaction.get(counters, [id]);
  const count = (read?.count ?? 0) + by;
  transaction.put(counters, { id, count, ...(group === undefined ? {} : { group }) });
  return count;
}

/** A promise and what settles it. */
function createGate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

const toIds = (entries: readonly Entry<Counter>[]): string[] => entries.map(({ document }) => document.id);

export function describeCommits({ open, newLocation }: TestStores): void {
  let store: Store;
  beforeAll(async () => {
    store = await open([counters]);
  });

  const countOf = async (id: string): Promise<number | undefined> => (await store.get(counters, [id]))[0]?.count;

  it('resolve with what the work returns', async () => {
    expect(await store.commit(async () => 'nothing written')).toBe('nothing written');
    expect(await store.commit((transaction) => add(transaction, 'result'))).toBe(1);
    expect(await countOf('result')).toBe(1);
  });

  it('are told of once they are durable: how long they took, how many works and documents they hold', async () => {
    const commits: CommitFacts[] = [];
    const at = newLocation();
    const watched = await open([counters], { at, onCommit: (commit) => commits.push(commit) });
    await Promise.all(['a', 'b', 'a'].map((id) => watched.commit((transaction) => add(transaction, id))));
    await watched.commit((transaction) => transaction.get(counters, ['a']));
    await expect(watched.commit(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(commits.map(({ works, puts }) => [works, puts])).toEqual([[3, 2], [1, 0], [1, 0]]);
    expect(commits.every(({ durationMs }) => durationMs > 0 && durationMs < 60_000)).toBe(true);
    await watched.close();
  });

  it('count exactly when a thousand go to one document at once, in the order they were given', async () => {
    const before = store.commands();
    const counts = await Promise.all(Array.from({ length: 1_000 }, () => store.commit((transaction) => add(transaction, 'hot'))));
    expect(counts).toEqual(Array.from({ length: 1_000 }, (_, at) => at + 1));
    expect(await countOf('hot')).toBe(1_000);
    // What waits is merged: far fewer writes than commits.
    expect(store.commands() - before).toBeLessThan(100);
  });

  it('go through whatever names they hold, of which no reader sees anything', async () => {
    const held = await Promise.all(
      [1, 2, 3].map((step) =>
        store.commit(async (transaction) => {
          transaction.hold('a name');
          transaction.hold(`a name ${step}`);
          return add(transaction, 'held');
        }),
      ),
    );
    expect(held).toEqual([1, 2, 3]);
    await store.commit(async (transaction) => transaction.hold('nothing put'));
    expect(await countOf('held')).toBe(3);
  });

  it('drop the puts of a work that throws, reject with its error, and keep its neighbours', async () => {
    const failure = new Error('of the work');
    const results = await Promise.allSettled([
      store.commit((transaction) => add(transaction, 'neighbour')),
      store.commit(async (transaction) => {
        await add(transaction, 'neighbour', 100);
        await add(transaction, 'dropped');
        throw failure;
      }),
      store.commit((transaction) => add(transaction, 'neighbour')),
    ]);
    expect(results).toEqual([{ status: 'fulfilled', value: 1 }, { status: 'rejected', reason: failure }, { status: 'fulfilled', value: 2 }]);
    expect((results[1] as PromiseRejectedResult).reason).toBe(failure);
    expect(await store.get(counters, ['neighbour', 'dropped'])).toEqual([{ id: 'neighbour', count: 2 }, null]);
  });

  it('keep the neighbours of a work that puts what no store can hold', async () => {
    const results = await Promise.allSettled([
      store.commit((transaction) => add(transaction, 'beside a bad one')),
      store.commit(async (transaction) => {
        await add(transaction, 'beside a bad one');
        transaction.put(counters, { id: 'bad', count: Number.NaN });
      }),
      store.commit(async (transaction) => transaction.put(counters, { id: 'bad', count: 1, group: 7 as unknown as string })),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await countOf('beside a bad one')).toBe(1);
  });

  it('let a work read on from what it has read', async () => {
    await store.commit(async (transaction) => {
      transaction.put(counters, { id: 'chain 1', count: 2 });
      transaction.put(counters, { id: 'chain 2', count: 3 });
      transaction.put(counters, { id: 'chain 3', count: 42 });
    });
    const end = await store.commit(async (transaction) => {
      let at = 1;
      for (let step = 0; step < 2; step++) at = (await transaction.get(counters, [`chain ${at}`]))[0]?.count ?? 0;
      return (await transaction.get(counters, [`chain ${at}`]))[0]?.count;
    });
    expect(end).toBe(42);
  });

  it('let a work read several things at once', async () => {
    const read = await store.commit((transaction) =>
      Promise.all([transaction.get(counters, ['chain 1']), transaction.scan(counters.byGroup, { prefix: ['none'], limit: 1 }), transaction.get(counters, ['chain 2', 'none'])]),
    );
    expect(read).toEqual([[{ id: 'chain 1', count: 2 }], [], [{ id: 'chain 2', count: 3 }, null]]);
  });

  it('let a work see its own puts, and those of the works before it', async () => {
    const inGroup = (transaction: Transaction): Promise<Entry<Counter>[]> => transaction.scan(counters.byGroup, { prefix: ['own'], limit: 10 });
    const seen = await Promise.all([
      store.commit(async (transaction) => {
        transaction.put(counters, { id: 'own 2', count: 2, group: 'own' });
        transaction.put(counters, { id: 'own 1', count: 1, group: 'own' });
        return toIds(await inGroup(transaction));
      }),
      store.commit(async (transaction) => {
        transaction.put(counters, { id: 'own 1', count: 3, group: 'own' });
        transaction.put(counters, { id: 'own 2', count: 2, group: null });
        return [...toIds(await inGroup(transaction)), (await transaction.get(counters, ['own 1']))[0]?.count];
      }),
    ]);
    expect(seen).toEqual([['own 1', 'own 2'].toSorted(), ['own 1', 3]]);
  });

  it('scan inside a work as they would after it', async () => {
    const put = fc.record({ id: fc.integer({ min: 0, max: 15 }).map((at) => `s${at}`), count: fc.integer({ min: 0, max: 5 }), group: fc.constantFrom('x', 'y', null) });
    const range = fc.record(
      { from: fc.integer({ min: 0, max: 5 }), to: fc.integer({ min: 0, max: 5 }), reverse: fc.boolean(), limit: fc.integer({ min: 1, max: 6 }) },
      { requiredKeys: ['limit'] },
    );
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(put, { maxLength: 12 }), fc.array(put, { maxLength: 6 }), fc.array(put, { maxLength: 6 }), range, async (stored, earlier, own, bounds) => {
        const space = `${run++} `;
        const putAll = (transaction: Transaction, puts: readonly Counter[]): void => {
          for (const { id, count, group } of puts) transaction.put(counters, { id: space + id, count, group: group === null ? null : space + group });
        };
        const prefixed = { prefix: [`${space}x`], ...bounds };
        await store.commit(async (transaction) => putAll(transaction, stored));
        const [, inside] = await Promise.all([
          store.commit(async (transaction) => putAll(transaction, earlier)),
          store.commit(async (transaction) => {
            putAll(transaction, own);
            return transaction.scan(counters.byGroup, prefixed);
          }),
        ]);
        expect(inside).toEqual(await store.scan(counters.byGroup, prefixed));
      }),
      { numRuns: 60 },
    );
  });

  it('show nothing of a work to others until all of it is durable', async () => {
    const middle = createGate();
    const looked = createGate();
    await store.commit((transaction) => add(transaction, 'seen 1', 1, 'seen'));
    const commit = store.commit(async (transaction) => {
      await add(transaction, 'seen 1', 10, 'seen');
      await add(transaction, 'seen 2', 10, 'seen');
      middle.open();
      await looked.opened;
    });
    await middle.opened;
    expect(await store.get(counters, ['seen 1', 'seen 2'])).toEqual([{ id: 'seen 1', count: 1, group: 'seen' }, null]);
    expect(toIds(await store.scan(counters.byGroup, { prefix: ['seen'], limit: 9 }))).toEqual(['seen 1']);
    expect(await store.countEach(counters.byGroup, [['seen']], { limit: 9 })).toEqual([1]);
    looked.open();
    await commit;
    expect(await store.get(counters, ['seen 1', 'seen 2'])).toEqual([{ id: 'seen 1', count: 11, group: 'seen' }, { id: 'seen 2', count: 10, group: 'seen' }]);
  });

  it('show a scan all of each write or none, while many are made', async () => {
    const size = 20;
    const ids = Array.from({ length: size }, (_, at) => `moving ${at}`);
    const move = (round: number): Promise<void> =>
      store.commit(async (transaction) => {
        for (const id of ids) transaction.put(counters, { id, count: round, group: 'moving' });
      });
    await move(0);
    let running = true;
    const writing = (async () => {
      for (let round = 1; round <= 60; round++) await move(round);
      running = false;
    })();
    let scans = 0;
    while (running) {
      const entries = await store.scan(counters.byGroup, { prefix: ['moving'], limit: 100 });
      expect(entries).toHaveLength(size);
      expect(new Set(entries.map(({ document }) => document.count)).size).toBe(1);
      scans += 1;
      // An embedded store answers at once, so without a pause the writer would never come to its turn.
      await setImmediate();
    }
    await writing;
    expect(scans).toBeGreaterThan(3);
  });

  it('refuse a transaction after its work has ended', async () => {
    let kept: Transaction | undefined;
    await store.commit(async (transaction) => {
      kept = transaction;
    });
    expect(() => kept?.put(counters, { id: 'late', count: 1 })).toThrow('used after its work had ended');
    await expect(kept?.get(counters, ['late'])).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    expect(await countOf('late')).toBeUndefined();
  });

  it('are all there after the store is closed while they run, and opened again', async () => {
    const at = newLocation();
    const first = await open([counters], { at });
    const commits = Array.from({ length: 300 }, (_, number) => first.commit((transaction) => add(transaction, `busy ${number % 7}`)));
    const closed = first.close();
    await expect(first.commit((transaction) => add(transaction, 'late'))).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    await expect(first.get(counters, ['late'])).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    await expect(first.scan(counters.byGroup, { limit: 1 })).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    await Promise.all(commits);
    await closed;
    await first.close();
    const second = await open([counters], { at });
    const counts = await second.get(counters, Array.from({ length: 7 }, (_, number) => `busy ${number}`));
    expect(counts.reduce((sum, counter) => sum + (counter?.count ?? 0), 0)).toBe(300);
  });
}
