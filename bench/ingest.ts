import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { createPseudonym } from '../kit/ingest/pseudonym.ts';
import { openStore } from '../kit/store/index.ts';
import type { Store } from '../kit/store/index.ts';
import type { Subgraph } from '../kit/subgraph.ts';
import { platform } from '../subgraphs/platform/index.ts';
import { viewing } from '../subgraphs/viewing/index.ts';
import { median, playEvents, studioOf, toBatches } from './raw/generated.ts';
import { insertIntoLmdb, insertIntoMongodb, recordPuts } from './raw/insertion.ts';
import type { Placed } from './raw/insertion.ts';

/*
 * How many playback sessions and OpenLineage events of the simulated studio a second the receivers take, durably and with
 * every rollup, beside the bare insertion of the same documents (all but the rollups) with the same indexes, durability
 * and batch size, in turns. The goal is 0.25 of it on LMDB and 0.15 on MongoDB.
 *
 *   npm run bench -- ingest [mongodb://HOST/]      Databases there whose names begin with bench_ingest are dropped.
 */

const ROUNDS = 3;
const BATCH = 4_000;

/** What is derived for questions alone; everything else is a document of the events. */
const ROLLUPS = new Set(['viewing.buckets', 'viewing.clocks', 'viewing.dimensions', 'platform.use']);

interface Case {
  readonly kind: string;
  readonly what: string;
  readonly subgraph: Subgraph;
  readonly events: () => object[];
}

const CASES: readonly Case[] = [
  // As they come where so many come: a million a day.
  { kind: 'playback-session', what: 'of one hour', subgraph: viewing, events: () => playEvents(studioOf(30_000_000), 'playback-session', 24_000) },
  // As a small company's history is loaded: nearly every session is alone in its buckets.
  { kind: 'playback-session', what: 'of a thin month', subgraph: viewing, events: () => playEvents(studioOf(8_000), 'playback-session', 8_000) },
  { kind: 'openlineage', what: 'of a month', subgraph: platform, events: () => playEvents(studioOf(0), 'openlineage', 12_000) },
];

/** A place for one round on one store. */
interface Place {
  readonly name: string;
  readonly goal: number;
  readonly newLocation: () => string;
  readonly insert: (documents: readonly Placed[]) => Promise<number>;
  readonly clear: () => Promise<void>;
}

function placeOnLmdb(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'loopgraph-bench-'));
  let count = 0;
  return {
    name: 'LMDB',
    goal: 0.25,
    newLocation: () => `lmdb:${join(folder, String(count++))}`,
    insert: (documents) => insertIntoLmdb(join(folder, String(count++)), documents, BATCH),
    clear: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

function placeOnMongodb(uri: string): Place {
  const [, server = uri, options = ''] = /^([^/]+\/\/[^/?]+)[^?]*(\?.*)?$/.exec(uri) ?? [];
  const used: string[] = [];
  const newLocation = (): string => {
    const name = `bench_ingest_${used.length}`;
    used.push(name);
    return `${server}/${name}${options}`;
  };
  return {
    name: 'MongoDB',
    goal: 0.15,
    newLocation,
    insert: (documents) => insertIntoMongodb(newLocation(), documents, BATCH),
    async clear() {
      const client = await MongoClient.connect(uri);
      for (const name of used) await client.db(name).dropDatabase();
      await client.close();
    },
  };
}

/** Takes all events in batches, and again; gives the milliseconds of each. */
async function ingest(subgraph: Subgraph, kind: string, events: readonly object[], store: Store): Promise<{ ms: number; repeatMs: number }> {
  const surroundings = { store, pseudonym: createPseudonym('bench'), now: Date.now };
  const receiver = subgraph.receivers[kind];
  if (receiver === undefined) throw new Error(`expected a receiver of ${kind}`);
  const pass = async (): Promise<number> => {
    const startedAt = performance.now();
    for (const batch of toBatches(events, BATCH)) {
      const { rejected } = await receiver(surroundings, batch);
      if (rejected.length > 0) throw new Error(`expected no rejected event, got ${JSON.stringify(rejected[0])}`);
    }
    return performance.now() - startedAt;
  };
  const ms = await pass();
  const repeatMs = await pass();
  await store.close();
  return { ms, repeatMs };
}

/** Peak of anonymous memory since the process started, in megabytes; null where the system does not tell. */
function anonymousMb(): number | null {
  if (process.platform !== 'linux') return null;
  return Math.round(Number(/RssAnon:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) / 1_024);
}

async function benchCase(place: Place, { kind, what, subgraph, events: make }: Case): Promise<void> {
  const events = make();
  const times: { ours: number[]; raw: number[]; repeats: number[] } = { ours: [], raw: [], repeats: [] };
  // Warms up, and tells which documents there are.
  const recorded = recordPuts(await openStore(place.newLocation(), subgraph.collections));
  await ingest(subgraph, kind, events, recorded.store);
  const documents = recorded.documents().filter(({ collection }) => !ROLLUPS.has(collection.name));
  for (let round = 0; round < ROUNDS; round += 1) {
    times.raw.push(await place.insert(documents));
    const { ms, repeatMs } = await ingest(subgraph, kind, events, await openStore(place.newLocation(), subgraph.collections));
    times.ours.push(ms);
    times.repeats.push(repeatMs);
  }
  const rate = (ms: readonly number[]): string => Math.round((events.length * 1_000) / median(ms)).toLocaleString('en');
  console.log(
    `${place.name.padEnd(8)} ${kind} ${what}, ${events.length.toLocaleString('en')} events, ${documents.length.toLocaleString('en')} documents, ${BATCH} a batch: ` +
      `${rate(times.ours)}/s, raw insertion ${rate(times.raw)}/s: ${(median(times.raw) / median(times.ours)).toFixed(2)} of raw (goal ${place.goal}); repeats ${rate(times.repeats)}/s`,
  );
}

/** Prints a line for each store and kind; MongoDB only where its URI is given. */
export async function run([uri]: readonly string[]): Promise<void> {
  for (const place of [placeOnLmdb(), ...(uri === undefined ? [] : [placeOnMongodb(uri)])]) {
    try {
      for (const each of CASES) await benchCase(place, each);
    } finally {
      await place.clear();
    }
  }
  console.log(`anonymous memory at the end: ${anonymousMb() ?? 'unknown'} MB`);
}
