import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { comparePositions } from './key.ts';
import { defineCollection } from './port.ts';
import type { Document, Entry, Key, KeyPart, Range, Store } from './port.ts';
import type { TestStores } from './test-stores.ts';

interface Row extends Document {
  readonly key: Key | null;
}
interface Child extends Document {
  readonly parent: string | null;
  readonly at: number;
}

const rows = defineCollection('contract.rows', { byKey: (row: Row) => row.key });
const children = defineCollection('contract.children', {
  byParent: (child: Child) => (child.parent === null ? null : [child.parent, child.at]),
  byTime: (child: Child) => [child.at],
});

const STRINGS = ['', 'a', 'A', 'ab', 'b', 'a\0', '\0', '\u0001', '\u0005', '\u0006', 'ä', 'a\u0308', 'Ä', '\ue000', '\uffff', '😀', '$', '.', '__proto__', 'x'.repeat(2_000), `y${'x'.repeat(1_999)}`, 'é'.repeat(1_000)];
const NUMBERS = [0, -0, 1, -1, 0.5, 2 ** 31, -(2 ** 53), 2 ** 53, Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE];
const PARTS: readonly KeyPart[] = [null, ...NUMBERS, ...STRINGS];

const part = fc.constantFrom(...PARTS);
const few = fc.constantFrom<KeyPart>(null, 0, 1, 'a', 'A', 'ä');

function compareParts(a: KeyPart, b: KeyPart): number {
  const rank = (value: KeyPart): number => (value === null ? 0 : typeof value === 'number' ? 1 : 2);
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return rank(a) - rank(b);
}

/** The rows of a range, by the port's words and nothing else. */
function scanNaively(all: readonly Row[], positions: ReadonlyMap<string, string>, range: Range): string[] {
  const { prefix = [], from, to, after, before, reverse, limit } = range;
  const inside = all.filter(({ id, key }) => {
    if (key === null || key.length < prefix.length) return false;
    if (!prefix.every((value, at) => compareParts(value, key[at] as KeyPart) === 0)) return false;
    const next = key[prefix.length];
    if (from !== undefined && (next === undefined || compareParts(next, from) < 0)) return false;
    if (to !== undefined && next !== undefined && compareParts(next, to) >= 0) return false;
    const position = positions.get(id) as string;
    return (after === undefined || comparePositions(position, after) > 0) && (before === undefined || comparePositions(position, before) < 0);
  });
  inside.sort((a, b) => {
    const left = a.key ?? [];
    const right = b.key ?? [];
    for (let at = 0; at < Math.min(left.length, right.length); at++) {
      const order = compareParts(left[at] as KeyPart, right[at] as KeyPart);
      if (order !== 0) return order;
    }
    return left.length - right.length || Buffer.compare(Buffer.from(a.id), Buffer.from(b.id));
  });
  if (reverse === true) inside.reverse();
  return inside.slice(0, limit).map(({ id }) => id);
}

const toIds = (entries: readonly Entry<Document>[]): string[] => entries.map(({ document }) => document.id);

