import { describe, expect, it } from 'vitest';
import { toId, toNameId } from '../../kit/graph/id.ts';
import { createStores } from '../../kit/store/test-stores.ts';
import { sessions } from './documents.ts';
import { ask, NOW, receive, sessionEvent, showEvent, surround } from './fixtures.ts';
import { viewing } from './index.ts';

const show = toId('Show', 'simulated', 'A', null, 'SERIES');
const DAY = { from: '2024-01-01', to: '2024-01-02', granularity: 'WHOLE' };

describe('Playback sessions', () => {
  const stores = createStores('LMDB', null);
  const openWith = async (...events: object[]) => {
    const store = await stores.open(viewing.collections);
    expect((await receive(store, 'playback-session', events)).rejected).toEqual([]);
    return store;
  };

  it('are counted by show, in hours, with viewers, startup, rebuffering, completion, bitrate and bytes', async () => {
    const store = await openWith(
      sessionEvent({ startupMs: 500, rebufferMs: 0, rebufferCount: 0, durationMs: 7_200_000, bytes: 3_000_100, bitrateKbps: 1_000 }),
      sessionEvent({ id: '2', user: 'ADA@example.com ', watchedMs: 1_800_000, startupMs: 2_000, rebufferMs: 1_800_000, rebufferCount: 4, bitrateKbps: 4_000 }),
      sessionEvent({ id: '3', user: 'eve', watchedMs: 0 }),
    );
    const { show: found } = await ask<{ show: { viewing: { points: object[]; whole: object; asOf: string } } }>(
      store,
      `query ($id: ID!, $window: Window!) { show(id: $id) { viewing(window: $window) { asOf points { sessions } whole {
        sessions hoursViewed viewers viewersRelativeError startup { sampleSize p50Ms totalMs relativeError } rebufferEvents rebufferRatio
        rebuffering { sampleSize totalMs } completion meanBitrateKbps bytes } } } }`,
      { id: show, window: DAY },
    );
    expect(found.viewing.whole).toMatchObject({
      sessions: 3, hoursViewed: 1.5, viewers: 2, viewersRelativeError: 0, rebufferEvents: 4, rebufferRatio: 0.25, completion: 0.5,
      meanBitrateKbps: 2_000, bytes: 3_000_100, startup: { sampleSize: 2, totalMs: 2_500, relativeError: 0.01 }, rebuffering: { sampleSize: 2, totalMs: 1_800_000 },
    });
    expect(found.viewing.asOf).toBe('2024-01-01T10:00:00.000Z');
  });

  it('have null, not zero, where nothing was played or nothing was said', async () => {
    const store = await openWith(sessionEvent());
    const { show: found } = await ask<{ show: { viewing: { points: object[] } } }>(
      store,
      `query ($id: ID!) { show(id: $id) { viewing(window: { from: "2024-01-01", to: "2024-01-03" }) {
        points { sessions hoursViewed viewers startup { p50Ms } rebufferRatio completion bytes } } } }`,
      { id: show },
    );
    expect(found.viewing.points).toEqual([
      { sessions: 1, hoursViewed: 1, viewers: 1, startup: null, rebufferRatio: null, completion: null, bytes: null },
      { sessions: null, hoursViewed: null, viewers: null, startup: null, rebufferRatio: null, completion: null, bytes: null },
    ]);
  });

  it('of no known show are counted like a show: attributed and unattributed make the total', async () => {
    const store = await openWith(sessionEvent({ device: 'tv' }), sessionEvent({ id: '2', show: null, device: 'tv' }), sessionEvent({ id: '3', show: null, watchedMs: 60_000 }));
    const { playback } = await ask<{ playback: object }>(
      store,
      `query ($window: Window!) { playback(window: $window, origin: SIMULATED) {
        total { whole { sessions viewers } } attributed { whole { sessions } } unattributed { whole { sessions } }
        byDevice { device viewing { whole { sessions hoursViewed } } } } }`,
      { window: DAY },
    );
    expect(playback).toEqual({
      total: { whole: { sessions: 3, viewers: 1 } },
      attributed: { whole: { sessions: 1 } },
      unattributed: { whole: { sessions: 2 } },
      byDevice: [
        { device: 'tv', viewing: { whole: { sessions: 2, hoursViewed: 2 } } },
        { device: null, viewing: { whole: { sessions: 1, hoursViewed: 1 / 60 } } },
      ],
    });
  });

  it('are told apart by country, of a show and in all, those that say none among them', async () => {
    const store = await openWith(
      sessionEvent({ country: 'SE' }), sessionEvent({ id: '2', country: 'IN', watchedMs: 7_200_000 }), sessionEvent({ id: '3', country: 'IN', show: null }), sessionEvent({ id: '4', watchedMs: 0 }),
    );
    const answer = await ask<{ show: object; playback: object }>(
      store,
      `query ($id: ID!, $window: Window!) {
        show(id: $id) { viewingByCountry(window: $window) { country viewing { whole { sessions hoursViewed } } } }
        playback(window: $window, origin: SIMULATED) { byCountry { country viewing { whole { sessions hoursViewed } } } } }`,
      { id: show, window: DAY },
    );
    const of = (country: string | null, sessions: number, hoursViewed: number) => ({ country, viewing: { whole: { sessions, hoursViewed } } });
    expect(answer.show).toEqual({ viewingByCountry: [of('IN', 1, 2), of('SE', 1, 1), of(null, 1, 0)] });
    expect(answer.playback).toEqual({ byCountry: [of('IN', 2, 3), of('SE', 1, 1), of(null, 1, 0)] });
  });

  it('are never mixed between simulated and recorded ones unless asked', async () => {
    const store = await openWith(sessionEvent(), sessionEvent({ id: '2', namespace: 'player' }));
    const count = async (origin: string) =>
      (await ask<{ playback: { total: { whole: { sessions: number } } }; shows: { totalCount: number } }>(
        store,
        'query ($window: Window!, $origin: Origin!) { playback(window: $window, origin: $origin) { total { whole { sessions } } } shows(origin: $origin) { totalCount } }',
        { window: DAY, origin },
      ));
    for (const [origin, n] of [['RECORDED', 1], ['SIMULATED', 1], ['ANY', 2]] as const) {
      expect(await count(origin)).toEqual({ playback: { total: { whole: { sessions: n } } }, shows: { totalCount: n } });
    }
  });

  it('are stored without the identifier of who watched, and otherwise whole', async () => {
    const store = await openWith(sessionEvent({ cdn: { node: 'x', clientIp: '10.0.0.1' } }));
    const [stored] = await store.get(sessions, [toId('PlaybackSession', '/player', '1')]);
    const text = JSON.stringify(stored);
    expect(text).not.toContain('ada@example.com');
    expect(text).not.toContain('10.0.0.1');
    expect(stored?.event).toMatchObject({ user: `person:${surround(store).pseudonym('ada@example.com')}`, cdn: { node: 'x' } });
  });

  it('of one source and id are one; with another content the later is refused', async () => {
    const store = await openWith(sessionEvent(), sessionEvent());
    const receipt = await receive(store, 'playback-session', [sessionEvent(), sessionEvent({ watchedMs: 1 }), sessionEvent({ id: '2' }), sessionEvent({ id: '2', watchedMs: 1 })]);
    expect(receipt).toMatchObject({ accepted: 1, repeated: 1 });
    expect(receipt.rejected.map(({ index, code, field }) => [index, code, field])).toEqual([[1, 'EVENT_CONFLICT', 'id'], [3, 'EVENT_CONFLICT', 'id']]);
  });

  it('that are malformed or dated ahead are refused by place and field, and their neighbours taken', async () => {
    const store = await stores.open(viewing.collections);
    const ahead = (ms: number) => new Date(NOW + ms).toISOString();
    const receipt = await receive(store, 'playback-session', [
      sessionEvent(), 7, sessionEvent({ id: '2', watchedMs: -1 }), sessionEvent({ id: '3', startedAt: 'today' }),
      sessionEvent({ id: '4', startedAt: ahead(86_400_001) }), sessionEvent({ id: '5', startedAt: ahead(86_400_000) }),
      sessionEvent({ id: '6', show: { title: '' } }),
    ]);
    expect(receipt.accepted).toBe(2);
    expect(receipt.rejected.map(({ index, code, field }) => [index, code, field])).toEqual([
      [1, 'EVENT_INVALID', null], [2, 'EVENT_INVALID', 'watchedMs'], [3, 'EVENT_INVALID', 'startedAt'],
      [4, 'EVENT_IN_FUTURE', 'startedAt'], [6, 'EVENT_INVALID', 'show.title'],
    ]);
  });

  it('that no document can hold are refused alone, and any text and number that JSON has is taken', async () => {
    const store = await stores.open(viewing.collections);
    let deep: unknown = 1;
    for (let level = 0; level < 300; level += 1) deep = [deep];
    const long = '글'.repeat(2_000);
    const receipt = await receive(store, 'playback-session', [
      sessionEvent({ extra: deep }), sessionEvent({ id: '2', extra: 'half \ud83d' }), sessionEvent({ id: '3', show: { title: 'half \ud83d' } }),
      sessionEvent({ id: '4', device: long, namespace: '글'.repeat(200), show: { title: long, season: long }, 'a.b': 1, $c: { '': null } }),
      sessionEvent({ id: '5', watchedMs: Number.MAX_SAFE_INTEGER }), sessionEvent({ id: 'x'.repeat(2_000), bytes: 1e15, rebufferMs: 30 * 86_400_000 }),
    ]);
    expect(receipt.rejected.map(({ index, code }) => [index, code])).toEqual([[0, 'EVENT_INVALID'], [1, 'EVENT_INVALID'], [2, 'EVENT_INVALID'], [4, 'EVENT_INVALID']]);
    expect(receipt.accepted).toBe(2);
  });

  it('give a dataset the hours of the shows that it is said to hold, though it is said later', async () => {
    const store = await openWith(sessionEvent(), sessionEvent({ id: '2', show: { title: 'B' }, startedAt: '2024-01-02T00:00:00Z' }));
    const holds = [{ namespace: 'simulated', name: 'sessions' }];
    await receive(store, 'show', [showEvent({ datasets: holds }), showEvent({ id: '2', title: 'B', kind: null, datasets: holds })]);
    const { _entities } = await ask<{ _entities: object[] }>(
      store,
      `query ($datasets: [_Any!]!) { _entities(representations: $datasets) { ... on Dataset { shows { nodes { title datasets { id } } totalCount }
        viewing(window: { from: "2024-01-01", to: "2024-01-04" }) { basis shows hoursViewed truncated points { shows hoursViewed rows } } } } }`,
      { datasets: [{ __typename: 'Dataset', id: toId('Dataset', 'simulated', 'sessions') }, { __typename: 'Dataset', id: toId('Dataset', 'no', 'where') }] },
    );
    const datasets = [{ id: toId('Dataset', 'simulated', 'sessions') }];
    expect(_entities).toEqual([
      {
        shows: { nodes: [{ title: 'A', datasets }, { title: 'B', datasets }], totalCount: 2 },
        viewing: { basis: 'SESSIONS', shows: 2, hoursViewed: 2, truncated: false, points: [{ shows: 1, hoursViewed: 1, rows: null }, { shows: 1, hoursViewed: 1, rows: null }, { shows: null, hoursViewed: null, rows: null }] },
      },
      { shows: { nodes: [], totalCount: 0 }, viewing: { basis: null, shows: null, hoursViewed: null, truncated: false, points: [1, 2, 3].map(() => ({ shows: null, hoursViewed: null, rows: null })) } },
    ]);
  });
});

