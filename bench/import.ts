import { spawnSync } from 'node:child_process';
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { open } from 'lmdb';
import { MongoClient } from 'mongodb';
import { swf } from '../importers/swf.ts';
import { BATCH_SIZE, importFile } from '../importers/runner.ts';
import { createPseudonym } from '../kit/ingest/pseudonym.ts';
import { openStore } from '../kit/store/index.ts';
import { encodePosition } from '../kit/store/key.ts';
import type { Store } from '../kit/store/port.ts';
import { runs } from '../subgraphs/platform/collections.ts';
import type { JobRunDocument } from '../subgraphs/platform/documents.ts';
import { platform } from '../subgraphs/platform/index.ts';

/*
 * How many runs of a workload log a second the importer and its receiver take, durably and with every rollup, beside the
 * bare insertion of the same run documents with the same indexes, durability and batch size; and what twice the log
 * does to the peak of anonymous memory (Linux only, since /proc tells it).
 *
 *   npm run bench -- import FILE.swf.gz [mongodb://HOST/]      The database bench_import there is dropped before and after.
 */

const DATABASE = 'bench_import';
/** The collector decides when memory is given back, so one round says little. */
const MEMORY_ROUNDS = 5;

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Loads the file once into an open store and gives the seconds it took. */
async function importInto(store: Store, file: string): Promise<{ rows: number; seconds: number }> {
  const surroundings = { store, pseudonym: createPseudonym('bench'), now: Date.now };
  const startedAt = performance.now();
  const summary = await importFile(swf, createReadStream(file), {}, async (kind, events) => {
    const receiver = platform.receivers[kind];
    if (receiver === undefined) throw new Error(`platform takes no ${kind}`);
    return receiver(surroundings, events);
  });
  if (summary.rejectedTotal > 0) throw new Error(`expected no rejected row, got ${summary.rejectedTotal}`);
  return { rows: summary.rows, seconds: (performance.now() - startedAt) / 1_000 };
}

/** Every run document of a store, in the order of one of its indexes. */
async function readRuns(store: Store): Promise<JobRunDocument[]> {
  const documents: JobRunDocument[] = [];
  for (let after: string | undefined; ; ) {
    const page = await store.scan(runs.byJob, { limit: 10_000, ...(after === undefined ? {} : { after }) });
    documents.push(...page.map(({ document }) => document));
    after = page.at(-1)?.position;
    if (after === undefined) return documents.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }
}

const positionsOf = (document: JobRunDocument): [name: string, position: string][] =>
  runs.indexes.flatMap((index) => {
    const key = index.key(document);
    return key === null ? [] : [[index.name, encodePosition(key, document.id)]];
  });

function* toBatches(documents: readonly JobRunDocument[]): Generator<readonly JobRunDocument[]> {
  for (let at = 0; at < documents.length; at += BATCH_SIZE) yield documents.slice(at, at + BATCH_SIZE);
}

