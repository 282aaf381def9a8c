import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLmdb } from '../store/lmdb.ts';
import { defineCollection, type Document, type Store } from '../store/port.ts';
import { createConnectionLoader, joinConnections, scanConnection } from './connection.ts';

interface Note extends Document {
  readonly topic: string;
  readonly rank: number;
}

const notes = defineCollection<Note, 'byTopic'>('test.notes', { byTopic: (note) => [note.topic, note.rank] });

let folder: string;
let store: Store;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'connection-'));
  store = await openLmdb(folder, [notes]);
  await store.commit(async (transaction) => {
    for (let rank = 0; rank < 50; rank += 1) {
      transaction.put(notes, { id: `even-${rank}`, topic: rank % 2 === 0 ? 'even' : 'odd', rank });
    }
  });
});

afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const ranks = (page: { nodes: readonly Note[] }): number[] => page.nodes.map(({ rank }) => rank);
const codeOf = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    (error: { extensions?: { code?: string } }) => error.extensions?.code,
  );

describe('scanConnection', () => {
  it('walks a list page by page, forwards and backwards, each entry once', async () => {
    for (const reverse of [false, true]) {
      const seen: number[] = [];
      let after: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof scanConnection<Note>>> = await scanConnection(store, notes.byTopic, { prefix: ['even'], reverse }, { first: 7, after });
        expect(page.pageInfo.hasPreviousPage).toBe(after !== null);
        seen.push(...ranks(page));
        after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
      } while (after !== null);
      const expected = Array.from({ length: 25 }, (_, place) => place * 2);
      expect(seen).toEqual(reverse ? expected.toReversed() : expected);
    }
  });

  it('keeps its place when entries come in between pages', async () => {
    const first = await scanConnection(store, notes.byTopic, { prefix: ['odd'] }, { first: 3 });
    await store.commit(async (transaction) => transaction.put(notes, { id: 'late', topic: 'odd', rank: 0.5 }));
    const next = await scanConnection(store, notes.byTopic, { prefix: ['odd'] }, { first: 2, after: first.pageInfo.endCursor });
    expect(ranks(next)).toEqual([7, 9]);
  });

  it('counts only when asked', async () => {
    const before = store.commands();
    const page = await scanConnection(store, notes.byTopic, { prefix: ['even'] }, { first: 1 });
    expect(store.commands() - before).toBe(1);
    expect(await page.totalCount()).toBe(25);
    expect(store.commands() - before).toBe(2);
  });

  it('refuses a bad cursor, a cursor of another query and a page over the cap', async () => {
    const { pageInfo } = await scanConnection(store, notes.byTopic, { prefix: ['even'] }, { first: 1 });
    const ask = (prefix: string, page: object): Promise<unknown> => scanConnection(store, notes.byTopic, { prefix: [prefix] }, page);
    expect(await codeOf(ask('even', { after: 'nonsense' }))).toBe('BAD_CURSOR');
    expect(await codeOf(ask('odd', { after: pageInfo.endCursor }))).toBe('CURSOR_OF_ANOTHER_QUERY');
    expect(await codeOf(ask('even', { first: 1_001 }))).toBe('PAGE_TOO_LARGE');
    expect(await codeOf(ask('even', { first: -1 }))).toBe('BAD_ARGUMENT');
  });
});

describe('createConnectionLoader', () => {
  it('loads the pages of many parents in one store command, and their counts in another', async () => {
    const loader = createConnectionLoader(store, notes.byTopic);
    const before = store.commands();
    const pages = await Promise.all(['even', 'odd', 'neither'].map((topic) => loader.load({ prefix: [topic], first: 2 })));
    expect(store.commands() - before).toBe(1);
    expect(pages.map((page) => page.nodes.length)).toEqual([2, 2, 0]);
    await Promise.all(pages.map((page) => page.totalCount()));
    expect(store.commands() - before).toBe(2);
  });
});

describe('joinConnections', () => {
  it('walks one list and then the next', async () => {
    const lists = ['even', 'odd'].map((topic) => (page: object) => scanConnection(store, notes.byTopic, { prefix: [topic] }, page));
    const seen: number[] = [];
    let after: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof joinConnections<Note>>> = await joinConnections(lists, { first: 10, after });
      seen.push(...ranks(page));
      expect(await page.totalCount()).toBe(51);
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after !== null);
    expect(seen.length).toBe(51);
    expect(new Set(seen).size).toBe(51);
  });
});
