import { buildSubgraphSchema } from '@apollo/subgraph';
import fc from 'fast-check';
import { graphql, parse } from 'graphql';
import { expect, it } from 'vitest';
import { hash } from '../../kit/ingest/canonical.ts';
import { createPseudonym } from '../../kit/ingest/pseudonym.ts';
import { describeOnEachStore } from '../../kit/store/test-stores.ts';
import type { Surroundings } from '../../kit/subgraph.ts';
import { refusals, unclaimedEvents } from './documents.ts';
import type { RefusalEvent } from './events.ts';
import { intake } from './index.ts';
import { MOST_KEPT } from './ingest.ts';
import { receiveRefusals, receiveSettled, receiveUnclaimed } from './store.ts';

const START = Date.UTC(2024, 5, 1);
const schema = buildSubgraphSchema([{ typeDefs: parse(intake.typeDefs), resolvers: intake.resolvers as Record<string, never> }]);

const refusal = (over: Partial<RefusalEvent> = {}): RefusalEvent => ({
  receiver: 'OPENLINEAGE', kind: 'openlineage', code: 'EVENT_INVALID', field: 'run.runId', message: 'expected a text', body: { run: {} }, ...over,
});
const unclaimed = (id: string, type = 'com.example.change', data: unknown = { a: 1 }) => ({ specversion: '1.0', type, source: '/desk', id, data });

interface Page<T> {
  readonly nodes: readonly T[];
  readonly totalCount: number;
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
}
interface Answer {
  readonly refusals: Page<{ id: string; receiver: string; field: string; message: string; body: unknown; excerpt: string | null; times: number; canBeSentAgain: boolean; lastReceivedAt: string }>;
  readonly refusalTotals: readonly { receiver: string; kept: number; dropped: number; refused: number }[];
  readonly eventTypes: Page<{ type: string; count: number }>;
  readonly unclaimedEvents: Page<{ id: string; type: string; event: { data: unknown } }>;
}

const PAGE = 'totalCount pageInfo { hasNextPage endCursor }';
const ASK = `query ($receiver: RefusalReceiver, $type: String, $first: Int! = 20, $after: String) {
  refusals(receiver: $receiver, first: $first, after: $after) { nodes { id receiver kind code field message body excerpt times canBeSentAgain firstReceivedAt lastReceivedAt } ${PAGE} }
  refusalTotals { receiver kept dropped refused }
  eventTypes { nodes { type count firstReceivedAt lastReceivedAt } ${PAGE} }
  unclaimedEvents(type: $type) { nodes { id type source eventId time receivedAt event } ${PAGE} } }`;

