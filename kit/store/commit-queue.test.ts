import { describe, expect, it } from 'vitest';
import { CommitQueue } from './commit-queue.ts';
import type { Driver } from './commit-queue.ts';
import { defineCollection, StoreError } from './port.ts';
import type { Document, Transaction } from './port.ts';
import { createSchema } from './schema.ts';

interface Counter extends Document {
  readonly count: number;
}

const counters = defineCollection<Counter>('test.counters', {});
const schema = createSchema([counters]);
const conflict = new Error('conflict');
const lost = new Error('lost');
const bad = new Error('bad');

/** A driver over a map. `before` is called before each write and may throw, or change what is stored. */
function createDriver(before: (attempt: number, stored: Map<string, Document>, ids: readonly string[]) => void = () => {}): Driver & { readonly stored: Map<string, Document>; writes: number } {
  const stored = new Map<string, Document>();
  let attempts = 0;
  const driver = {
    stored,
    writes: 0,
    attempt: async (fill: Parameters<Driver['attempt']>[0]) => {
      const { puts } = await fill({
        get: async (_, ids) => {
          if (ids.includes('unreachable')) throw conflict;
          return ids.map((id) => stored.get(id) ?? null);
        },
        scan: async () => [],
      });
      const documents = [...puts].map(({ document }) => document);
      before(attempts++, stored, documents.map(({ id }) => id));
      for (const document of documents) stored.set(document.id, document);
      driver.writes += 1;
    },
    judge: (error: unknown) => (error === conflict ? ('again' as const) : error === lost ? ('give up' as const) : ('apart' as const)),
    toError: (error: unknown) => (error === lost ? new StoreError('STORE_UNAVAILABLE', 'The outcome is not known.') : error),
  };
  return driver;
}

async function add(transaction: Transaction, id = 'a'): Promise<number> {
  const [read] = await transaction.get(counters, [id]);
  const count = (read?.count ?? 0) + 1;
  transaction.put(counters, { id, count });
  return count;
}

describe('the commit queue', () => {
  it('runs works again from fresh reads after a conflict', async () => {
    const driver = createDriver((attempt, stored) => {
      if (attempt > 0) return;
      stored.set('a', { id: 'a', count: 10 } as Counter);
      throw conflict;
    });
    const queue = new CommitQueue(schema, driver);
    let runs = 0;
    const work = (transaction: Transaction): Promise<number> => {
      runs += 1;
      return add(transaction);
    };
    expect(await Promise.all([queue.commit(work), queue.commit(work)])).toEqual([11, 12]);
    expect(runs).toBe(4);
    expect(driver.stored.get('a')).toEqual({ id: 'a', count: 12 });
  });

  it('rejects with the error of the last run, when the first run was another', async () => {
    const driver = createDriver((attempt, stored) => {
      if (attempt > 0) return;
      stored.set('a', { id: 'a', count: 10 } as Counter);
      throw conflict;
    });
    const queue = new CommitQueue(schema, driver);
    const commit = queue.commit(async (transaction) => {
      const count = await add(transaction);
      throw new Error(`refused at ${count}`);
    });
    await expect(commit).rejects.toThrow('refused at 11');
    expect(driver.stored.get('a')).toEqual({ id: 'a', count: 10 });
  });

  it('gives up after its deadline, and with it what waited as long, and then goes on', async () => {
    let down = true;
    const queue = new CommitQueue(schema, createDriver(() => {
      if (down) throw conflict;
    }), { deadlineMs: 50 });
    const first = queue.commit((transaction) => add(transaction));
    await expect(first).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', message: 'The store took no write for 50 ms; try again. Last: conflict' });
    down = false;
    expect(await queue.commit((transaction) => add(transaction))).toBe(1);
  });

  it('writes works apart when one of them makes the write fail', async () => {
    const driver = createDriver((_, __, ids) => {
      if (ids.includes('bad')) throw bad;
    });
    const queue = new CommitQueue(schema, driver);
    const results = await Promise.allSettled(['a', 'bad', 'a'].map((id) => queue.commit((transaction) => add(transaction, id))));
    expect(results).toEqual([{ status: 'fulfilled', value: 1 }, { status: 'rejected', reason: bad }, { status: 'fulfilled', value: 2 }]);
    expect(driver.stored.has('bad')).toBe(false);
  });

  it('never makes a write again whose outcome is not known', async () => {
    const driver = createDriver((attempt, stored, ids) => {
      if (attempt > 0) return;
      for (const id of ids) stored.set(id, { id, count: 1 } as Counter);
      throw lost;
    });
    const queue = new CommitQueue(schema, driver);
    const results = await Promise.allSettled(['a', 'b'].map((id) => queue.commit((transaction) => add(transaction, id))));
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect([...driver.stored.values()]).toEqual([{ id: 'a', count: 1 }, { id: 'b', count: 1 }]);
  });

  it('does not write what a work made of a read that failed', async () => {
    const driver = createDriver();
    const queue = new CommitQueue(schema, driver, { deadlineMs: 30 });
    const commit = queue.commit(async (transaction) => {
      await transaction.get(counters, ['unreachable']).catch(() => {});
      transaction.put(counters, { id: 'a', count: 1 });
    });
    await expect(commit).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(driver.stored.size).toBe(0);
  });

  it('bounds what it merges into one write', async () => {
    const driver = createDriver();
    const queue = new CommitQueue(schema, driver);
    await Promise.all(
      Array.from({ length: 5 }, (_, part) =>
        queue.commit(async (transaction) => {
          for (let at = 0; at < 5_000; at++) transaction.put(counters, { id: `${part}/${at}`, count: 1 });
        }),
      ),
    );
    expect(driver.stored.size).toBe(25_000);
    expect(driver.writes).toBe(3);
  });

  it('closes after what runs and refuses what comes then', async () => {
    const queue = new CommitQueue(schema, createDriver());
    const running = queue.commit((transaction) => add(transaction));
    const closed = queue.close();
    await expect(queue.commit((transaction) => add(transaction))).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    await closed;
    expect(await running).toBe(1);
  });
});
