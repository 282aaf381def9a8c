import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeStore } from './contract.ts';
import { openMongodb } from './mongodb.ts';
import { defineCollection } from './port.ts';
import type { Document, Key, Transaction } from './port.ts';
import { startReplicaSet, startStandalone, stopReplicaSet } from './test-mongod.ts';
import { startProcess } from './test-process.ts';
import { createStores, findTestMongodb } from './test-stores.ts';
import { halves } from './test-writer.ts';

interface Counter extends Document {
  readonly count: number;
  readonly group?: string;
}

const counters = defineCollection('test.counters', { byGroup: (counter: Counter) => [counter.group ?? null, counter.count] });

async function add(transaction: Transaction, id: string): Promise<number> {
  const [read] = await transaction.get(counters, [id]);
  const count = (read?.count ?? 0) + 1;
  transaction.put(counters, { id, count });
  return count;
}

const { uri, reason, neverSkip } = await findTestMongodb();
if (uri === null && neverSkip) throw new Error(`There is no MongoDB server: ${reason}`);
const why = reason === null ? '' : ` (${reason})`;

describe.skipIf(uri === null)(`the store on MongoDB${why}`, () => {
  describeStore(createStores('MongoDB', uri));
});

describe.skipIf(uri === null)(`several processes on one database${why}`, () => {
  const stores = createStores('MongoDB', uri);

  it('run a work again that another process came before', async () => {
    const at = stores.newLocation();
    const [one, other] = [await stores.open([counters], { at }), await stores.open([counters], { at })];
    let runs = 0;
    const count = await one.commit(async (transaction) => {
      runs += 1;
      const added = await add(transaction, 'contested');
      if (runs === 1) await other.commit((theirs) => add(theirs, 'contested'));
      return added;
    });
    expect({ runs, count }).toEqual({ runs: 2, count: 2 });
    expect(await other.get(counters, ['contested'])).toEqual([{ id: 'contested', count: 2 }]);
  });

  it('run a work again where another process replaced what it read as there', async () => {
    const at = stores.newLocation();
    const [one, other] = [await stores.open([counters], { at }), await stores.open([counters], { at })];
    await one.commit((transaction) => add(transaction, 'there'));
    let runs = 0;
    await one.commit(async (transaction) => {
      runs += 1;
      const [read] = await transaction.get(counters, ['there']);
      if (runs === 1) await other.commit((theirs) => add(theirs, 'there'));
      transaction.put(counters, { id: 'there', count: (read?.count ?? 0) + 100 });
    });
    expect(runs).toBe(2);
    expect(await one.get(counters, ['there'])).toEqual([{ id: 'there', count: 102 }]);
  });

  it('conflict where they hold one name, though each puts a document of its own, and go on beside each other else', async () => {
    const at = stores.newLocation();
    const [one, other] = [await stores.open([counters], { at }), await stores.open([counters], { at })];
    /** How often the first work ran, and what it read in the end of what the other put meanwhile. */
    const meet = async (name: string, held: string, theirs: string): Promise<{ runs: number; read: number | undefined }> => {
      let runs = 0;
      const read = await one.commit(async (transaction) => {
        runs += 1;
        transaction.hold(held);
        const [document] = await transaction.get(counters, [`theirs ${name}`]);
        transaction.put(counters, { id: `ours ${name}`, count: runs });
        if (runs === 1) {
          await other.commit(async (transaction2) => {
            transaction2.hold(theirs);
            transaction2.put(counters, { id: `theirs ${name}`, count: 7 });
          });
        }
        return document?.count;
      });
      return { runs, read };
    };
    expect(await meet('new', 'name', 'name')).toEqual({ runs: 2, read: 7 });
    expect(await meet('known', 'name', 'name')).toEqual({ runs: 2, read: 7 });
    expect(await meet('apart', 'name', 'another')).toEqual({ runs: 1, read: undefined });
  });

  it('count exactly when they commit to the same documents', async () => {
    const at = stores.newLocation();
    const opened = await Promise.all([1, 2, 3].map(() => stores.open([counters], { at, deadlineMs: 30_000 })));
    await Promise.all(opened.flatMap((store) => Array.from({ length: 100 }, (_, step) => store.commit((transaction) => add(transaction, `shared ${step % 3}`)))));
    const counts = await opened[0]?.get(counters, ['shared 0', 'shared 1', 'shared 2']);
    expect(counts?.reduce((sum, counter) => sum + (counter?.count ?? 0), 0)).toBe(300);
  });

  it('open a new database at once', async () => {
    const at = stores.newLocation();
    const opened = await Promise.all(Array.from({ length: 5 }, () => stores.open([counters, halves], { at })));
    await Promise.all(opened.map((store) => store.commit((transaction) => add(transaction, 'first'))));
    expect(await opened[0]?.get(counters, ['first'])).toEqual([{ id: 'first', count: 5 }]);
  });

  it('lose nothing acknowledged when one is killed', async () => {
    const at = stores.newLocation();
    const { child, lines, ended } = startProcess(new URL('./test-writer.ts', import.meta.url), [at, '1000000']);
    let acknowledged = 0;
    for await (const line of lines) {
      acknowledged = Number(line);
      if (acknowledged === 50) child.kill('SIGKILL');
    }
    expect(await ended).toBe('SIGKILL');
    const store = await stores.open([halves], { at });
    // The killed process's last transaction stays open on the server until it is conflicted with or times out.
    const written = await store.commit(async (transaction) => (await transaction.get(halves, ['last']))[0]?.number ?? 0);
    expect([acknowledged, acknowledged + 1]).toContain(written);
    expect(await store.scan(halves.byNumber, { limit: 100_000 })).toHaveLength(2 * written + 1);
  });
});

