import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differencesOf } from '../kit/rebuild/test-rebuild.ts';
import { openStore } from '../kit/store/open.ts';
import { createStores } from '../kit/store/test-stores.ts';
import { toScale } from '../kit/test-scale.ts';
import { subgraphs } from '../subgraphs/index.ts';
import { askServer, buildPrograms, createFolder, startProgram, startServer } from './program.ts';
import { findLost, PSEUDONYM_KEY, Sender } from './sender.ts';

/** How many copies are made while the server is under load. */
const COPIES = toScale(20);

let folder: Awaited<ReturnType<typeof createFolder>>;

beforeAll(async () => {
  await buildPrograms();
  folder = await createFolder();
});

afterAll(() => folder.remove());

describe('npm run backup', () => {
  const { open } = createStores('LMDB', null);

  it('copies a store while a server writes to it: all that was acknowledged before is in the copy, and nothing half', async () => {
    const store = join(folder.path, 'store');
    const { program, address } = await startServer({ STORE: `lmdb:${store}`, PSEUDONYM_KEY });
    const sender = new Sender();
    let isOver = false;
    const load = sender.load(address, () => isOver, 4);
    const copies: { readonly target: string; readonly before: ReadonlySet<number> }[] = [];
    for (let copied = 0; copied < COPIES; copied++) {
      const target = join(folder.path, `copy-${copied}`);
      copies.push({ target, before: new Set(sender.acknowledged) });
      const ended = await startProgram('gateway/backup', { STORE: `lmdb:${store}` }, [target]).ended;
      expect(ended).toMatchObject({ code: 0, stderr: '' });
      expect(ended.stdout).toContain(`STORE=lmdb:${target} npm start`);
      expect(readdirSync(target).toSorted()).toEqual(['data.mdb', 'pseudonym-key']);
      expect(statSync(join(target, 'pseudonym-key')).mode & 0o777).toBe(0o600);
    }
    isOver = true;
    await load;
    await program.stop();
    expect(sender.answers.every(({ status }) => status === 200 || status === 201)).toBe(true);
    expect(copies.at(-1)?.before.size).toBeGreaterThan(0);
    for (const { target, before } of copies) {
      const copied = await openStore(`lmdb:${target}`, subgraphs.flatMap(({ collections }) => collections));
      expect(await findLost(copied, before)).toEqual([]);
      for (const subgraph of subgraphs) expect(await differencesOf(subgraph, copied, open)).toEqual([]);
      await copied.close();
    }

    const last = `lmdb:${copies.at(-1)?.target}`;
    const rebuilt = await startProgram('gateway/rebuild', { STORE: last, PSEUDONYM_KEY }).ended;
    expect(rebuilt).toMatchObject({ code: 0, stderr: '' });

    const served = await startServer({ STORE: last });
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
    // What a copy that was killed has left is no store, and the next one takes its place.
    const broken = join(folder.path, 'broken');
    mkdirSync(join(broken, 'unfinished-copy'), { recursive: true });
    writeFileSync(join(broken, 'unfinished-copy', 'data.mdb'), 'half');
    expect(await backup(`lmdb:${join(folder.path, 'store')}`, broken)).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(broken).toSorted()).toEqual(['data.mdb', 'pseudonym-key']);
  });
});
