import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differencesOf } from '../kit/rebuild/test-rebuild.ts';
import { openStore } from '../kit/store/open.ts';
import { startReplicaSet, stopReplicaSet } from '../kit/store/test-mongod.ts';
import { createStores, findTestMongodb } from '../kit/store/test-stores.ts';
import { toScale } from '../kit/test-scale.ts';
import { subgraphs } from '../subgraphs/index.ts';
import { startServer } from './program.ts';
import { findLost, PSEUDONYM_KEY, Sender } from './sender.ts';

const { uri, reason } = await findTestMongodb();

const ROUNDS = toScale(10);

describe.skipIf(uri === null)(`a mongod under load${reason === null ? '' : ` (${reason})`}`, () => {
  const { open } = createStores('LMDB', null);
  let set: Awaited<ReturnType<typeof startReplicaSet>>;
  beforeAll(async () => {
    set = await startReplicaSet(1);
  });
  afterAll(() => stopReplicaSet(set));

  it(`that is killed and started again, ${ROUNDS} times, has lost nothing that was acknowledged and counted nothing twice, and the service goes on by itself`, async () => {
    const location = set.getUri('mongod_killed');
    const { program, address } = await startServer({ STORE: location, PSEUDONYM_KEY });
    const ready = async () => {
      const response = await fetch(`${address}/readyz`);
      return { status: response.status, body: (await response.json()) as { problems: readonly { what: string; message: string }[] } };
    };
    const [member] = set.servers;
    const sender = new Sender();
    for (let round = 0; round < ROUNDS; round++) {
      await sender.load(address, () => sender.acknowledged.size >= 100 * (2 * round + 1));
      let goal = Number.POSITIVE_INFINITY;
      const loading = sender.load(address, () => sender.acknowledged.size >= goal);
      // At another moment of the load each time.
      const before = sender.answers.length;
      while (sender.answers.length < before + round) await new Promise((resolve) => setImmediate(resolve));
      process.kill(member?.instanceInfo?.instance.mongodProcess?.pid as number, 'SIGKILL');
      let told = await ready();
      while (told.status === 200) told = await ready();
      expect(told).toMatchObject({ status: 503, body: { ready: false, problems: [{ what: 'store', message: 'The store does not answer.' }] } });
      // The library has to hear of it before it starts another on the same files and port.
      await member?.stop({ doCleanup: false });
      await member?.start(true);
      goal = 100 * (2 * round + 2);
      await loading;
      while (told.status !== 200) told = await ready();
      expect(told.body.problems).toEqual([]);
    }
    await sender.finish(address);
    const { code } = await program.stop();
    expect(code).toBe(0);
    expect(sender.answers.filter(({ status, retryAfter }) => ![200, 201].includes(status) && (status !== 503 || retryAfter === null))).toEqual([]);
    expect(sender.acknowledged.size).toBe(sender.sent);
    const store = await openStore(location, subgraphs.flatMap(({ collections }) => collections), { serverSelectionTimeoutMs: 20_000 });
    expect(await findLost(store, sender.acknowledged)).toEqual([]);
    for (const subgraph of subgraphs) expect(await differencesOf(subgraph, store, open)).toEqual([]);
    await store.close();
  }, 600_000);
});
