import { closeSync, existsSync, mkdirSync, openSync, readSync, realpathSync, statSync, statfsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { StoreError } from './port.ts';

/** Makes an embedded store's folder where there is none and gives its real path. @throws StoreError `STORE_UNREADABLE` */
export function prepareFolder(folder: string): string {
  try {
    makeFolder(folder);
    checkDataFile(join(folder, 'data.mdb'));
    return realpathSync(folder);
  } catch (error) {
    throw unreadable(folder, error);
  }
}

/** Makes a folder and those that it lies in. @throws Error that says in plain words why it cannot be */
export function makeFolder(folder: string, mode?: number): void {
  const missing: string[] = [];
  // Node's own `recursive` never returns where the system says of a folder in one that is there that it is not, as /proc does.
  for (let at = resolve(folder); !existsSync(at) && at !== dirname(at); at = dirname(at)) missing.push(at);
  for (const path of missing.toReversed()) makeOne(path, mode);
  if (!statSync(folder).isDirectory()) throw new Error('expected a folder, got a file');
}

function makeOne(path: string, mode: number | undefined): void {
  try {
    mkdirSync(path, mode);
  } catch (error) {
    switch ((error as NodeJS.ErrnoException).code) {
      // Another process made it meanwhile, or a link leads nowhere, which shows when it is used.
      case 'EEXIST':
        return;
      case 'ENOTDIR':
        throw new Error(`expected a folder at ${dirname(path)}, got a file`, { cause: error });
      case 'ENOENT':
        throw new Error(`no folder can be made in ${dirname(path)}`, { cause: error });
      case 'EACCES':
      case 'EPERM':
      case 'EROFS':
        throw new Error(`this user may make no folder in ${dirname(path)}`, { cause: error });
      default:
        throw error;
    }
  }
}

/** LMDB's binding ends the process with a fault where the file is no database: mdb.c, MDB_page and MDB_meta. */
export function checkDataFile(path: string): void {
  if (!existsSync(path) || statSync(path).size === 0) return;
  const head = Buffer.alloc(32);
  const file = openSync(path, 'r');
  try {
    readSync(file, head);
  } finally {
    closeSync(file);
  }
  if (head.readUInt32LE(24) !== 0xbeefc0de || head.readUInt32LE(28) !== 2) throw new Error('its data.mdb is no database of LMDB');
}

/** What a person is told of a folder that is no store, and what to do. */
export function unreadable(path: string, error: unknown): StoreError {
  const reason = error instanceof Error ? error.message : String(error);
  return new StoreError('STORE_UNREADABLE', `No store can be opened at ${path}: ${reason}. Give a folder that this process may read and write.`, { cause: error });
}

/** Bytes that a disk keeps free: four times what a commit's documents hold at most, for the pages of its indexes. */
const LEAST_ROOM = 64 * 2 ** 20;

/**
 * LMDB's binding writes past the end of its own message where the disk refuses a page, which ends the process now and then (mdb.c,
 * mdb_page_flush): so nothing is written to a disk that is all but full.
 * @throws StoreError `STORE_UNAVAILABLE`
 */
export function checkRoom(path: string): void {
  const { bavail, bsize } = statfsSync(path);
  const room = bavail * bsize;
  if (room < LEAST_ROOM) throw new StoreError('STORE_UNAVAILABLE', `The embedded store took no write: its disk has ${Math.floor(room / 2 ** 20)} MB left of the ${LEAST_ROOM / 2 ** 20} MB that it keeps free. Is the disk full?`);
}
