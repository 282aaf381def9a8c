import { expect, it } from 'vitest';
import { defineCollection } from './port.ts';
import type { Document, Key } from './port.ts';
import type { TestStores } from './test-stores.ts';

interface Item extends Document {
  readonly color: string;
  readonly size: number | null;
}

const COUNT = 4_500;
const plain = defineCollection<Item>('contract.items', {});
const bySize = (item: Item): Key | null => (item.size === null ? null : [item.size]);
const indexed = defineCollection('contract.items', { bySize });
const changed = defineCollection('contract.items', { bySize: [2, (item: Item) => [item.color, item.size]] });
const other = defineCollection<Item>('contract.other', {});

const items: Item[] = Array.from({ length: COUNT }, (_, at) => ({ id: `item ${at}`, color: at % 2 === 0 ? 'red' : 'blue', size: at % 5 === 0 ? null : COUNT - at }));

export function describeIndexChanges({ open, newLocation }: TestStores): void {
  it('build a new index over a full collection, build a changed one anew, and drop one that is gone', async () => {
    const at = newLocation();
    const first = await open([plain], { at });
    await first.commit(async (transaction) => {
      for (const item of items) transaction.put(plain, item);
    });
    await first.close();

    const second = await open([indexed], { at });
    const sized = items.filter((item) => item.size !== null).toSorted((a, b) => (a.size as number) - (b.size as number));
    const entries = await second.scan(indexed.bySize, { limit: COUNT });
    expect(entries.map(({ document }) => document)).toEqual(sized);
    await second.commit(async (transaction) => transaction.put(indexed, { id: 'item 1', color: 'blue', size: null }));
    await second.close();

    const third = await open([changed], { at });
    expect(await third.countEach(changed.bySize, [['red'], ['blue'], []], { limit: COUNT })).toEqual([COUNT / 2, COUNT / 2, COUNT]);
    expect((await third.scan(changed.bySize, { prefix: ['blue', null], limit: COUNT })).map(({ document }) => document.id)).toContain('item 1');
    await third.close();

    const fourth = await open([plain], { at });
    await fourth.commit(async (transaction) => transaction.put(plain, { id: 'item 2', color: 'green', size: 1 }));
    await fourth.close();

    const fifth = await open([changed], { at });
    expect(await fifth.countEach(changed.bySize, [['red'], ['blue'], ['green']], { limit: COUNT })).toEqual([COUNT / 2 - 1, COUNT / 2, 1]);
  });

  it('leave collections as they are that are not declared', async () => {
    const at = newLocation();
    const first = await open([indexed], { at });
    await first.commit(async (transaction) => transaction.put(indexed, { id: 'kept', color: 'red', size: 1 }));
    await first.close();
    const second = await open([other], { at });
    await second.commit(async (transaction) => transaction.put(other, { id: 'kept', color: 'blue', size: 2 }));
    await second.close();
    const third = await open([other, indexed], { at });
    expect((await third.scan(indexed.bySize, { limit: 9 })).map(({ document }) => document)).toEqual([{ id: 'kept', color: 'red', size: 1 }]);
    expect(await third.get(other, ['kept'])).toEqual([{ id: 'kept', color: 'blue', size: 2 }]);
  });

  it.each([
    ['two collections of one name', [plain, indexed], 'Two collections are named "contract.items"'],
    ['a collection without a name', [defineCollection('', {})], "A collection's name must match"],
    ['a collection with a name of the store', [defineCollection('loopgraph.meta', {})], "none of the store's own"],
    ['an index with a dot in its name', [defineCollection('contract.dots', { 'a.b': () => [1] })], "An index's name must match"],
    ['an index of version 0', [defineCollection('contract.zero', { zero: [0, () => [1]] })], "An index's version must be a whole number from 1"],
  ])('refuse %s', async (_, collections, message) => {
    await expect(open(collections)).rejects.toThrow(message);
  });
}
