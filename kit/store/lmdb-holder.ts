import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { StoreError } from './port.ts';

/** Folders that this process holds, by real path. */
const held = new Set<string>();

const FILE = 'holder.json';
/** On another host a process cannot be asked, so a holder shows by the file's time that it lives. */
const BEAT_MS = 10_000;
const SILENT_MS = 60_000;

/** Who holds a folder. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process started, as the kernel says it: a pid may have been given to another process since. Null where unknown. */
  readonly started: string | null;
}

/**
 * Takes a folder for this process. Two processes may open one LMDB folder, and then neither would see the other's
 * puts in time; so one must own it. A holder that no longer runs is replaced.
 * @param exclusively Runs what it is given while no other process can: LMDB's own write lock, which the kernel frees
 *   when its process dies.
 * @returns What releases the folder.
 * @throws StoreError `STORE_HELD`, naming the holder.
 */
export function holdFolder(folder: string, exclusively: (action: () => void) => void): () => void {
  const file = join(folder, FILE);
  const self: Holder = { pid: process.pid, host: hostname(), started: startOf(process.pid) };
  exclusively(() => {
    const other = readHolder(file);
    if (other !== null && isAlive(other, self, file)) {
      throw new StoreError(
        'STORE_HELD',
        `The folder ${folder} is held by process ${other.pid} on ${other.host}. Stop it, or give this process another folder. ` +
          `If it is gone for good, delete ${file}.`,
      );
    }
    writeFileSync(`${file}.new`, JSON.stringify(self));
    renameSync(`${file}.new`, file);
  });
  held.add(folder);
  const beat = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => clearInterval(beat));
  }, BEAT_MS);
  beat.unref();
  return () => {
    clearInterval(beat);
    held.delete(folder);
    const now = readHolder(file);
    if (now !== null && now.pid === self.pid && now.host === self.host && now.started === self.started) rmSync(file, { force: true });
  };
}

/** @throws StoreError `STORE_HELD` where this process has the folder open already. */
export function checkNotHeldHere(folder: string): void {
  if (!held.has(folder)) return;
  throw new StoreError('STORE_HELD', `The folder ${folder} is held by this very process, ${process.pid} on ${hostname()}. Open it once and share the store.`);
}

function readHolder(file: string): Holder | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const { pid, host, started }: Partial<Record<keyof Holder, unknown>> = JSON.parse(text);
    if (typeof pid !== 'number' || typeof host !== 'string') return null;
    return { pid, host, started: typeof started === 'string' ? started : null };
  } catch {
    // Cut short when a machine stopped; it is written whole or not at all otherwise.
    return null;
  }
}

function isAlive(other: Holder, self: Holder, file: string): boolean {
  if (other.host !== self.host) return Date.now() - statSync(file).mtimeMs < SILENT_MS;
  if (other.pid === self.pid) return other.started === self.started && self.started !== null;
  try {
    process.kill(other.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return other.started === null || other.started === startOf(other.pid);
}

/** Boot and clock tick at which a process started; Linux only (proc(5), the 22nd field of stat). */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${ticks}`;
  } catch {
    return null;
  }
}
