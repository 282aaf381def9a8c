import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tryRun } from './python.ts';

/** Chromium as Debian and others name it, or none. */
export async function findChromium(): Promise<string | null> {
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) if ((await tryRun(name, ['--version'])).ok) return name;
  return null;
}

/**
 * Opens a page in a browser with a new profile, and ends it once the page has told.
 * @param longest how long that may take, in milliseconds
 * @returns what `told` gave; null where it took longer
 */
export async function visit(chromium: string, url: string, told: Promise<string>, longest: number, flags: readonly string[] = []): Promise<string | null> {
  const profile = await mkdtemp(join(tmpdir(), 'loopgraph-chromium-'));
  const browser = spawn(chromium, ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', ...flags, `--user-data-dir=${profile}`, url], { stdio: 'ignore', detached: true });
  const ended = new Promise<void>((resolve) => browser.once('close', () => resolve()));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), longest)));
  const what = await Promise.race([told, late]);
  clearTimeout(timer);
  // The whole group: the browser is many processes.
  if (browser.pid !== undefined) process.kill(-browser.pid, 'SIGKILL');
  await ended;
  await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  return what;
}
