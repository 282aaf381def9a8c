import { readFileSync } from 'node:fs';

/** Anonymous memory of a process in bytes, as `RssAnon` of proc(5) says: Linux only. */
export function anonymousMemory(pid: number): number {
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}
