import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { checkDataFile } from './lmdb.ts';
import { StoreError } from './port.ts';

const unreadable = (message: string, cause?: unknown): StoreError => new StoreError('STORE_UNREADABLE', message, cause === undefined ? undefined : { cause });

/**
 * Copies an embedded store into a folder that is empty or not there, as it stands at one moment, while another process
 * writes: LMDB shows each reader one committed state. What was durable before the call is in the copy. The copy is
 * compacted, and is a store.
 * @throws StoreError `STORE_UNREADABLE` where there is no store, or the folder cannot be written or holds something.
 */
export async function backupLmdb(folder: string, target: string): Promise<void> {
  if (!existsSync(join(folder, 'data.mdb'))) throw unreadable(`There is no store in the folder ${folder}: set STORE to the one that is to be copied.`);
  try {
    checkDataFile(join(folder, 'data.mdb'));
    mkdirSync(target, { recursive: true, mode: 0o700 });
    if (readdirSync(target).length > 0) throw new Error('it is not empty, and nothing is written over');
  } catch (error) {
    throw unreadable(`The store in ${folder} cannot be copied to ${target}: ${error instanceof Error ? error.message : String(error)}. Name a folder that is empty or not there yet.`, error);
  }
  const root = open({ path: folder, noSubdir: false, readOnly: true, maxDbs: 4 });
  try {
    await root.backup(target, true);
  } catch (error) {
    throw unreadable(`The store in ${folder} could not be copied to ${target}: ${error instanceof Error ? error.message : String(error)}. Is there room for it?`, error);
  } finally {
    await root.close();
  }
}
