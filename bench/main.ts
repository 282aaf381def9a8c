import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const SELF = 'main';

/** The benches of this folder by name: each is a module that runs when it is imported, or exports `run`. */
async function listBenches(): Promise<string[]> {
  const files = await readdir(folder);
  const modules = files.filter((file) => /^[a-z0-9-]+\.[jt]s$/.test(file)).map((file) => file.replace(/\.[jt]s$/, ''));
  return modules.filter((name) => name !== SELF).toSorted();
}

const [name, ...args] = process.argv.slice(2);
const names = await listBenches();
if (name === undefined || !names.includes(name)) {
  console.error(`${name === undefined ? 'Which bench?' : `No bench is named "${name}".`} npm run bench -- NAME, of: ${names.join(', ') || 'none yet'}`);
  process.exitCode = 1;
} else {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const bench = (await import(pathToFileURL(`${folder}/${name}.${extension}`).href)) as { readonly run?: (args: readonly string[]) => Promise<void> };
  await bench.run?.(args);
}