await describeOnEachStore('what was not taken', ({ open }) => {
  const start = async () => {
    const store = await open(intake.collections);
    let present = START;
    const surroundings: Surroundings = { store, pseudonym: createPseudonym('test'), now: () => present };
    const run = async (source: string, variableValues: Record<string, unknown>): Promise<unknown> => {
      const { data, errors } = await graphql({ schema, source, variableValues, contextValue: { ...surroundings, loaders: intake.createLoaders(surroundings) } });
      if (errors?.[0]) throw errors[0];
      return data;
    };
    return {
      store,
      wait: (ms: number) => (present += ms),
      ask: async (variables: Record<string, unknown> = {}) => (await run(ASK, variables)) as Answer,
      find: async (__typename: string, id: string) =>
        (await run('query ($of: [_Any!]!) { _entities(representations: $of) { __typename } }', { of: [{ __typename, id }] })) as { _entities: unknown[] },
      refuse: (events: readonly unknown[]) => receiveRefusals(surroundings, events),
      send: (events: readonly unknown[]) => receiveUnclaimed(surroundings, events),
      settle: (events: readonly unknown[]) => receiveSettled(surroundings, events),
    };
  };

  it('is listed with its reason, the newest first, page by page, and once however often it came', async () => {
    const { ask, refuse, wait } = await start();
    expect(await refuse([refusal(), refusal({ receiver: 'CLOUDEVENTS', kind: 'show' })])).toEqual({ accepted: 2, repeated: 0, rejected: [] });
    wait(1_000);
    expect(await refuse([refusal({ body: { run: 1 } }), refusal({ message: 'expected another' })])).toEqual({ accepted: 1, repeated: 1, rejected: [] });
    const all = await ask();
    expect(all.refusals).toMatchObject({ totalCount: 3 });
    expect(all.refusalTotals).toEqual([
      { receiver: 'CLOUDEVENTS', kept: 1, dropped: 0, refused: 1 },
      { receiver: 'OPENLINEAGE', kept: 2, dropped: 0, refused: 3 },
    ]);
    const first = await ask({ receiver: 'OPENLINEAGE', first: 1 });
    const second = await ask({ receiver: 'OPENLINEAGE', first: 1, after: first.refusals.pageInfo.endCursor });
    expect([...first.refusals.nodes, ...second.refusals.nodes].sort((a, b) => a.times - b.times)).toMatchObject([
      { receiver: 'OPENLINEAGE', times: 1, body: { run: 1 } },
      { times: 2, body: { run: {} }, message: 'expected another', canBeSentAgain: true, firstReceivedAt: '2024-06-01T00:00:00.000Z', lastReceivedAt: '2024-06-01T00:00:01.000Z' },
    ]);
    expect(second.refusals.pageInfo.hasNextPage).toBe(false);
  });

  it('is found by its id until it is settled, and then is on no list', async () => {
    const { ask, find, refuse, send, settle } = await start();
    await refuse([refusal(), refusal({ field: 'job', body: { job: 1 } })]);
    await send([unclaimed('1'), unclaimed('2')]);
    const { refusals: refused, unclaimedEvents: waiting } = await ask();
    const ids = [refused.nodes[0]?.id ?? '', waiting.nodes[0]?.id ?? ''];
    expect(await find('Refusal', ids[0] ?? '')).toEqual({ _entities: [{ __typename: 'Refusal' }] });
    const events = [...ids, ids[0]].map((id) => ({ id }));
    expect(await settle([...events, { id: 'Show:x' }])).toMatchObject({ accepted: 2, repeated: 1, rejected: [{ index: 3, field: 'id' }] });
    expect(await find('Refusal', ids[0] ?? '')).toEqual({ _entities: [null] });
    expect(await find('UnclaimedEvent', ids[1] ?? '')).toEqual({ _entities: [null] });
    expect(await ask()).toMatchObject({ refusals: { totalCount: 1 }, unclaimedEvents: { totalCount: 1 }, eventTypes: { nodes: [{ count: 1 }] }, refusalTotals: [{ kept: 1, dropped: 0 }] });
    await refuse([refusal(), refusal({ field: 'job', body: { job: 1 } })]);
    expect(await ask()).toMatchObject({ refusals: { totalCount: 2 }, refusalTotals: [{ kept: 2 }] });
  });

  it('keeps a bounded number a receiver: the one unseen for longest makes room', async () => {
    const { ask, refuse, store, wait } = await start();
    const many = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => refusal({ body: { n: from + n } }));
    await refuse([...many(0, 400), refusal({ receiver: 'CMCD', body: 'other' })]);
    wait(1_000);
    await refuse(many(400, MOST_KEPT));
    wait(1_000);
    await refuse(many(0, 1));
    await refuse(many(MOST_KEPT, MOST_KEPT + 3));
    const { refusalTotals, refusals: { totalCount } } = await ask();
    expect(totalCount).toBe(MOST_KEPT + 1);
    expect(refusalTotals).toContainEqual({ receiver: 'OPENLINEAGE', kept: MOST_KEPT, dropped: 3, refused: MOST_KEPT + 4 });
    const kept = (await store.scan(refusals.byReceiver, { prefix: ['OPENLINEAGE'], limit: 10_000 })).map(({ document }) => document.body);
    expect(kept).toHaveLength(MOST_KEPT);
    for (const n of [0, 4, MOST_KEPT + 2]) expect(kept).toContain(`{"n":${n}}`);
    for (const n of [1, 2, 3]) expect(kept).not.toContain(`{"n":${n}}`);
    // A whole new set at once, larger than all the places.
    await refuse(many(5_000, 5_000 + MOST_KEPT + 500));
    expect((await ask()).refusalTotals).toContainEqual({ receiver: 'OPENLINEAGE', kept: MOST_KEPT, dropped: MOST_KEPT + 503, refused: 2 * MOST_KEPT + 504 });
    expect((await store.scan(refusals.byReceiver, { prefix: ['OPENLINEAGE'], limit: 10_000 }))).toHaveLength(MOST_KEPT);
  });

  it('keeps a bounded number of bytes', async () => {
    const { ask, refuse } = await start();
    const large = (n: number) => refusal({ body: { n, text: 'x'.repeat(1_000_000) } });
    for (let n = 0; n < 20; n += 5) await refuse([n, n + 1, n + 2, n + 3, n + 4].map(large));
    expect((await ask()).refusalTotals).toEqual([{ receiver: 'OPENLINEAGE', kept: 16, dropped: 4, refused: 20 }]);
    expect(await refuse([refusal({ body: 'x'.repeat(1_048_576) })])).toMatchObject({ accepted: 0, rejected: [{ code: 'EVENT_INVALID' }] });
  });

  it('holds no person and no secret', async () => {
    const { send, store, refuse } = await start();
    const body = { user: 'ann', token: 'hush', members: ['bob'], text: 'ask cat@example.org', extra: { clientIp: '10.1.2.3' } };
    await refuse([refusal({ body, field: 'dan@example.org', message: 'got eve@example.org' }), { ...refusal({ excerpt: '{"user": "fay", 12' }), body: undefined }]);
    await send([unclaimed('1', 't', body)]);
    const kept = JSON.stringify([await store.scan(refusals.byTime, { limit: 10 }), await store.scan(unclaimedEvents.byTime, { limit: 10 })]);
    expect(kept).not.toMatch(/"ann\b|\\"ann\b|hush|cat@|dan@|eve@|fay|10\.1\.2\.3/);
    expect(kept).toContain('{\\"xxxx\\": \\"xxx\\", 00');
    expect(JSON.stringify(await store.scan(refusals.byTime, { limit: 10 }))).not.toContain('bob');
  });

  it("hides a team's members and a tool's number of a response, also in the data of a CloudEvent, and the same again when it comes back", async () => {
    const { store, refuse } = await start();
    const body = { responseId: 'response-of-ann', members: ['bob'], data: { responseId: 'response-of-cat', members: ['dan', 'person:kept'] } };
    const keep = async (sent: unknown): Promise<string[]> => {
      await refuse([refusal({ body: sent })]);
      return (await store.scan(refusals.byTime, { limit: 10 })).map(({ document }) => document.body ?? '');
    };
    const [kept = '', ...others] = await keep(body);
    expect(others).toEqual([]);
    expect(kept).not.toMatch(/of-ann|of-cat|bob|dan/);
    const pseudonym = createPseudonym('test');
    // As the receiver of answers has it.
    expect(JSON.parse(kept)).toMatchObject({ responseId: `person:${pseudonym(`response ${hash('response-of-ann')}`)}`, members: [`person:${pseudonym('bob')}`], data: { members: [`person:${pseudonym('dan')}`, 'person:kept'] } });
    expect(await keep(JSON.parse(kept))).toEqual([kept]);
  });

  it('refuses what is no refusal, in the good company of others', async () => {
    const { refuse } = await start();
    let deep: unknown = 1;
    for (let level = 0; level < 300; level += 1) deep = [deep];
    const receipt = await refuse([refusal(), { ...refusal(), receiver: 'NOBODY' }, refusal({ body: deep }), 7]);
    expect(receipt).toMatchObject({ accepted: 1, rejected: [{ index: 1, field: 'receiver' }, { index: 2 }, { index: 3 }] });
  });

  it('keeps events of unknown types whole, once for a source and id', async () => {
    const { ask, send } = await start();
    const other = { ...unclaimed('1'), source: '/other' };
    expect(await send([unclaimed('1'), unclaimed('1'), unclaimed('1', 'com.example.change', { a: 2 }), unclaimed('2', 'com.example.a'), other])).toMatchObject({
      accepted: 3, repeated: 1, rejected: [{ index: 2, code: 'EVENT_CONFLICT', field: 'id' }],
    });
    const answer = await ask({ type: 'com.example.change' });
    expect(answer.eventTypes).toMatchObject({ totalCount: 2, nodes: [{ type: 'com.example.a', count: 1 }, { type: 'com.example.change', count: 2 }] });
    expect(answer.unclaimedEvents).toMatchObject({ totalCount: 2 });
    expect(answer.unclaimedEvents.nodes.map(({ event }) => event)).toContainEqual(unclaimed('1'));
  });

  it('is the same in any order and in any batches', async () => {
    const events = ['1', '2', '3', '4'].map((id) => unclaimed(id, `t${Number(id) % 2}`));
    const refused = [1, 2, 3].map((n) => refusal({ body: { n } }));
    const read = async (order: readonly number[], cut: number) => {
      const { ask, refuse, send, store } = await start();
      for (const part of [order.slice(0, cut), order.slice(cut)]) {
        await send(part.map((at) => events[at % events.length]));
        await refuse(part.map((at) => refused[at % refused.length]));
      }
      const { refusals: { nodes, totalCount }, ...rest } = await ask();
      await store.close();
      const sorted = nodes.toSorted((a, b) => (a.id < b.id ? -1 : 1));
      return { ...rest, nodes: sorted, totalCount };
    };
    const whole = Array.from({ length: 12 }, (_, n) => n);
    const expected = await read(whole, 12);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(whole, { minLength: 12 }), fc.nat({ max: 12 }), async (order, cut) => {
        expect(await read(order, cut)).toEqual(expected);
      }),
      { numRuns: 4 },
    );
  });
});
