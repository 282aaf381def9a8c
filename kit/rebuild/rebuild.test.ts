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
    await applyContributions(transaction, buckets, taken.flatMap(({ at }) => ['all', 'others', 'same'].map((entity) => ({ entity, at, counts: { visits: 1 } }))), []);
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
    isLeftover: (collection, document: Document & { readonly packed?: Uint8Array }) => collection === buckets.name && document.packed?.length === 0,
  },
};

await describeOnEachStore('computing documents anew', ({ open }) => {
  const seed = async (): Promise<Store> => {
    const store = await open(subgraph.collections);
    await count(store, Array.from({ length: 1_200 }, (_, place) => ({ id: `visit ${place}`, at: place * 60_000, order: place })));
    return store;
  };
  const monthOf = async (store: Store, entity: string) => {
    const [month] = await store.get(buckets, [`${entity}|T|0`]);
    if (month == null) throw new Error(`expected the first month of ${entity}`);
    return month;
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
    const [all, others, same] = [await monthOf(store, 'all'), await monthOf(store, 'others'), await monthOf(store, 'same')];
    await store.commit(async (transaction) => {
      transaction.put(buckets, { ...all, packed: all.packed.slice(0, -4) });
      transaction.put(buckets, { ...same, id: 'nobody|T|0' });
      transaction.put(buckets, { id: 'empty|T|0', packed: new Uint8Array() });
      transaction.remove(buckets, others.id);
    });
    const found: string[] = [];
    const mended = await rebuild(subgraph, store, await open(subgraph.collections), {
      mend: true,
      onDifference: ({ id, kept, computed, fields }) => found.push(`${id} ${kept === null ? 'lost' : computed === null ? 'added' : fields.join()}`),
    });
    expect(found).toEqual([`${all.id} packed`, 'nobody|T|0 added', `${others.id} lost`]);
    expect(mended?.mended).toBe(3);
    expect(await store.get(buckets, [all.id, others.id, 'nobody|T|0'])).toEqual([all, others, null]);
    expect(await store.get(visits, ['visit 7'])).toEqual([{ id: 'visit 7', at: 420_000, order: 7 }]);
    const again = await rebuild(subgraph, store, await open(subgraph.collections));
    expect(again?.collections.map(({ different }) => different)).toEqual([0, 0]);
  });

  it('compares nothing of a subgraph that does not say how its documents follow', async () => {
    expect(await rebuild(plain, await seed(), await open(subgraph.collections))).toBeNull();
  });
});
