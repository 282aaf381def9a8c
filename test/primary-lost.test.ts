import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differencesOf } from '../kit/rebuild/test-rebuild.ts';
import { openStore } from '../kit/store/open.ts';
import { startReplicaSet, stopReplicaSet } from '../kit/store/test-mongod.ts';
import { createStores, findTestMongodb } from '../kit/store/test-stores.ts';
import { subgraphs } from '../subgraphs/index.ts';
import { startServer } from './program.ts';
import { findLost, PSEUDONYM_KEY, Sender } from './sender.ts';

const { uri, reason } = await findTestMongodb();

/** The store tries for 10 s and asks for a primary for 5 s more at the most; the rest is for a busy machine. */
const LONGEST_MS = 30_000;

describe.skipIf(uri === null)(`a replica set of three under load${reason === null ? '' : ` (${reason})`}`, () => {
  const { open } = createStores('LMDB', null);
  let set: Awaited<ReturnType<typeof startReplicaSet>>;
  beforeAll(async () => {
    set = await startReplicaSet(3);
  });
  afterAll(() => stopReplicaSet(set));

  it('whose primary is killed is answered for with 503 and Retry-After at the most, and loses and repeats nothing', async () => {
    const location = set.getUri('primary_lost');
    const { program, address } = await startServer({ STORE: location, PSEUDONYM_KEY });
    const sender = new Sender();
    await sender.load(address, () => sender.acknowledged.size >= 200);
    const client = await MongoClient.connect(set.getUri());
    const primary = (await client.db('admin').command({ hello: 1 }))['primary'] as string;
    await client.close();
    const member = set.servers.find((server) => server.getUri().includes(primary));
    let goal = Number.POSITIVE_INFINITY;
    const loading = sender.load(address, () => sender.acknowledged.size >= goal);
    process.kill(member?.instanceInfo?.instance.mongodProcess?.pid as number, 'SIGKILL');
    goal = sender.acknowledged.size + 300;
    await loading;
    await sender.finish(address);
    await program.stop();
    expect(sender.answers.filter(({ status, retryAfter }) => ![200, 201].includes(status) && (status !== 503 || retryAfter === null))).toEqual([]);
    expect(Math.max(...sender.answers.map(({ ms }) => ms))).toBeLessThan(LONGEST_MS);
    expect(sender.acknowledged.size).toBe(sender.sent);
    const store = await openStore(location, subgraphs.flatMap(({ collections }) => collections), { serverSelectionTimeoutMs: 20_000 });
    expect(await findLost(store, sender.acknowledged)).toEqual([]);
    for (const subgraph of subgraphs) expect(await differencesOf(subgraph, store, open)).toEqual([]);
    await store.close();
  }, 180_000);
});
