import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { afterAll, describe, inject } from 'vitest';
import { openStore } from './open.ts';
import type { StoreOptions } from './open.ts';
import type { AnyCollection, Store } from './port.ts';

/** Stores for one suite; all that it opened is closed and removed after it. */
export interface TestStores {
  readonly name: 'LMDB' | 'MongoDB';
  /** A place of its own for `openStore`: a temporary folder, or a database of a random name. */
  readonly newLocation: () => string;
  /** Opens a store at this location, or at a new one. */
  readonly open: (collections: readonly AnyCollection[], options?: StoreOptions & { readonly at?: string }) => Promise<Store>;
}

interface Found {
  readonly uri: string | null;
  readonly reason: string | null;
  readonly neverSkip: boolean;
}

/** The MongoDB server of this test run, as the base of a URI without a database; or why there is none. */
export async function findTestMongodb(): Promise<Found> {
  const response = await fetch(inject('mongodbBroker'));
  return (await response.json()) as Found;
}

/**
 * Declares a suite for each adapter. The MongoDB half is skipped, with the reason in its title, where there is no
 * server, and fails on continuous integration.
 * @example await describeOnEachStore('sessions', ({ open }) => { it('…', async () => { const store = await open([sessions]); … }); });
 */
export async function describeOnEachStore(title: string, suite: (stores: TestStores) => void): Promise<void> {
  const { uri, reason, neverSkip } = await findTestMongodb();
  if (uri === null && neverSkip) {
    throw new Error(`Nothing is skipped on continuous integration, and there is no MongoDB server: ${reason}`);
  }
  describe(`${title} on LMDB`, () => {
    suite(createStores('LMDB', null));
  });
  describe.skipIf(uri === null)(`${title} on MongoDB${reason === null ? '' : ` (${reason})`}`, () => {
    suite(createStores('MongoDB', uri));
  });
}

/** Stores of one adapter, for a suite that is not run on each. Call it inside a `describe`. */
export function createStores(name: TestStores['name'], uri: string | null): TestStores {
  const stores: Store[] = [];
  const cleanups: (() => Promise<void> | void)[] = [];
  const newLocation = (): string => {
    if (uri === null) {
      const folder = mkdtempSync(join(tmpdir(), 'loopgraph-'));
      cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
      return `lmdb:${folder}`;
    }
    const database = `test_${randomBytes(8).toString('hex')}`;
    cleanups.push(async () => {
      const client = await MongoClient.connect(uri);
      await client.db(database).dropDatabase();
      await client.close();
    });
    // Not by URL, which takes one host only.
    const [, server = uri, options = ''] = /^([^/]+\/\/[^/?]+)[^?]*(\?.*)?$/.exec(uri) ?? [];
    return `${server}/${database}${options}`;
  };
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()));
    for (const cleanup of cleanups) await cleanup();
  });
  return {
    name,
    newLocation,
    open: async (collections, { at = newLocation(), ...options } = {}) => {
      const store = await openStore(at, collections, options);
      stores.push(store);
      return store;
    },
  };
}
