import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differencesOf } from '../kit/rebuild/test-rebuild.ts';
import { openStore } from '../kit/store/open.ts';
import { createStores } from '../kit/store/test-stores.ts';
import { subgraphs } from '../subgraphs/index.ts';
import { askServer, buildPrograms, createFolder, startProgram, startServer } from './program.ts';
import { findLost, PSEUDONYM_KEY, Sender } from './sender.ts';

let folder: Awaited<ReturnType<typeof createFolder>>;

beforeAll(async () => {
  await buildPrograms();
  folder = await createFolder();
});

afterAll(() => folder.remove());

describe('npm run backup', () => {
  const { open } = createStores('LMDB', null);

  it('copies a store while a server writes to it: all that was acknowledged before is in the copy, and nothing half', async () => {
    const [store, copy] = [join(folder.path, 'store'), join(folder.path, 'copy')];
    const { program, address } = await startServer({ STORE: `lmdb:${store}`, PSEUDONYM_KEY });
    const sender = new Sender();
    let isOver = false;
    const load = sender.load(address, () => isOver, 4);
    for (let copies = 0; copies < 3; copies++) {
      const target = `${copy}-${copies}`;
      const before = new Set(sender.acknowledged);
      const ended = await startProgram('gateway/backup', { STORE: `lmdb:${store}` }, [target]).ended;
      expect(ended).toMatchObject({ code: 0, stderr: '' });
      expect(ended.stdout).toContain(`STORE=lmdb:${target} npm start`);
      expect(statSync(join(target, 'pseudonym-key')).mode & 0o777).toBe(0o600);
      const copied = await openStore(`lmdb:${target}`, subgraphs.flatMap(({ collections }) => collections));
      expect(await findLost(copied, before)).toEqual([]);
      for (const subgraph of subgraphs) expect(await differencesOf(subgraph, copied, open)).toEqual([]);
      await copied.close();
    }
    isOver = true;
    await load;
    expect(sender.answers.every(({ status }) => status === 200 || status === 201)).toBe(true);
    await program.stop();

    const served = await startServer({ STORE: `lmdb:${copy}-2` });
    expect(await askServer(served.address, '{ jobs { totalCount } }')).toEqual({ data: { jobs: { totalCount: expect.any(Number) as number } } });
    await served.program.stop();
  });

  it('writes over nothing, and says so where there is no store', async () => {
    const taken = await createFolder();
    writeFileSync(join(taken.path, 'a-file'), 'mine');
    const backup = async (store: string, target: string) => {
      const { code, stderr, stdout } = await startProgram('gateway/backup', { STORE: store }, [target]).ended;
      return { code, stdout, stderr };
    };
    expect(await backup(`lmdb:${join(folder.path, 'store')}`, taken.path)).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(/^backup: The store .* cannot be copied to .*: it is not empty, and nothing is written over\..*\n$/) as string });
    expect(await backup(`lmdb:${join(folder.path, 'nowhere')}`, join(folder.path, 'x'))).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(/^backup: There is no store in the folder .*\n$/) as string });
    expect(await backup('mongodb://localhost/?replicaSet=rs', join(folder.path, 'x'))).toEqual({ code: 1, stdout: '', stderr: expect.stringContaining('mongodump') as string });
    await taken.remove();
  });
});
