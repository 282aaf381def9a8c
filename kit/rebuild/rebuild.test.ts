import { expect, it } from 'vitest';
import { applyContributions, defineBuckets } from '../rollup/rollup.ts';
import { defineCollection } from '../store/port.ts';
import type { Document, Store } from '../store/port.ts';
import { describeOnEachStore } from '../store/test-stores.ts';
import { defineSubgraph } from '../subgraph.ts';
import type { Subgraph } from '../subgraph.ts';
import { rebuild } from './rebuild.ts';

interface Visit extends Document {
  readonly at: number;
  readonly order: number;
}

const visits = defineCollection<Visit>('visits.visits', {});
const buckets = defineBuckets('visits.buckets');

async function count(store: Store, taken: readonly Visit[]): Promise<void> {
  await store.commit(async (transaction) => {
    for (const visit of taken) transaction.put(visits, visit);
    await applyContributions(transaction, buckets, taken.map(({ at }) => ({ entity: 'all', at, counts: { visits: 1 } })), []);
  });
}

const plain: Subgraph = defineSubgraph({
  name: 'visits',
  typeDefs: '',
  resolvers: {},
  collections: [visits, buckets],
  createLoaders: () => ({}),
  receivers: {},
});
const subgraph: Subgraph = {
  ...plain,
  rebuild: {
    async replay(kept, into) {
      for await (const page of kept.all(visits)) await count(into, page.map((visit) => ({ ...visit, order: 0 })));
    },
    undetermined: [{ collection: visits.name, fields: ['order'], reason: 'who came first is not kept' }],
    isLeftover: (collection, document: Document & { readonly counts?: object }) => collection === buckets.name && Object.keys(document.counts ?? {}).length === 0,
  },
};

await describeOnEachStore('computing documents anew', ({ open }) => {
  const seed = async (): Promise<Store> => {
    const store = await open(subgraph.collections);
    await count(store, Array.from({ length: 1_200 }, (_, place) => ({ id: `visit ${place}`, at: place * 60_000, order: place })));
    return store;
  };
  const bucketOf = async (store: Store, level: string) => {
    const [bucket] = await store.get(buckets, [`all|${level}|0`]);
    if (bucket == null) throw new Error(`expected the bucket of the first ${level}`);
    return bucket;
  };

  it('finds nothing in a store that is as its facts say, and says what it cannot know', async () => {
    const summary = await rebuild(subgraph, await seed(), await open(subgraph.collections), { onDifference: (difference) => expect(difference).toBeNull() });
    expect(summary).toMatchObject({
      collections: [{ name: 'visits.visits', documents: 1_200, different: 0 }, { name: 'visits.buckets', different: 0 }],
      undetermined: ['visits.visits: order: who came first is not kept'],
    });
  });

  it('names each document that was changed, lost or added, and puts it right when it is told to', async () => {
    const store = await seed();
    const [quarter, hour, day] = [await bucketOf(store, 'Q'), await bucketOf(store, 'H'), await bucketOf(store, 'D')];
    await store.commit(async (transaction) => {
      transaction.put(buckets, { ...hour, counts: { visits: 61 } });
      transaction.put(buckets, { ...quarter, id: 'nobody|Q|0', entity: 'nobody' });
      transaction.put(buckets, { ...quarter, id: 'empty|Q|0', entity: 'empty', counts: {} });
      transaction.remove(buckets, day.id);
    });
    const found: string[] = [];
    const mended = await rebuild(subgraph, store, await open(subgraph.collections), {
      mend: true,
      onDifference: ({ id, kept, computed, fields }) => found.push(`${id} ${kept === null ? 'lost' : computed === null ? 'added' : fields.join()}`),
    });
    expect(found).toEqual([`${day.id} lost`, `${hour.id} counts`, 'nobody|Q|0 added']);
    expect(mended?.mended).toBe(3);
    expect(await store.get(buckets, [hour.id, day.id, 'nobody|Q|0'])).toEqual([hour, day, null]);
    expect(await store.get(visits, ['visit 7'])).toEqual([{ id: 'visit 7', at: 420_000, order: 7 }]);
    const again = await rebuild(subgraph, store, await open(subgraph.collections));
    expect(again?.collections.map(({ different }) => different)).toEqual([0, 0]);
  });

  it('compares nothing of a subgraph that does not say how its documents follow', async () => {
    expect(await rebuild(plain, await seed(), await open(subgraph.collections))).toBeNull();
  });
});
