import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { open as openEnvironment } from 'lmdb';
import { afterAll, describe, expect, it } from 'vitest';
import { describeStore } from './contract.ts';
import { openLmdb } from './lmdb.ts';
import { startProcess } from './test-process.ts';
import { createStores } from './test-stores.ts';
import { halves } from './test-writer.ts';

const WRITER = new URL('./test-writer.ts', import.meta.url);

describe('the store on LMDB', () => {
  describeStore(createStores('LMDB', null));
});

describe('a folder', () => {
  const root = mkdtempSync(join(tmpdir(), 'loopgraph-'));
  let folders = 0;
  const newFolder = (): string => join(root, String(folders++));
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  async function setFormat(folder: string, format: number): Promise<void> {
    const environment = openEnvironment({ path: folder, noSubdir: false });
    await environment.openDB({ name: 'meta', encoding: 'msgpack' }).put('meta', { format, next: 1, collections: {} });
    await environment.close();
  }

  it('is made where there is none, with a dot in its name too', async () => {
    const folder = join(newFolder(), 'deep', 'v1.2');
    const store = await openLmdb(folder, [halves]);
    await store.commit(async (transaction) => transaction.put(halves, { id: 'a', number: 1 }));
    await store.close();
    const again = await openLmdb(folder, [halves]);
    expect(await again.get(halves, ['a'])).toEqual([{ id: 'a', number: 1 }]);
    await again.close();
  });

  it.each([
    [3, 'was written by a newer loopgraph (format 3; this one reads 2)'],
    [0, 'was written by an older loopgraph (format 0; this one reads 2)'],
  ])('of format %d is refused, and left as it is', async (format, message) => {
    const folder = newFolder();
    await setFormat(folder, format);
    for (let time = 0; time < 2; time++) {
      await expect(openLmdb(folder, [halves])).rejects.toMatchObject({ code: 'STORE_FORMAT', message: expect.stringContaining(message) as string });
    }
  });

  it('that is a file, lies in a file or holds something else is refused', async () => {
    const folder = newFolder();
    mkdirSync(folder);
    writeFileSync(join(folder, 'file'), 'text');
    writeFileSync(join(folder, 'data.mdb'), 'no database'.repeat(1_000));
    for (const [path, reason] of [
      [join(folder, 'file'), 'expected a folder, got a file'],
      [join(folder, 'file', 'below'), `expected a folder at ${join(folder, 'file')}, got a file`],
      [folder, 'its data.mdb is no database of LMDB'],
    ] as const) {
      const message = `No store can be opened at ${path}: ${reason}. Give a folder that this process may read and write.`;
      await expect(openLmdb(path, [halves])).rejects.toMatchObject({ code: 'STORE_UNREADABLE', message });
    }
  });

  it.skipIf(platform() !== 'linux')('that the system lets nobody make is refused, and not tried for ever', async () => {
    for (const [path, reason] of [['/proc/nothing', 'no folder can be made in /proc'], ['/proc/nothing/below', 'no folder can be made in /proc']] as const) {
      await expect(openLmdb(path, [halves])).rejects.toMatchObject({ code: 'STORE_UNREADABLE', message: expect.stringContaining(`at ${path}: ${reason}`) as string });
    }
  });

  it('that this process has open is refused, under another name too, until it is closed', async () => {
    const folder = newFolder();
    const store = await openLmdb(folder, [halves]);
    await expect(openLmdb(join(folder, '..', String(folders - 1)), [halves])).rejects.toMatchObject({ code: 'STORE_HELD', message: expect.stringContaining(`${process.pid}`) as string });
    await store.close();
    await (await openLmdb(folder, [halves])).close();
  });

  it('that another process holds is refused with its pid and host, and given up by its death', async () => {
    const folder = newFolder();
    const { child, lines, ended } = startProcess(WRITER, [`lmdb:${folder}`, '1000000']);
    let acknowledged = 0;
    let refusal: unknown;
    for await (const line of lines) {
      acknowledged = Number(line);
      if (acknowledged === 20) refusal = await openLmdb(folder, [halves]).catch((error: unknown) => error);
      if (acknowledged === 100) child.kill('SIGKILL');
    }
    expect(refusal).toMatchObject({
      code: 'STORE_HELD',
      message: expect.stringContaining(`is held by process ${child.pid} on ${hostname()}`) as string,
    });
    expect(await ended).toBe('SIGKILL');

    const store = await openLmdb(folder, [halves]);
    const [last] = await store.get(halves, ['last']);
    const written = last?.number ?? 0;
    // What was acknowledged is there, and at most the one commit more whose line was not printed any more.
    expect(acknowledged).toBeGreaterThanOrEqual(100);
    expect([acknowledged, acknowledged + 1]).toContain(written);
    const numbers = (await store.scan(halves.byNumber, { limit: 100_000 })).map(({ document }) => document.id);
    expect(numbers.length).toBe(2 * written + 1);
    await store.close();
  });

  it('that this process holds is refused to another', async () => {
    const folder = newFolder();
    const store = await openLmdb(folder, [halves]);
    const { lines, ended } = startProcess(WRITER, [`lmdb:${folder}`, '1']);
    const printed: string[] = [];
    for await (const line of lines) printed.push(line);
    expect(await ended).toBe(0);
    expect(printed).toEqual([expect.stringMatching(new RegExp(`^STORE_HELD The folder .* is held by process ${process.pid} on `))]);
    await store.close();
  });

  it('that holders of another host, pid or time left behind is taken over once they are silent', async () => {
    const folder = newFolder();
    const first = await openLmdb(folder, [halves]);
    const holder = JSON.parse(readFileSync(join(folder, 'holder.json'), 'utf8')) as Record<string, unknown>;
    await first.close();
    const leave = (left: Record<string, unknown>): void => writeFileSync(join(folder, 'holder.json'), JSON.stringify({ ...holder, ...left }));

    leave({ host: 'elsewhere', pid: 7 });
    await expect(openLmdb(folder, [halves])).rejects.toMatchObject({ code: 'STORE_HELD', message: expect.stringContaining('process 7 on elsewhere') as string });
    utimesSync(join(folder, 'holder.json'), new Date(0), new Date(0));
    await (await openLmdb(folder, [halves])).close();
    // The same number was given to this process after a restart, as in a container, where everyone is 1.
    for (const left of [{ started: 'another boot/1' }, { pid: 2 ** 22 + 1 }]) {
      leave(left);
      await (await openLmdb(folder, [halves])).close();
    }
    writeFileSync(join(folder, 'holder.json'), '{"pid":');
    await (await openLmdb(folder, [halves])).close();
  });

  it('copied while it is closed is the same store', async () => {
    const folder = newFolder();
    const store = await openLmdb(folder, [halves]);
    await store.commit(async (transaction) => transaction.put(halves, { id: 'a', number: 1 }));
    await store.close();
    const copy = newFolder();
    cpSync(folder, copy, { recursive: true });
    const copied = await openLmdb(copy, [halves]);
    expect((await copied.scan(halves.byNumber, { limit: 9 })).map(({ document }) => document.id)).toEqual(['a']);
    await copied.close();
  });
});
