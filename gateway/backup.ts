import { resolve } from 'node:path';
import { Command } from 'commander';
import { backupLmdb } from '../kit/store/lmdb-backup.ts';
import { StoreError } from '../kit/store/port.ts';
import { subgraphs } from '../subgraphs/index.ts';
import { PSEUDONYM_KEY_FILE } from './pseudonym-key.ts';
import { isEmbedded, loadSettings, StartFault } from './settings.ts';

const command = new Command('backup')
  .description('Copies the embedded store of STORE as it stands at one moment, also while a server writes to it. The copy is a store: STORE=lmdb:FOLDER npm start serves it.')
  .argument('<folder>', 'where the copy is written; empty, or not there yet')
  .addHelpText('after', "\nThe key that people's pseudonyms are made with is copied along, readable by its owner only: keep the copy as safe as the store.");

async function backup(folder: string): Promise<void> {
  const { store } = loadSettings(subgraphs.map(({ name }) => name));
  if (!isEmbedded(store)) throw new StartFault('STORE is no folder: copy a MongoDB database with mongodump --oplog, and keep PSEUDONYM_KEY with it');
  const from = store.slice('lmdb:'.length);
  const target = resolve(folder);
  await backupLmdb(from, target, [PSEUDONYM_KEY_FILE]);
  process.stdout.write(`Copied ${from} to ${target}. Serve the copy with STORE=lmdb:${target} npm start\n`);
}

command.parse();
try {
  await backup(command.processedArgs[0] as string);
} catch (error) {
  const isPlain = error instanceof StoreError || error instanceof StartFault;
  process.stderr.write(`backup: ${isPlain ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
}
