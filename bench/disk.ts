import { mkdtempSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { createPseudonym } from '../kit/ingest/pseudonym.ts';
import { openStore } from '../kit/store/index.ts';
import { platform } from '../subgraphs/platform/index.ts';
import { viewing } from '../subgraphs/viewing/index.ts';
import { playEvents, studioOf, toBatches } from './raw/generated.ts';
import { recordPuts } from './raw/insertion.ts';

/*
 * Bytes that an event takes on disk, in live pages of the embedded store after compaction, without rollups, beside the
 * event's body as JSON. The goals are 5 times a body under 500 B, 3 times to 1 KB, 2 times to 4 KB, and once above.
 *
 *   npm run bench -- disk
 */

const BATCH = 4_000;
const ROLLUPS = new Set(['viewing.buckets', 'viewing.clocks', 'viewing.dimensions', 'platform.use']);

const goalOf = (body: number): number => (body < 500 ? 5 : body <= 1_000 ? 3 : body <= 4_000 ? 2 : 1);

/** The bytes of a folder's live pages: what a compacted copy of it takes. */
async function compactedSize(folder: string, copy: string): Promise<number> {
  mkdirSync(copy, { recursive: true });
  const root = open({ path: folder, noSubdir: false, maxDbs: 4 });
  await root.backup(copy, true);
  await root.close();
  return statSync(join(copy, 'data.mdb')).size;
}

/** Prints a line for each kind of event. */
export async function run(): Promise<void> {
  const cases = [
    { kind: 'playback-session', subgraph: viewing, events: playEvents(studioOf(20_000), 'playback-session', 20_000) },
    { kind: 'openlineage', subgraph: platform, events: playEvents(studioOf(0), 'openlineage', 8_000) },
  ];
  for (const { kind, subgraph, events } of cases) {
    const folder = mkdtempSync(join(tmpdir(), 'loopgraph-bench-'));
    try {
      const recorded = recordPuts(await openStore(`lmdb:${join(folder, 'all')}`, subgraph.collections));
      const surroundings = { store: recorded.store, pseudonym: createPseudonym('bench'), now: Date.now };
      for (const batch of toBatches(events, BATCH)) await subgraph.receivers[kind]?.(surroundings, batch);
      await recorded.store.close();
      // The same documents but the rollups, in a store of their own, since pages are shared between collections.
      const kept = await openStore(`lmdb:${join(folder, 'kept')}`, subgraph.collections);
      const documents = recorded.documents().filter(({ collection }) => !ROLLUPS.has(collection.name));
      for (const batch of toBatches(documents, BATCH)) {
        await kept.commit(async (transaction) => {
          for (const { collection, document } of batch) transaction.put(collection as never, document as never);
        });
      }
      await kept.close();
      const [all, apart] = [await compactedSize(join(folder, 'all'), join(folder, 'copy-all')), await compactedSize(join(folder, 'kept'), join(folder, 'copy-kept'))];
      const body = events.reduce((sum, event) => sum + Buffer.byteLength(JSON.stringify(event)), 0) / events.length;
      const each = apart / events.length;
      console.log(
        `${kind}, ${events.length.toLocaleString('en')} events of ${body.toFixed(0)} B: ${each.toFixed(0)} B each without rollups: ${(each / body).toFixed(2)} times (goal ${goalOf(body)}); ` +
          `${(all / events.length).toFixed(0)} B with them`,
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}