export function describeScans({ open, name }: TestStores): void {
  let store: Store;
  const sent: string[] = [];

  beforeAll(async () => {
    store = await open([rows, children], { onCommand: (command) => sent.push(command) });
    await store.commit(async (transaction) => {
      for (let parent = 0; parent < 1_000; parent++) {
        for (let at = 0; at < 12; at++) transaction.put(children, { id: `${parent}/${at}`, parent: at === 0 ? null : `parent ${parent}`, at });
      }
    });
  });

  /** What was read, and the names of the commands that it took. */
  async function watch<T>(read: () => Promise<T>): Promise<{ result: T; commands: number; names: string[] }> {
    const before = store.commands();
    sent.length = 0;
    const result = await read();
    return { result, commands: store.commands() - before, names: [...sent] };
  }

  it('of every kind of range give what a naive reading of the port gives', async () => {
    const key = fc.oneof(fc.tuple(part), fc.tuple(few, part), fc.tuple(few, few, part), fc.constant([] as Key), fc.constant(null));
    const all: Row[] = fc.sample(key, { numRuns: 300, seed: 7 }).map((value, at) => ({ id: `${at % 2 === 0 ? 'r' : 'R'}${at}`, key: value }));
    await store.commit(async (transaction) => {
      for (const row of all) transaction.put(rows, row);
    });
    const positions = new Map((await store.scan(rows.byKey, { limit: 1_000 })).map(({ position, document }) => [document.id, position]));
    expect(positions.size).toBe(all.filter((row) => row.key !== null).length);
    const position = fc.constantFrom(...positions.values());
    const range: fc.Arbitrary<Range> = fc.record(
      { prefix: fc.oneof(fc.constant([]), fc.tuple(few), fc.tuple(few, few), fc.tuple(part)), from: part, to: part, after: position, before: position, reverse: fc.boolean(), limit: fc.oneof(fc.integer({ min: 1, max: 10 }), fc.constant(1_000)) },
      { requiredKeys: ['limit'] },
    );
    await fc.assert(
      fc.asyncProperty(range, async (asked) => {
        expect(toIds(await store.scan(rows.byKey, asked))).toEqual(scanNaively(all, positions, asked));
      }),
      { numRuns: 400 },
    );
    await fc.assert(
      fc.asyncProperty(range, async (asked) => {
        const inside = await store.commit((transaction) => transaction.scan(rows.byKey, asked));
        expect(toIds(inside)).toEqual(scanNaively(all, positions, asked));
      }),
      { numRuns: 50 },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.tuple(few), fc.tuple(few, few), fc.tuple(part)), { maxLength: 8 }), range, async (prefixes, { from, to, reverse, limit }) => {
        const bounds = { limit, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }), ...(reverse === undefined ? {} : { reverse }) };
        const expected = prefixes.map((prefix) => scanNaively(all, positions, { ...bounds, prefix }));
        expect((await store.scanEach(rows.byKey, prefixes, bounds)).map(toIds)).toEqual(expected);
        expect(await store.countEach(rows.byKey, prefixes, bounds)).toEqual(expected.map((ids) => ids.length));
      }),
      { numRuns: 100 },
    );
  });

  it('leave out documents whose key is null, and begin with parts that are null', async () => {
    expect(toIds(await store.scan(children.byParent, { prefix: ['parent 7'], limit: 2 }))).toEqual(['7/1', '7/2']);
    await store.commit(async (transaction) => {
      for (const [id, value] of [['null', null], ['zero', 0], ['least', -Number.MAX_VALUE], ['empty', '']] as const) {
        transaction.put(rows, { id, key: ['nulls', value] });
      }
      transaction.put(rows, { id: 'out', key: null });
    });
    expect(toIds(await store.scan(rows.byKey, { prefix: ['nulls'], limit: 9 }))).toEqual(['null', 'least', 'zero', 'empty']);
    expect(toIds(await store.scan(rows.byKey, { prefix: ['nulls', null], limit: 9 }))).toEqual(['null']);
  });

  it('tell long strings apart that begin alike', async () => {
    const stem = 'ä'.repeat(1_000);
    await store.commit(async (transaction) => {
      for (const end of ['', 'x', 'y']) transaction.put(rows, { id: `long ${end}`, key: ['long', stem + end] });
    });
    for (const end of ['', 'x', 'y']) {
      expect(toIds(await store.scan(rows.byKey, { prefix: ['long', stem + end], limit: 9 }))).toEqual([`long ${end}`]);
    }
  });

  it('take one command', async () => {
    const { result, commands, names } = await watch(() => store.scan(children.byTime, { limit: 10_000 }));
    expect(result).toHaveLength(10_000);
    expect(commands).toBe(1);
    expect(names).toEqual(name === 'MongoDB' ? ['find'] : []);
  });

  it('give the page of each of 1,000 parents in one command', async () => {
    const prefixes = Array.from({ length: 1_000 }, (_, parent): Key => [`parent ${parent}`]);
    const { result, commands, names } = await watch(() => store.scanEach(children.byParent, prefixes, { from: 3, reverse: true, limit: 5 }));
    expect(result.map(toIds)).toEqual(prefixes.map((_, parent) => [11, 10, 9, 8, 7].map((at) => `${parent}/${at}`)));
    expect(commands).toBe(1);
    expect(names).toEqual(name === 'MongoDB' ? ['aggregate'] : []);
  });

  it('give the position at which a page of one parent continues', async () => {
    const [page] = await store.scanEach(children.byParent, [['parent 5']], { limit: 4 });
    const after = page?.at(-1)?.position as string;
    expect(toIds(await store.scan(children.byParent, { prefix: ['parent 5'], after, limit: 3 }))).toEqual(['5/5', '5/6', '5/7']);
  });

  it('count under each of 1,000 prefixes in one command, up to the limit', async () => {
    const prefixes = Array.from({ length: 1_000 }, (_, parent): Key => [`parent ${parent * 2}`]);
    const { result, commands, names } = await watch(() => store.countEach(children.byParent, prefixes, { from: 3, limit: 7 }));
    expect(result).toEqual(prefixes.map((_, at) => (at < 500 ? 7 : 0)));
    expect(commands).toBe(1);
    expect(names).toEqual(name === 'MongoDB' ? ['aggregate'] : []);
  });

  it('read 1,000 documents by id in one command', async () => {
    const ids = Array.from({ length: 1_000 }, (_, parent) => `${parent}/3`);
    const { result, commands, names } = await watch(() => store.get(children, ids));
    expect(result.map((child) => child?.id)).toEqual(ids);
    expect(commands).toBe(1);
    expect(names).toEqual(name === 'MongoDB' ? ['find'] : []);
  });

  it('take the same prefix twice, and none', async () => {
    const page = ['3/1', '3/2'];
    expect((await store.scanEach(children.byParent, [['parent 3'], ['none'], ['parent 3']], { limit: 2 })).map(toIds)).toEqual([page, [], page]);
    expect(await store.scanEach(children.byParent, [], { limit: 2 })).toEqual([]);
    expect(await store.countEach(children.byParent, [], { limit: 2 })).toEqual([]);
  });

  it('take 10,000 prefixes of the longest kind, and refuse more', async () => {
    const prefixes = Array.from({ length: 10_000 }, (_, at): Key => [`${'é'.repeat(1_000)}${at}`]);
    expect(await store.countEach(children.byParent, prefixes, { limit: 1 })).toEqual(prefixes.map(() => 0));
    await expect(store.scanEach(children.byParent, [...prefixes, ['x']], { limit: 1 })).rejects.toThrow(RangeError);
  });

  it('give pages that neither miss nor repeat what was there, while others insert between them', async () => {
    const put = (at: number, id: string): Promise<void> => store.commit(async (transaction) => transaction.put(children, { id, parent: 'paged', at }));
    for (let at = 0; at < 20; at += 2) await put(at, `paged/${at}`);
    for (const reverse of [false, true]) {
      const seen: string[] = [];
      let edge: string | undefined;
      for (let page = 0; ; page++) {
        const bound = edge === undefined ? {} : reverse ? { before: edge } : { after: edge };
        const entries = await store.scan(children.byParent, { prefix: ['paged'], limit: 3, reverse, ...bound });
        seen.push(...toIds(entries));
        if (entries.length < 3) break;
        edge = entries.at(-1)?.position;
        await put(-1 - page, `before/${reverse}/${page}`);
        await put(100 + page, `behind/${reverse}/${page}`);
      }
      const old = seen.filter((id) => id.startsWith('paged/'));
      const expected = Array.from({ length: 10 }, (_, at) => `paged/${at * 2}`);
      expect(old).toEqual(reverse ? expected.toReversed() : expected);
      expect(new Set(seen).size).toBe(seen.length);
    }
  });

  it('find a document where its newest version stands, and nowhere else', async () => {
    const put = (child: Child): Promise<void> => store.commit(async (transaction) => transaction.put(children, child));
    await put({ id: 'mover', parent: 'here', at: 1 });
    await put({ id: 'mover', parent: 'there', at: 2 });
    expect((await store.scanEach(children.byParent, [['here'], ['there']], { limit: 5 })).map(toIds)).toEqual([[], ['mover']]);
    await put({ id: 'mover', parent: null, at: 3 });
    expect(await store.countEach(children.byParent, [['here'], ['there']], { limit: 5 })).toEqual([0, 0]);
  });

  it('refuse a bad limit, key or position', async () => {
    await expect(store.scan(children.byTime, { limit: 0 })).rejects.toThrow(RangeError);
    await expect(store.scan(children.byTime, { limit: 1, from: Number.NaN })).rejects.toMatchObject({ code: 'STORE_BAD_DOCUMENT' });
    await expect(store.scan(children.byTime, { limit: 1, after: '\ud800' })).rejects.toMatchObject({ code: 'STORE_BAD_DOCUMENT' });
  });

  it('take any text for a position', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (after) => {
        const entries = await store.scan(children.byTime, { after, limit: 3 });
        for (const { position } of entries) expect(comparePositions(position, after)).toBeGreaterThan(0);
      }),
      { numRuns: 50 },
    );
  });
}
