import { afterAll, beforeAll, expect, it } from 'vitest';
import { createGatherer } from '../kit/ingest/gather.ts';
import { defineCollection } from '../kit/store/port.ts';
import type { Document } from '../kit/store/port.ts';
import { defineSubgraph } from '../kit/subgraph.ts';
import type { Running } from './start.ts';
import { ask, createFolder, startTest } from './test-gateway.ts';

const letters = defineCollection('letters.letters', { byId: (letter: Document) => [letter.id] });

/** Takes everything in one commit, and fails as a whole where one of them is poison. */
const take = createGatherer<string, 'accepted'>((store, ids) =>
  store.commit(async (transaction) => {
    for (const id of ids) {
      if (id === 'poison') throw new TypeError('what no receiver should throw');
      transaction.put(letters, { id });
    }
    return ids.map(() => 'accepted');
  }),
);

const lettersSubgraph = defineSubgraph({
  name: 'letters',
  typeDefs: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
    type Query { letter(id: ID!): ID }
    interface Node { id: ID! }
    type Letter implements Node @key(fields: "id") { id: ID! }`,
  resolvers: { Query: { letter: () => null } },
  collections: [letters],
  createLoaders: () => ({}),
  receivers: {
    letter: async ({ store }, events) => {
      const accepted = await take(store, events.map((event) => (event as { readonly id: string }).id));
      return { accepted: accepted.length, repeated: 0, rejected: [] };
    },
  },
});

let folder: Awaited<ReturnType<typeof createFolder>>;
let running: Running;

beforeAll(async () => {
  folder = await createFolder();
  running = await startTest({ STORE: `lmdb:${folder.path}` }, { subgraphs: [lettersSubgraph] });
});
afterAll(async () => {
  await running.close();
  await folder.remove();
});

it('an event that makes its receiver throw is answered 500 alone: those gathered with it and behind it are taken', async () => {
  const send = (id: string) => ask(`${running.address}/subgraphs/letters/events`, `${JSON.stringify({ kind: 'letter', event: { id } })}\n`);
  const ids = Array.from({ length: 60 }, (_, place) => (place % 20 === 7 ? 'poison' : `letter ${place}`));
  const answers = await Promise.all(ids.map(send));
  expect(answers.map(({ status }) => status)).toEqual(ids.map((id) => (id === 'poison' ? 500 : 200)));
  expect(running.failures.count()).toBe(3);
  expect((await send('behind')).status).toBe(200);
  const kept = await running.store?.scan(letters.byId, { limit: 100 });
  expect(kept?.map(({ document }) => document.id).toSorted()).toEqual([...ids.filter((id) => id !== 'poison'), 'behind'].toSorted());
});
