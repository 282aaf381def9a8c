import { createHash } from 'node:crypto';
import { access, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectPath } from '../kit/project.ts';
import { tryRun } from './python.ts';

/** What npm says where it reaches no registry. */
const OUT_OF_REACH = /ENOENT|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|network/;

/** A folder of packages, as a path; else why there is none. */
export type PreparedPackages = { readonly modules: string } | { readonly missing: string };

/**
 * Installs a package.json's packages under `.cache/`, which is kept between runs for as long as the file is the same.
 * @throws Error where the registry answers and has them not
 */
export async function preparePackages(manifest: string, ...cache: readonly string[]): Promise<PreparedPackages> {
  const key = createHash('sha256').update(await readFile(manifest)).digest('hex').slice(0, 16);
  const home = projectPath('.cache', ...cache, key);
  const modules = join(home, 'node_modules');
  const done = join(home, 'installed');
  if (await access(done).then(() => true, () => false)) return { modules };
  await rm(home, { recursive: true, force: true });
  await mkdir(home, { recursive: true });
  await copyFile(manifest, join(home, 'package.json'));
  const { ok, output } = await tryRun('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--fetch-retries', '1'], home);
  if (!ok && !OUT_OF_REACH.test(output)) throw new Error(output);
  if (!ok) return { missing: `no registry of npm packages can be had: ${output.trim().split('\n').at(-1)}` };
  await writeFile(done, '');
  return { modules };
}
