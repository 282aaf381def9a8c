import { buildSubgraphSchema } from '@apollo/subgraph';
import fc from 'fast-check';
import { graphql, parse } from 'graphql';
import { expect, it } from 'vitest';
import { toNameId } from '../../kit/graph/id.ts';
import { createPseudonym } from '../../kit/ingest/pseudonym.ts';
import { describeOnEachStore } from '../../kit/store/test-stores.ts';
import type { Surroundings } from '../../kit/subgraph.ts';
import type { NoteEvent } from './events.ts';
import { template } from './index.ts';
import { receiveNotes } from './store.ts';

const NOW = Date.UTC(2024, 5, 1);
const schema = buildSubgraphSchema([{ typeDefs: parse(template.typeDefs), resolvers: template.resolvers as Record<string, never> }]);

const note = (number: number, over: Partial<NoteEvent> = {}): NoteEvent => ({
  source: 'desk',
  id: `n${number}`,
  team: `t${number % 2}`,
  text: `note ${number}`,
  writtenAt: new Date(NOW - number * 1000).toISOString(),
  ...over,
});

const NOTES = `query ($of: [_Any!]!, $first: Int!, $after: String) { _entities(representations: $of) { ... on Team { notes(first: $first, after: $after) {
  nodes { id text writtenAt team { id } } pageInfo { hasNextPage endCursor } totalCount } } } }`;

await describeOnEachStore('notes', ({ open }) => {
  const start = async () => {
    const store = await open(template.collections);
    const surroundings: Surroundings = { store, pseudonym: createPseudonym('test'), now: () => NOW };
    const ask = async (variables: Record<string, unknown>) => {
      const { data, errors } = await graphql({
        schema,
        source: NOTES,
        variableValues: { first: 20, ...variables },
        contextValue: { ...surroundings, loaders: template.createLoaders(surroundings) },
      });
      if (errors?.[0]) throw errors[0];
      return (data as { _entities: { notes: { nodes: { text: string }[]; pageInfo: { endCursor: string }; totalCount: number } }[] })._entities;
    };
    return { store, ask, send: (events: readonly unknown[]) => receiveNotes(surroundings, events) };
  };
  const team = (number: number) => ({ __typename: 'Team', id: toNameId('Team', `t${number}`) });

  it('hang from their team, the newest first, page by page', async () => {
    const { ask, send } = await start();
    expect(await send([1, 3, 5, 2].map((n) => note(n)))).toEqual({ accepted: 4, repeated: 0, rejected: [] });
    const [page] = await ask({ of: [team(1)], first: 2 });
    expect(page?.notes).toMatchObject({ totalCount: 3, nodes: [{ text: 'note 1' }, { text: 'note 3' }], pageInfo: { hasNextPage: true } });
    const [next] = await ask({ of: [team(1)], first: 2, after: page?.notes.pageInfo.endCursor });
    expect(next?.notes.nodes).toMatchObject([{ text: 'note 5', team: { id: team(1).id } }]);
  });

  it('are refused with their field where they are wrong, and the others are taken', async () => {
    const { send } = await start();
    const future = new Date(NOW + 2 * 86_400_000).toISOString();
    const receipt = await send([note(1), note(1), note(1, { text: 'else' }), note(2, { writtenAt: future }), { ...note(3), team: 7 }]);
    expect(receipt).toMatchObject({ accepted: 1, repeated: 1 });
    expect(receipt.rejected.map(({ index, code, field }) => [index, code, field])).toEqual([
      [2, 'EVENT_CONFLICT', 'id'],
      [3, 'EVENT_IN_FUTURE', 'writtenAt'],
      [4, 'EVENT_INVALID', 'team'],
    ]);
  });

  it('keep no mail address', async () => {
    const { ask, send } = await start();
    await send([note(1, { text: 'ask ann@example.org' })]);
    const [page] = await ask({ of: [team(1)] });
    expect(page?.notes.nodes[0]?.text).toMatch(/^ask person:[\w-]{22}$/);
  });

  it('are the same in any order, with repeats, in any batches', async () => {
    const read = async (batches: readonly (readonly unknown[])[]) => {
      const { store, ask, send } = await start();
      for (const batch of batches) await send(batch);
      const answer = await ask({ of: [team(0), team(1)] });
      await store.close();
      return answer;
    };
    const events = [1, 2, 3, 4, 5, 6].map((n) => note(n));
    const expected = await read([events]);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([...events, ...events], { minLength: 12 }), fc.nat({ max: 12 }), async (order, cut) => {
        expect(await read([order.slice(0, cut), order.slice(cut)])).toEqual(expected);
      }),
      { numRuns: 4 },
    );
  });

  it('cost as many store commands for a hundred teams as for two', async () => {
    const { store, ask, send } = await start();
    await send([1, 2].map((n) => note(n)));
    const count = async (teams: number) => {
      const before = store.commands();
      await ask({ of: Array.from({ length: teams }, (_, n) => team(n)) });
      return store.commands() - before;
    };
    expect(await count(100)).toBe(await count(2));
  });
});
