import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import type { Key } from 'lmdb';

/** All that a folder's embedded store holds: its files' bytes as text, but for the key of pseudonyms, and every document and index entry as the store decodes it. */
export async function dumpStore(folder: string, encoding: 'latin1' | 'utf8'): Promise<{ readonly bytes: string; readonly documents: string }> {
  const bytes = readdirSync(folder).filter((file) => file !== 'pseudonym-key').map((file) => readFileSync(join(folder, file)).toString(encoding)).join('\n');
  const root = open({ path: folder, noSubdir: false, readOnly: true, maxDbs: 4 });
  const all: string[] = [];
  for (const name of ['documents', 'entries', 'meta']) {
    const database = root.openDB<unknown, Key>({ name, ...(name === 'entries' ? { encoding: 'string' } : { encoder: { useRecords: false } }) });
    for (const { key, value } of database.getRange()) all.push(`${String(key)} ${JSON.stringify(value)}`);
  }
  await root.close();
  return { bytes, documents: all.join('\n') };
}