describe('Show events', () => {
  const stores = createStores('LMDB', null);

  it('name the team that makes a show; the latest by their own time counts, whichever came first', async () => {
    const store = await stores.open(viewing.collections);
    await receive(store, 'show', [
      showEvent({ time: '2024-02-01T00:00:00Z', team: 'simulated/drama' }),
      showEvent({ id: '2', time: '2024-01-01T00:00:00Z', team: 'simulated/comedy' }),
      showEvent({ id: '3', time: '2024-03-01T00:00:00Z' }),
    ]);
    const { _entities } = await ask<{ _entities: object[] }>(
      store,
      'query ($teams: [_Any!]!) { _entities(representations: $teams) { ... on Team { shows { nodes { title team { id } } } } } }',
      { teams: ['simulated/drama', 'simulated/comedy'].map((name) => ({ __typename: 'Team', id: toNameId('Team', name) })) },
    );
    expect(_entities).toEqual([
      { shows: { nodes: [{ title: 'A', team: { id: toNameId('Team', 'simulated/drama') } }] } },
      { shows: { nodes: [] } },
    ]);
  });

  it('of one source and id with another content are refused', async () => {
    const store = await stores.open(viewing.collections);
    const receipt = await receive(store, 'show', [showEvent(), showEvent(), showEvent({ team: 'other' })]);
    expect(receipt).toMatchObject({ accepted: 1, repeated: 1, rejected: [{ index: 2, code: 'EVENT_CONFLICT' }] });
  });
});
