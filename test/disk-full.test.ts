import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differencesOf } from '../kit/rebuild/test-rebuild.ts';
import { openStore } from '../kit/store/open.ts';
import { createStores } from '../kit/store/test-stores.ts';
import { subgraphs } from '../subgraphs/index.ts';
import { createFolder, startProgram, startServer } from './program.ts';
import type { Program } from './program.ts';
import { findLost, PSEUDONYM_KEY, Sender } from './sender.ts';

/** A disk of so many megabytes, which only root can mount; false where this process may not. */
function mount(folder: string, megabytes: number): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const remount = (folder: string, options: string): void => void execFileSync('mount', ['-o', `remount,${options}`, folder]);

describe('an embedded store', () => {
  const { open } = createStores('LMDB', null);
  let folder: Awaited<ReturnType<typeof createFolder>>;
  let disk: string;
  let isMounted = false;
  let running: Program | null = null;

  beforeAll(async () => {
    folder = await createFolder();
    disk = join(folder.path, 'disk');
    mkdirSync(disk);
    isMounted = mount(disk, 72);
  });
  afterAll(async () => {
    await running?.stop();
    if (isMounted) execFileSync('umount', [disk]);
    await folder.remove();
  });

  it('whose disk is full answers 503 and says so, takes events again when there is room, and has nothing half written', async (context) => {
    // A disk of a few megabytes has to be mounted, and a user that may not has no other way to fill one.
    if (!isMounted) return context.skip('only root can mount a disk');
    const store = `lmdb:${join(disk, 'store')}`;
    const { program, address } = await startServer({ STORE: store, PSEUDONYM_KEY });
    running = program;
    const sender = new Sender();
    const ready = async () => {
      const response = await fetch(`${address}/readyz`);
      return { status: response.status, body: await response.json() };
    };
    expect(await ready()).toMatchObject({ status: 200, body: { ready: true, problems: [] } });
    await sender.load(address, () => sender.answers.filter(({ status }) => status === 503).length >= 10);
    expect(new Set(sender.answers.map(({ status }) => status))).toEqual(new Set([...(sender.acknowledged.size > 0 ? [200, 201] : []), 503]));
    expect(sender.answers.filter(({ status, retryAfter }) => status === 503 && retryAfter === null)).toEqual([]);
    expect(await ready()).toMatchObject({
      status: 503,
      body: { ready: false, problems: [{ what: 'store', message: 'The store answers questions and takes no writes.', since: expect.stringMatching(/^\d{4}-/) as string, reason: expect.stringContaining('Is the disk full?') as string }] },
    });
    // It goes on answering questions.
    const asked = await fetch(`${address}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"query":"{ shows { totalCount } }"}' });
    expect(await asked.json()).toEqual({ data: { shows: { totalCount: expect.any(Number) as number } } });
    remount(disk, 'size=300m');
    expect(await ready()).toMatchObject({ status: 200, body: { ready: true, problems: [] } });
    await sender.finish(address);
    const { code } = await program.stop();
    expect(code).toBe(0);
    expect(sender.acknowledged.size).toBe(sender.sent);
    const opened = await openStore(store, subgraphs.flatMap(({ collections }) => collections));
    expect(await findLost(opened, sender.acknowledged)).toEqual([]);
    for (const subgraph of subgraphs) expect(await differencesOf(subgraph, opened, open)).toEqual([]);
    await opened.close();
  });

  it('on a disk that may only be read is refused at the start in a plain line', async (context) => {
    // A disk of a few megabytes has to be mounted, and a user that may not has no other way to fill one.
    if (!isMounted) return context.skip('only root can mount a disk');
    remount(disk, 'ro');
    const { code, stderr } = await startProgram('gateway/main', { STORE: `lmdb:${join(disk, 'store')}`, SAMPLE: 'off', PORT: '0' }).ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^loopgraph: No store can be opened at \S+: .+ Give a folder that this process may read and write\.\n$/);
  });
});
