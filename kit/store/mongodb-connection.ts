import { MongoClient, MongoServerSelectionError } from 'mongodb';
import type { MongoClientOptions } from 'mongodb';
import { withoutCredentials } from './mongodb-errors.ts';
import { StoreError } from './port.ts';

const DEFAULT_DATABASE = 'loopgraph';
/** Wire version of MongoDB 6.0, the first release line with `$documents`. */
const LEAST_WIRE_VERSION = 17;

/** How to reach MongoDB. */
export interface ConnectionOptions {
  /** How long to look for a primary before a command fails, in milliseconds. Default 5,000. */
  readonly serverSelectionTimeoutMs?: number;
  /** Called with each command's name as it is sent, for tests and tracing; replies are then decoded twice. */
  readonly onCommand?: (name: string) => void;
}

/**
 * Everything is read from the primary as one moment of what a majority holds, and acknowledged by a majority: what was
 * read once stays, and a command never sees half a commit.
 */
const SETTINGS = {
  appName: 'loopgraph',
  readPreference: 'primary',
  readConcern: { level: 'snapshot' },
  writeConcern: { w: 'majority' },
  retryReads: true,
  retryWrites: true,
  promoteBuffers: true,
  connectTimeoutMS: 5_000,
  // A server that hangs is given up, so that a commit can try another inside its deadline.
  socketTimeoutMS: 20_000,
  heartbeatFrequencyMS: 2_000,
} as const satisfies MongoClientOptions;

/** A client that has found its primary, and the name of the database. */
export interface Connection {
  readonly client: MongoClient;
  readonly database: string;
}

/**
 * Connects, and checks that the server can do what the store needs. No message repeats the URI's credentials.
 * @throws StoreError `STORE_UNAVAILABLE` or `STORE_STANDALONE`; TypeError for a URI that is none.
 */
export async function connect(uri: string, options: ConnectionOptions): Promise<Connection> {
  const { serverSelectionTimeoutMs = 5_000, onCommand } = options;
  let client: MongoClient;
  try {
    client = new MongoClient(uri, {
      ...SETTINGS,
      serverSelectionTimeoutMS: serverSelectionTimeoutMs,
      monitorCommands: onCommand !== undefined,
    });
  } catch (error) {
    throw new TypeError(`This is no MongoDB URI: ${withoutCredentials(error instanceof Error ? error.message : String(error))}`);
  }
  if (onCommand !== undefined) client.on('commandStarted', ({ commandName }) => onCommand(commandName));
  const hosts = client.options.srvHost ?? client.options.hosts.map(String).join(',');
  try {
    await client.connect();
    const hello = await client.db('admin').command({ hello: 1 });
    if (typeof hello['setName'] !== 'string' && hello['msg'] !== 'isdbgrid') {
      throw new StoreError(
        'STORE_STANDALONE',
        `The MongoDB server at ${hosts} is standalone and has no transactions. Start it with --replSet NAME and run rs.initiate() once; one member is enough.`,
      );
    }
    if (Number(hello['maxWireVersion']) < LEAST_WIRE_VERSION) {
      throw new StoreError('STORE_UNAVAILABLE', `The MongoDB server at ${hosts} is older than 6.0, which the store needs.`);
    }
    return { client, database: databaseOf(uri) };
  } catch (error) {
    await client.close();
    if (error instanceof StoreError) throw error;
    throw new StoreError('STORE_UNAVAILABLE', `No MongoDB primary answered at ${hosts}${reasonOf(error)}`, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return `: ${String(error)}`;
  if (error instanceof MongoServerSelectionError) {
    const servers = [...(error.reason?.servers.values() ?? [])];
    if (servers.some(({ type }) => type === 'RSGhost')) return ': the server was started with --replSet and waits for rs.initiate().';
    const cause = servers.find((server) => server.error !== null)?.error?.message;
    // The driver passes over, without a word, a server that is no member of the replica set that the URI names.
    if (servers.length === 0 && error.reason?.setName) {
      return `: what answers there is no member of the replica set ${error.reason.setName} that the URI names. A standalone server is none: start it with --replSet NAME and run rs.initiate() once.`;
    }
    if (cause !== undefined) return `: ${withoutCredentials(cause)}. Is it running, and is the address right?`;
  }
  return `: ${withoutCredentials(error.message)}`;
}

function databaseOf(uri: string): string {
  const path = /^[^/]+\/\/[^/?]+\/([^?]+)/.exec(uri)?.[1];
  return path === undefined ? DEFAULT_DATABASE : decodeURIComponent(path);
}
