import { closeSync, copyFileSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { checkDataFile, makeFolder } from './lmdb-folder.ts';
import { StoreError } from './port.ts';

const unreadable = (message: string, cause?: unknown): StoreError => new StoreError('STORE_UNREADABLE', message, cause === undefined ? undefined : { cause });

/** Within the target while the copy is made: a copy that breaks off is never taken for a store. */
const UNFINISHED = 'unfinished-copy';

/**
 * Copies an embedded store into a folder that is empty or not there, as it stands at one moment, while another process
 * writes: LMDB shows each reader one committed state. What was durable before the call is in the copy. The copy is
 * compacted, durable once this resolves, and is a store; where this rejects or the process ends before, the target holds none.
 * @param along Names of files of the folder that the copy is not whole without; one that is not there is left out.
 * @throws StoreError `STORE_UNREADABLE` where there is no store, or the folder cannot be written or holds something.
 */
export async function backupLmdb(folder: string, target: string, along: readonly string[] = []): Promise<void> {
  if (!existsSync(join(folder, 'data.mdb'))) throw unreadable(`There is no store in the folder ${folder}: set STORE to the one that is to be copied.`);
  const unfinished = join(target, UNFINISHED);
  try {
    checkDataFile(join(folder, 'data.mdb'));
    makeFolder(target, 0o700);
    // What an earlier copy that broke off has left is nobody's.
    if (readdirSync(target).some((name) => name !== UNFINISHED)) throw new Error('it is not empty, and nothing is written over');
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { mode: 0o700 });
  } catch (error) {
    throw unreadable(`The store in ${folder} cannot be copied to ${target}: ${error instanceof Error ? error.message : String(error)}. Name a folder that is empty or not there yet.`, error);
  }
  const root = open({ path: folder, noSubdir: false, readOnly: true, maxDbs: 4 });
  try {
    await root.backup(unfinished, true);
    const names = [...along.filter((name) => existsSync(join(folder, name))), 'data.mdb'];
    for (const name of names) {
      // A copy keeps the mode of the file.
      if (name !== 'data.mdb') copyFileSync(join(folder, name), join(unfinished, name));
      sync(join(unfinished, name));
    }
    // The data come last: with them the folder is a store.
    for (const name of names) renameSync(join(unfinished, name), join(target, name));
    sync(target);
  } catch (error) {
    throw unreadable(`The store in ${folder} could not be copied to ${target}: ${error instanceof Error ? error.message : String(error)}. Is there room for it?`, error);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
    await root.close();
  }
}

/** The binding's copy is not flushed, and a name is durable only with its folder. */
function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