async function insertIntoLmdb(path: string, documents: readonly JobRunDocument[]): Promise<number> {
  const root = open({ path, noSubdir: false, overlappingSync: false });
  const stored = root.openDB<JobRunDocument, string>({ name: 'documents' });
  const entries = root.openDB<string, string>({ name: 'entries', encoding: 'string' });
  const startedAt = performance.now();
  for (const batch of toBatches(documents)) {
    await root.childTransaction(() => {
      for (const document of batch) {
        stored.putSync(document.id, document);
        for (const [name, position] of positionsOf(document)) entries.putSync(`${name}/${position}`, document.id);
      }
    });
    await root.flushed;
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  await root.close();
  return seconds;
}

async function insertIntoMongodb(uri: string, documents: readonly JobRunDocument[]): Promise<number> {
  const client = await MongoClient.connect(uri);
  const collection = client.db().collection<{ _id: string }>('raw');
  await collection.createIndexes(runs.indexes.map(({ name }) => ({ key: { [`k.${name}`]: 1 }, sparse: true })));
  const startedAt = performance.now();
  for (const batch of toBatches(documents)) {
    const rows = batch.map(({ id, ...rest }) => ({ _id: id, k: Object.fromEntries(positionsOf({ id, ...rest })), d: rest }));
    await collection.insertMany(rows, { ordered: false, writeConcern: { w: 'majority' } });
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  await client.close();
  return seconds;
}

function print(name: string, rows: number, seconds: number, rawSeconds: number): void {
  const rate = (time: number): string => Math.round(rows / time).toLocaleString('en');
  console.log(`${name.padEnd(8)} ${rows.toLocaleString('en')} runs: import ${rate(seconds)}/s, raw insertion ${rate(rawSeconds)}/s: ${(rawSeconds / seconds).toFixed(2)} of raw`);
}

async function benchStore(name: string, location: string, file: string, insert: (documents: readonly JobRunDocument[]) => Promise<number>): Promise<void> {
  const store = await openStore(location, platform.collections);
  const { rows, seconds } = await importInto(store, file);
  const documents = await readRuns(store);
  await store.close();
  print(name, rows, seconds, await insert(documents));
}

/** Writes the log twice over, the second time with job numbers that follow the first. */
async function writeDoubled(file: string, target: string): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(file).pipe(createGunzip())) chunks.push(chunk as Buffer);
  const lines = Buffer.concat(chunks).toString('latin1').split('\n').filter((line) => line.trim() !== '');
  const jobs = lines.filter((line) => !line.startsWith(';'));
  const again = jobs.map((line) => line.replace(/^(\s*)(\d+)/, (_, space: string, number: string) => `${space}${Number(number) + jobs.length}`));
  await pipeline(Readable.from([`${lines.join('\n')}\n`, `${again.join('\n')}\n`], { objectMode: true }), createWriteStream(target, 'latin1'));
}

const anonymousMb = (): number => Number(/RssAnon:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) / 1_024;

/** In a process of its own: imports a file and prints the peak of anonymous memory in megabytes. */
async function measureMemory(location: string, file: string): Promise<void> {
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, anonymousMb());
  }, 20);
  const store = await openStore(location, platform.collections);
  await importInto(store, file);
  await store.close();
  clearInterval(timer);
  console.log(Math.max(peak, anonymousMb()).toFixed(1));
}

function peakOf(location: string, file: string): number {
  const [entry = ''] = process.argv.slice(1);
  const { stdout, stderr, status } = spawnSync(process.execPath, [entry, 'import', '--memory', location, file], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return Number(stdout.trim());
}

/** Prints a line for each store and one for memory. */
export async function run(args: readonly string[]): Promise<void> {
  if (args[0] === '--memory') return measureMemory(args[1] ?? '', args[2] ?? '');
  const [file, uri] = args;
  if (file === undefined) throw new Error('Which log? npm run bench -- import FILE.swf.gz [mongodb://HOST/]');
  const folder = mkdtempSync(join(tmpdir(), 'loopgraph-bench-'));
  try {
    await benchStore('LMDB', `lmdb:${join(folder, 'store')}`, file, (documents) => insertIntoLmdb(join(folder, 'raw'), documents));
    if (uri !== undefined) {
      const [, server = uri, options = ''] = /^([^/]+\/\/[^/?]+)[^?]*(\?.*)?$/.exec(uri) ?? [];
      const location = `${server}/${DATABASE}${options}`;
      const client = await MongoClient.connect(location);
      await client.db().dropDatabase();
      await benchStore('MongoDB', location, file, (documents) => insertIntoMongodb(location, documents));
      await client.db().dropDatabase();
      await client.close();
    }
    if (process.platform !== 'linux') return;
    const doubled = join(folder, 'doubled.swf');
    await writeDoubled(file, doubled);
    const peaks: { once: number[]; twice: number[] } = { once: [], twice: [] };
    for (let round = 0; round < MEMORY_ROUNDS; round += 1) {
      peaks.once.push(peakOf(`lmdb:${join(folder, `once-${round}`)}`, file));
      peaks.twice.push(peakOf(`lmdb:${join(folder, `twice-${round}`)}`, doubled));
    }
    const [once, twice] = [median(peaks.once), median(peaks.twice)];
    console.log(`peak of anonymous memory: ${once} MB for the log, ${twice} MB for twice the log: ${(twice / once).toFixed(2)} times (medians of ${MEMORY_ROUNDS} rounds)`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
