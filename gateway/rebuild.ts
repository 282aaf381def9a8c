import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import type { Difference } from '../kit/rebuild/differences.ts';
import { rebuild } from '../kit/rebuild/rebuild.ts';
import { StoreError } from '../kit/store/port.ts';
import { openStore } from '../kit/store/open.ts';
import type { Store } from '../kit/store/port.ts';
import type { Subgraph } from '../kit/subgraph.ts';
import { subgraphs } from '../subgraphs/index.ts';
import { toPlainLine } from './faults/plain-line.ts';
import { loadSupergraphConfig } from './graph/supergraph-config.ts';
import { loadSettings } from './settings.ts';
import type { Settings } from './settings.ts';
import { chooseLocals } from './start.ts';

const command = new Command('rebuild')
  .description(
    'Computes every document of the store of STORE anew from the events that it keeps, and says whether anything differs. ' +
      'On MongoDB stop the processes that write first: what they write meanwhile shows as a difference.',
  )
  .option('--write', 'put right what differs')
  .option('--scratch <folder>', 'where the computed documents lie meanwhile; as much room as the store has', tmpdir())
  .addHelpText('after', '\nExit code: 0 where nothing differs, 1 where something did (put right or not), 2 where it could not be compared.');

/** Differences of one subgraph that are printed. */
const SHOWN = 50;
/** Of a value, in characters. */
const SHOWN_VALUE = 160;

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

function toText(value: unknown): string {
  const text = JSON.stringify(value, (_, each: unknown) => (each instanceof Uint8Array ? `${each.byteLength} bytes ${Buffer.from(each).toString('base64url')}` : each)) ?? 'nothing';
  return text.length > SHOWN_VALUE ? `${text.slice(0, SHOWN_VALUE)}…` : text;
}

function describeDifference({ collection, id, kept, computed, fields }: Difference): string {
  const where = `${collection.name} ${JSON.stringify(id)}`;
  if (kept === null) return `${where}: is missing; computed is ${toText(computed)}`;
  if (computed === null) return `${where}: is in the store, and nothing that is kept gives it: ${toText(kept)}`;
  const [one, other] = [kept, computed] as unknown as [Record<string, unknown>, Record<string, unknown>];
  return `${where}: ${fields.map((field) => `${field} is ${toText(one[field])}, computed ${toText(other[field])}`).join('; ')}`;
}

/** Compares one subgraph's documents in a store of its own; says whether anything differed. */
async function compare(subgraph: Subgraph, kept: Store, { write, scratch }: { readonly write: boolean; readonly scratch: string }): Promise<boolean> {
  const folder = await mkdtemp(join(scratch, 'loopgraph-rebuild-'));
  try {
    const computed = await openStore(`lmdb:${folder}`, subgraph.collections);
    try {
      let shown = 0;
      const onDifference = (difference: Difference): void => {
        if (shown++ < SHOWN) say(describeDifference(difference));
      };
      const summary = await rebuild(subgraph, kept, computed, { mend: write, onDifference });
      if (summary === null) {
        say(`${subgraph.name}: does not say how its documents follow from its events; nothing was compared.`);
        return false;
      }
      if (shown > SHOWN) say(`… and ${shown - SHOWN} more.`);
      for (const { name, documents, different } of summary.collections) say(`${name}: ${documents} documents, ${different} different`);
      for (const line of summary.undetermined) say(`Not compared: ${line}.`);
      if (write && shown > 0) say(`${subgraph.name}: ${summary.mended} of ${shown} put right.`);
      return shown > 0;
    } finally {
      await computed.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function main(settings: Settings): Promise<void> {
  const { write = false, scratch } = command.opts<{ write?: boolean; scratch: string }>();
  const remotes = settings.supergraphConfig === null ? [] : await loadSupergraphConfig(settings.supergraphConfig);
  const locals = chooseLocals(settings, subgraphs, remotes);
  const store = await openStore(settings.store, locals.flatMap(({ collections }) => collections));
  try {
    let differs = false;
    for (const subgraph of locals) differs = (await compare(subgraph, store, { write, scratch })) || differs;
    say(differs ? (write ? 'Differences were put right.' : 'Something differs; --write puts it right.') : 'Nothing differs.');
    process.exitCode = differs ? 1 : 0;
  } finally {
    await store.close();
  }
}

command.parse();
try {
  await main(loadSettings(subgraphs.map(({ name }) => name)));
} catch (error) {
  const line = error instanceof StoreError ? error.message : toPlainLine(error, { host: '', port: 0 });
  process.stderr.write(`${line ?? (error instanceof Error ? (error.stack ?? error.message) : String(error))}\n`);
  process.exitCode = 2;
}
