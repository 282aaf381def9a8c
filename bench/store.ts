import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { MongoClient } from 'mongodb';
import { defineCollection, openStore } from '../kit/store/index.ts';
import type { Document } from '../kit/store/index.ts';

/*
 * How many events a second `commit` takes, beside the bare insertion of the same documents with the same indexes.
 * A commit looks each event up by its id, folds it into three buckets and writes both, so it does more by design.
 *
 *   npm run bench -- store [mongodb://HOST/]      The database bench_store there is dropped before and after.
 */

interface Session extends Document {
  readonly show: string;
  readonly team: string;
  readonly startedAt: number;
  readonly seconds: number;
}
interface Bucket extends Document {
  readonly count: number;
  readonly seconds: number;
}

const EVENTS = 20_000;
const sessions = defineCollection('bench.sessions', { byShow: (session: Session) => [session.show, session.startedAt], byTeam: (session: Session) => [session.team, session.startedAt] });
const buckets = defineCollection<Bucket>('bench.buckets', {});

const events: readonly Session[] = Array.from({ length: EVENTS }, (_, at) => ({
  id: `session ${(at * 7_919) % EVENTS}`,
  show: `show ${at % 97}`,
  team: `team ${at % 11}`,
  startedAt: 1_700_000_000_000 + at * 1_000,
  seconds: (at * 31) % 3_600,
}));

function* toBatches(size: number): Generator<readonly Session[]> {
  for (let at = 0; at < EVENTS; at += size) yield events.slice(at, at + size);
}

const toBucketIds = ({ show, team, startedAt }: Session): string[] => [show, team, 'all'].map((entity) => `${entity}/${Math.floor(startedAt / 900_000)}`);

/** Events a second. */
async function measure(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return Math.round(EVENTS / ((performance.now() - start) / 1_000));
}

async function commitAll(location: string, size: number): Promise<{ fresh: number; repeated: number }> {
  const store = await openStore(location, [sessions, buckets]);
  const pass = async (): Promise<void> => {
    for (const batch of toBatches(size)) {
      await store.commit(async (transaction) => {
        const known = await transaction.get(sessions, batch.map(({ id }) => id));
        const fresh = batch.filter((_, at) => known[at] === null);
        const ids = [...new Set(fresh.flatMap(toBucketIds))];
        const read = await transaction.get(buckets, ids);
        const folded = new Map(ids.map((id, at): [string, Bucket] => [id, read[at] ?? { id, count: 0, seconds: 0 }]));
        for (const session of fresh) {
          transaction.put(sessions, session);
          for (const id of toBucketIds(session)) {
            const { count, seconds } = folded.get(id) as Bucket;
            folded.set(id, { id, count: count + 1, seconds: seconds + session.seconds });
          }
        }
        for (const bucket of folded.values()) transaction.put(buckets, bucket);
      });
    }
  };
  const fresh = await measure(pass);
  const repeated = await measure(pass);
  await store.close();
  return { fresh, repeated };
}

async function insertIntoLmdb(path: string, size: number): Promise<number> {
  const root = open({ path, noSubdir: false, overlappingSync: false });
  const documents = root.openDB<Session, string>({ name: 'documents' });
  const indexes = ['byShow', 'byTeam'].map((name) => root.openDB<string, (string | number)[]>({ name, encoding: 'string' }));
  const rate = await measure(async () => {
    for (const batch of toBatches(size)) {
      await root.childTransaction(() => {
        for (const session of batch) {
          documents.putSync(session.id, session);
          indexes[0]?.putSync([session.show, session.startedAt, session.id], session.id);
          indexes[1]?.putSync([session.team, session.startedAt, session.id], session.id);
        }
      });
      await root.flushed;
    }
  });
  await root.close();
  return rate;
}

async function insertIntoMongodb(uri: string, size: number): Promise<number> {
  const client = await MongoClient.connect(uri);
  const collection = client.db().collection<{ _id: string }>('raw');
  await collection.createIndexes([{ key: { show: 1, startedAt: 1, _id: 1 } }, { key: { team: 1, startedAt: 1, _id: 1 } }]);
  const rate = await measure(async () => {
    for (const batch of toBatches(size)) {
      await collection.insertMany(batch.map(({ id, ...session }) => ({ _id: id, ...session })), { ordered: false, writeConcern: { w: 'majority' } });
    }
  });
  await client.close();
  return rate;
}

function print(name: string, size: number, raw: number, { fresh, repeated }: { fresh: number; repeated: number }): void {
  const [a, b, c] = [raw, fresh, repeated].map((rate) => rate.toLocaleString('en').padStart(9));
  process.stdout.write(`${name.padEnd(8)} ${String(size).padStart(6)} a commit  raw ${a}/s  commit ${b}/s (${(fresh / raw).toFixed(2)} of raw)  repeats ${c}/s\n`);
}

async function benchLmdb(size: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'loopgraph-bench-'));
  try {
    const raw = await insertIntoLmdb(join(folder, 'raw'), size);
    print('LMDB', size, raw, await commitAll(`lmdb:${join(folder, 'store')}`, size));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function benchMongodb(uri: string, size: number): Promise<void> {
  const [, server = uri, options = ''] = /^([^/]+\/\/[^/?]+)[^?]*(\?.*)?$/.exec(uri) ?? [];
  const location = `${server}/bench_store${options}`;
  const drop = async (): Promise<void> => {
    const client = await MongoClient.connect(location);
    await client.db().dropDatabase();
    await client.close();
  };
  await drop();
  const raw = await insertIntoMongodb(location, size);
  print('MongoDB', size, raw, await commitAll(location, size));
  await drop();
}

/** Prints a line for each store and batch size; MongoDB only where its URI is given. */
export async function run([uri]: readonly string[]): Promise<void> {
  for (const size of [1_000, 4_000]) await benchLmdb(size);
  if (uri === undefined) return;
  for (const size of [1_000, 4_000]) await benchMongodb(uri, size);
}
