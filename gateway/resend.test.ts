import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Subgraph } from '../kit/subgraph.ts';
import { subgraphs } from '../subgraphs/index.ts';
import type { Running } from './start.ts';
import { ask, createFolder, startTest } from './test-gateway.ts';

const START = Date.parse('2026-01-05T10:00:00Z');
const DAY = 86_400_000;

let running: Running;
let folder: Awaited<ReturnType<typeof createFolder>>;
let present = START;

/** The graph, where `viewing` takes one more type of CloudEvents once it is told to. */
const start = async (types: Readonly<Record<string, string>> = {}): Promise<Running> => {
  const known = subgraphs.map((subgraph): Subgraph => (subgraph.name === 'viewing' ? { ...subgraph, cloudEvents: { ...subgraph.cloudEvents, ...types } } : subgraph));
  return startTest({ STORE: `lmdb:${join(folder.path, 'store')}` }, { subgraphs: known, now: () => present });
};

beforeAll(async () => {
  folder = await createFolder();
  running = await start();
});

afterAll(async () => {
  expect(running.failures.count()).toBe(0);
  await running.close();
  await folder.remove();
});

const send = (path: string, body: unknown, type = 'application/json') => ask(`${running.address}${path}`, body, { 'content-type': type });
const sendBatch = (events: unknown) => send('/events', events, 'application/cloudevents-batch+json');
const envelope = (id: string, type: string, data: unknown) => ({ specversion: '1.0', id, source: '/tests', type, data });

interface Lists {
  readonly refusals: { readonly nodes: readonly { readonly id: string; readonly times: number; readonly code: string }[] };
  readonly unclaimedEvents: { readonly nodes: readonly { readonly id: string }[] };
  readonly eventTypes: { readonly nodes: readonly { readonly type: string; readonly count: number }[] };
}
async function lists(): Promise<Lists> {
  const { body } = await send('/graphql', { query: '{ refusals(first: 100) { nodes { id times code } } unclaimedEvents { nodes { id } } eventTypes { nodes { type count } } }' });
  return (body as { data: Lists }).data;
}

test('what is taken when it is sent again leaves the list, and is the event that it was, with its people', async () => {
  const at = new Date(START + 3 * DAY).toISOString();
  const session = envelope('s1', 'loopgraph.playback-session', { namespace: 'tests', startedAt: at, watchedMs: 1, user: 'Ann', extra: { token: 'hush', mail: 'ann@example.org' } });
  const team = envelope('t1', 'loopgraph.team', { name: 'readers', members: ['Ann', 'bob@example.org'], at });
  const answer = envelope('a1', 'loopgraph.survey-response', { survey: { namespace: 'tests', name: 'n', edition: '1' }, responseId: '1', answeredAt: at, user: 'Ann', answers: [] });
  const show = envelope('w1', 'loopgraph.show', { namespace: 'tests', title: 'A', team: 'ann@example.org', extra: { password: 'hush' } });
  const early = [session, team, answer, { ...show, time: at }];
  expect(await sendBatch(early)).toMatchObject({ status: 400, body: { summary: { failed: 4 } } });
  const { refusals } = await lists();
  expect(refusals.nodes).toHaveLength(4);
  expect(refusals.nodes.every(({ code }) => code === 'EVENT_IN_FUTURE')).toBe(true);

  const ids = refusals.nodes.map(({ id }) => id);
  expect(await send('/refusals/resend', { ids: ids.slice(0, 1) })).toMatchObject({ status: 200, body: { sent: 1, accepted: 0, refusedTotal: 1, refused: [{ id: ids[0], code: 'EVENT_IN_FUTURE' }] } });
  expect((await lists()).refusals.nodes.map(({ times }) => times).sort()).toEqual([1, 1, 1, 2]);

  present = START + 4 * DAY;
  expect(await send('/refusals/resend', { ids: [...ids.slice(0, 2), 'Refusal:0000000000000000000000'] })).toMatchObject({ body: { sent: 2, accepted: 2, unknown: ['Refusal:0000000000000000000000'] } });
  expect(await send('/refusals/resend', { receiver: 'CLOUDEVENTS' })).toMatchObject({ body: { sent: 2, accepted: 2, repeated: 0, refusedTotal: 0 } });
  expect((await lists()).refusals.nodes).toEqual([]);
  expect(await sendBatch(early)).toMatchObject({ status: 200, body: { summary: { accepted: 0, repeated: 4 } } });
});

test('what is wrong for good is refused again and counted, and what was not kept is named', async () => {
  await sendBatch([envelope('x1', 'loopgraph.show', { namespace: 'tests' }), { ...envelope('x2', 'loopgraph.show', {}), time: 'noon' }, ...Array.from({ length: 25 }, (_, n) => envelope(`y${n}`, 'loopgraph.show', { n }))]);
  await send('/events', '{"id": ', 'application/cloudevents+json');
  const before = (await lists()).refusals.nodes;
  expect(before).toHaveLength(28);
  const unreadable = before.find(({ code }) => code === 'BODY_UNREADABLE')?.id;
  expect(await send('/refusals/resend', { receiver: 'CLOUDEVENTS' })).toMatchObject({ body: { sent: 27, accepted: 0, refusedTotal: 27, notKept: [unreadable] } });
  const after = (await lists()).refusals.nodes;
  expect(after).toHaveLength(28);
  expect(after.filter(({ times }) => times === 2)).toHaveLength(27);
});

test('events of a type that a subgraph takes by now are given to it, once', async () => {
  const type = 'com.example.film';
  const events = ['1', '2'].map((id) => envelope(`f${id}`, type, { namespace: 'films', title: `film ${id}` }));
  expect(await sendBatch(events)).toMatchObject({ status: 200, body: { summary: { unclaimed: 2 } } });
  expect(await send('/refusals/resend', { type })).toMatchObject({ body: { sent: 2, accepted: 0, refused: [{ code: 'EVENT_UNKNOWN_KIND' }, {}] } });
  expect((await lists()).eventTypes.nodes).toEqual([{ type, count: 2 }]);

  expect(running.failures.count()).toBe(0);
  await running.close();
  running = await start({ [type]: 'show' });
  expect(await send('/refusals/resend', { type })).toMatchObject({ body: { sent: 2, accepted: 2 } });
  expect(await lists()).toMatchObject({ eventTypes: { nodes: [] }, unclaimedEvents: { nodes: [] } });
  expect(await send('/graphql', { query: '{ shows(namespace: "films", first: 10) { totalCount } }' })).toMatchObject({ body: { data: { shows: { totalCount: 2 } } } });
  expect(await sendBatch(events)).toMatchObject({ status: 200, body: { summary: { repeated: 2, unclaimed: 0 } } });
});

test('only one of the three ways of naming them is taken, and only from this machine', async () => {
  for (const body of [{}, { ids: [] }, { ids: ['x'] }, { receiver: 'NOBODY' }, { type: 't', receiver: 'CMCD' }, 7]) {
    expect(await send('/refusals/resend', body)).toMatchObject({ status: 400, body: { error: { code: 'EVENT_INVALID', message: expect.stringContaining('Expected {"ids"') } } });
  }
  expect(await ask(`${running.address}/refusals/resend`, { receiver: 'CMCD' }, { 'x-forwarded-for': '10.0.0.1' })).toMatchObject({ status: 403 });
});