describe.skipIf(uri === null)(`a MongoDB database${why}`, () => {
  const stores = createStores('MongoDB', uri);

  it.each([
    [3, 'was written by a newer loopgraph (format 3; this one reads 2)'],
    [0, 'was written by an older loopgraph (format 0; this one reads 2)'],
  ])('of format %d is refused', async (format, message) => {
    const at = stores.newLocation();
    await (await stores.open([counters], { at })).close();
    const client = await MongoClient.connect(at);
    await client.db().collection<{ _id: string }>('loopgraph.meta').updateOne({ _id: 'format' }, { $set: { format } });
    await client.close();
    await expect(stores.open([counters], { at })).rejects.toMatchObject({ code: 'STORE_FORMAT', message: expect.stringContaining(message) as string });
  });

  it('answers scans, pages and counts from the index, reading no more than it returns', async () => {
    const at = stores.newLocation();
    const store = await stores.open([counters], { at });
    await store.commit(async (transaction) => {
      for (let step = 0; step < 2_000; step++) transaction.put(counters, { id: `c${step}`, count: step, group: `g${step % 100}` });
    });
    const client = await MongoClient.connect(at);
    const database = client.db();
    await database.command({ profile: 2 });
    const prefixes = Array.from({ length: 100 }, (_, group): Key => [`g${group}`]);
    await store.scan(counters.byGroup, { prefix: ['g7'], limit: 5, reverse: true });
    await store.scanEach(counters.byGroup, prefixes, { limit: 3, reverse: true });
    await store.countEach(counters.byGroup, prefixes, { limit: 4 });
    await database.command({ profile: 0 });
    const profile = await database.collection('system.profile').find({ 'command.$db': database.databaseName, op: { $in: ['query', 'command'] }, keysExamined: { $gt: 0 } }).sort({ ts: 1 }).toArray();
    await client.close();
    expect(profile).toHaveLength(3);
    for (const [at, returned] of [5, 300, 400].entries()) {
      // The server leaves a parent or so out of what it reports of a lookup; a collection scan would be 2,000 and more.
      expect(Number(profile[at]?.['keysExamined'])).toBeLessThanOrEqual(returned);
      expect(Number(profile[at]?.['docsExamined'])).toBeLessThanOrEqual(returned);
      expect(profile[at]?.['hasSortStage']).toBeUndefined();
    }
  });
});

describe('a MongoDB that cannot be used', () => {
  it('is said to be out of reach within seconds, without credentials', async () => {
    const start = performance.now();
    const failure: unknown = await openMongodb('mongodb://someone:secret@127.0.0.1:1/db', [counters], { serverSelectionTimeoutMs: 500 }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'STORE_UNAVAILABLE', message: 'No MongoDB primary answered at 127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1. Is it running, and is the address right?' });
    expect(performance.now() - start).toBeLessThan(3_000);
  });

  it.each(['mongodb://', 'mongodb://someone:sec@ret@host/db?x', 'mongodb://someone:secret@host/?unknown=1'])('is refused when %j is no URI, without credentials', async (bad) => {
    const failure: unknown = await openMongodb(bad, [counters]).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TypeError);
    expect(String(failure)).toMatch(/This is no MongoDB URI/);
    expect(String(failure)).not.toMatch(/sec/);
  });

  it.skipIf(uri === null)('is refused when it is standalone, with what to do, also where the URI names a replica set', async () => {
    const server = await startStandalone();
    try {
      const named = openMongodb(`${server.getUri()}?replicaSet=rs0`, [counters], { serverSelectionTimeoutMs: 1_000 });
      await expect(named).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', message: expect.stringMatching(/no member of the replica set rs0 .* --replSet NAME/) as string });
      await expect(openMongodb(server.getUri(), [counters])).rejects.toMatchObject({ code: 'STORE_STANDALONE', message: expect.stringContaining('--replSet') as string });
    } finally {
      await server.stop({ doCleanup: true, force: true });
    }
  });
});

