import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differencesOf } from '../kit/rebuild/test-rebuild.ts';
import { findDifferences } from '../kit/rebuild/differences.ts';
import { COMMIT_STEPS } from '../kit/store/commit-queue.ts';
import { openStore } from '../kit/store/open.ts';
import type { Store } from '../kit/store/port.ts';
import { startReplicaSet, stopReplicaSet } from '../kit/store/test-mongod.ts';
import { createStores, findTestMongodb } from '../kit/store/test-stores.ts';
import { toScale } from '../kit/test-scale.ts';
import { subgraphs } from '../subgraphs/index.ts';
import { buildPrograms, startProgram } from './program.ts';
import { findLost, PSEUDONYM_KEY, sendOnce, Sender } from './sender.ts';

const collections = subgraphs.flatMap((subgraph) => subgraph.collections);
/** Rounds on one store before it is compared and another is begun. */
const ROUNDS_A_STORE = 20;

/** All that differs from every event sent once, and from what the store itself keeps. */
async function compare(store: Store, sent: number, open: ReturnType<typeof createStores>['open']): Promise<string[]> {
  const lines: string[] = [];
  const once = await open(collections);
  await sendOnce(once, sent);
  for (const subgraph of subgraphs) {
    lines.push(...(await differencesOf(subgraph, store, open)));
    if (subgraph.rebuild === undefined) continue;
    for (const collection of subgraph.collections) {
      for await (const { id, kept, computed, fields } of findDifferences(collection, store, once, subgraph.rebuild)) {
        lines.push(`${collection.name} ${id}: ${fields.join()} ${JSON.stringify([kept, computed])}`);
      }
    }
  }
  await once.close();
  return lines;
}

/** Rounds in which a server is killed at a step of a commit, or at any moment, while senders send; then everything is compared. */
async function killInRounds(rounds: number, newLocation: () => string, open: ReturnType<typeof createStores>['open']): Promise<Map<string, number>> {
  const hits = new Map<string, number>();
  for (let done = 0; done < rounds; done += ROUNDS_A_STORE) {
    const location = newLocation();
    const environment = { STORE: location, PSEUDONYM_KEY, PORT: '0', SAMPLE: 'off', LOG_LEVEL: 'silent' };
    const sender = new Sender();
    for (let round = done; round < Math.min(rounds, done + ROUNDS_A_STORE); round++) {
      const step = COMMIT_STEPS[round % COMMIT_STEPS.length] as string;
      const server = startProgram('test/ending-server', environment, [step, `${1 + ((round * 7) % 11)}`]);
      const [, address] = await server.saysOnStdout(/answers at (http:\/\/\S+)\/graphql/);
      await sender.load(address as string, () => false);
      const ended = await server.ended;
      expect(ended).toMatchObject({ code: null, stderr: '' });
      hits.set(step, (hits.get(step) ?? 0) + 1);
      const store = await openStore(location, collections);
      expect(await findLost(store, sender.acknowledged)).toEqual([]);
      await store.close();
    }
    const server = startProgram('test/ending-server', environment, ['none', '0']);
    const [, address] = await server.saysOnStdout(/answers at (http:\/\/\S+)\/graphql/);
    await sender.finish(address as string);
    await server.stop();
    expect(sender.acknowledged.size).toBe(sender.sent);
    expect(sender.answers.filter(({ status }) => ![0, 200, 201, 503].includes(status))).toEqual([]);
    const store = await openStore(location, collections);
    expect(await findLost(store, sender.acknowledged)).toEqual([]);
    expect((await compare(store, sender.sent, open)).slice(0, 5)).toEqual([]);
    await store.close();
  }
  return hits;
}

beforeAll(buildPrograms);

describe('a server that is killed at any step of a commit, under load', () => {
  const { newLocation, open } = createStores('LMDB', null);

  it('has lost nothing that it acknowledged and counted nothing twice on LMDB', async () => {
    const hits = await killInRounds(Math.max(COMMIT_STEPS.length, toScale(100)), newLocation, open);
    expect([...hits.keys()].toSorted()).toEqual(COMMIT_STEPS.toSorted());
  }, 3_600_000);
});

const { uri, reason } = await findTestMongodb();

describe.skipIf(uri === null)(`a server that is killed at any step of a commit, under load, on MongoDB${reason === null ? '' : ` (${reason})`}`, () => {
  const { open } = createStores('LMDB', null);
  let set: Awaited<ReturnType<typeof startReplicaSet>>;
  beforeAll(async () => {
    set = await startReplicaSet(1);
    // What a killed process leaves open would hold its documents for a minute.
    const client = await MongoClient.connect(set.getUri());
    await client.db('admin').command({ setParameter: 1, transactionLifetimeLimitSeconds: 2 });
    await client.close();
  });
  afterAll(() => stopReplicaSet(set));

  it('has lost nothing that it acknowledged and counted nothing twice', async () => {
    let databases = 0;
    const newLocation = (): string => set.getUri(`killed_${databases++}`);
    const hits = await killInRounds(Math.max(COMMIT_STEPS.length, toScale(25)), newLocation, open);
    expect([...hits.keys()].toSorted()).toEqual(COMMIT_STEPS.toSorted());
  }, 3_600_000);
});
