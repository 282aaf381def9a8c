import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPseudonymKey } from '../kit/ingest/pseudonym.ts';
import { isEmbedded, StartFault } from './settings.ts';
import type { Settings } from './settings.ts';

/** The key's file in the folder of an embedded store. */
export const PSEUDONYM_KEY_FILE = 'pseudonym-key';

function readKey(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new StartFault(`the pseudonym key ${path} cannot be read: ${(error as Error).message}; make it readable for the user that runs loopgraph`);
  }
}

/**
 * The secret that people's identifiers are hashed with. Beside an embedded store, whose folder must exist, it is made on
 * first start, readable by its owner only, and kept; what PSEUDONYM_KEY says is kept there too, since another key would
 * make one person two.
 * @throws StartFault where MongoDB is used without PSEUDONYM_KEY, or the key is not the one that the store began with.
 */
export function loadPseudonymKey(settings: Pick<Settings, 'store' | 'pseudonymKey'>): string {
  if (!isEmbedded(settings.store)) {
    if (settings.pseudonymKey !== null) return settings.pseudonymKey;
    throw new StartFault('PSEUDONYM_KEY is needed with MongoDB: set it to a secret of your own, such as the output of: openssl rand -base64 32, and keep it');
  }
  const path = join(settings.store.slice('lmdb:'.length), PSEUDONYM_KEY_FILE);
  const kept = readKey(path);
  if (kept !== null && kept !== '') {
    if (settings.pseudonymKey === null || settings.pseudonymKey === kept) return kept;
    throw new StartFault(`PSEUDONYM_KEY is not the key that this store began with, so people would be counted anew; unset it, or use the key in ${path}`);
  }
  const key = settings.pseudonymKey ?? createPseudonymKey();
  writeFileSync(path, `${key}\n`, { mode: 0o600 });
  // The mode of writeFileSync holds for a new file only.
  chmodSync(path, 0o600);
  return key;
}