describe.skipIf(uri === null)(`a replica set of three${why}`, () => {
  let set: Awaited<ReturnType<typeof startReplicaSet>>;
  beforeAll(async () => {
    set = await startReplicaSet(3);
  });
  afterAll(() => stopReplicaSet(set));

  it.each([
    ['is never made', { closeConnection: true }],
    ['is made', { writeConcernError: { code: 91, errmsg: 'shutting down' } }],
    ['is refused as a conflict', { errorCode: 251, errorLabels: ['TransientTransactionError'] }],
  ])('counts once when the answer to a commit that %s is lost', async (name, data) => {
    const store = await openMongodb(set.getUri(), [counters], { deadlineMs: 60_000, serverSelectionTimeoutMs: 20_000 });
    const client = await MongoClient.connect(set.getUri());
    await store.commit((transaction) => add(transaction, name));
    // More often than the driver tries by itself.
    const fail = { configureFailPoint: 'failCommand', mode: { times: 4 }, data: { failCommands: ['commitTransaction'], appName: 'loopgraph', ...data } };
    const before = await client.db('admin').command(fail);
    const counts = await Promise.all(Array.from({ length: 5 }, () => store.commit((transaction) => add(transaction, name))));
    expect(counts).toEqual([2, 3, 4, 5, 6]);
    expect(await store.get(counters, [name])).toEqual([{ id: name, count: 6 }]);
    const after = await client.db('admin').command({ ...fail, mode: 'off' });
    expect(Number(after['count']) - Number(before['count'])).toBe(4);
    await client.close();
    await store.close();
  });

  it('gives up a commit whose outcome stays unknown, and makes it no second time', async () => {
    const store = await openMongodb(set.getUri(), [counters], { deadlineMs: 300, serverSelectionTimeoutMs: 20_000 });
    const client = await MongoClient.connect(set.getUri());
    const fail = { configureFailPoint: 'failCommand', mode: 'alwaysOn', data: { failCommands: ['commitTransaction'], appName: 'loopgraph', writeConcernError: { code: 91, errmsg: 'shutting down' } } };
    await client.db('admin').command(fail);
    await expect(store.commit((transaction) => add(transaction, 'unknown'))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', message: expect.stringContaining('whether it did is not known') as string });
    await client.db('admin').command({ ...fail, mode: 'off' });
    expect(await store.get(counters, ['unknown'])).toEqual([{ id: 'unknown', count: 1 }]);
    await client.close();
    await store.close();
  });

  it('loses nothing acknowledged and counts nothing twice while its primary steps down and is killed', async () => {
    const store = await openMongodb(set.getUri(), [counters], { deadlineMs: 60_000, serverSelectionTimeoutMs: 20_000 });
    const client = await MongoClient.connect(set.getUri());
    let acknowledged = 0;
    let stopped = false;
    const writers = Array.from({ length: 4 }, async () => {
      while (!stopped) {
        await store.commit(async (transaction) => {
          const count = await add(transaction, 'total');
          transaction.put(counters, { id: `commit ${count}`, count, group: 'commits' });
        });
        acknowledged += 1;
      }
    });
    const progress = async (more: number): Promise<void> => {
      const goal = acknowledged + more;
      while (acknowledged < goal) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    await progress(50);
    await client.db('admin').command({ replSetStepDown: 5, force: true }).catch(() => {});
    await progress(50);
    const primary = (await client.db('admin').command({ hello: 1 }))['primary'] as string;
    const member = set.servers.find((server) => server.getUri().includes(primary));
    process.kill(member?.instanceInfo?.instance.mongodProcess?.pid as number, 'SIGKILL');
    await progress(50);
    stopped = true;
    await Promise.all(writers);
    const [total] = await store.get(counters, ['total']);
    const [commits] = await store.countEach(counters.byGroup, [['commits']], { limit: 100_000 });
    expect({ total: total?.count, commits }).toEqual({ total: acknowledged, commits: acknowledged });
    await client.close();
    await store.close();
  });
});
