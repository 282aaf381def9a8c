import fc from 'fast-check';
import { expect, it } from 'vitest';
import { toId } from '../../kit/graph/id.ts';
import { differencesOf } from '../../kit/rebuild/test-rebuild.ts';
import { describeOnEachStore } from '../../kit/store/test-stores.ts';
import { ask, receive, reportEvent, sessionEvent, showEvent } from './fixtures.ts';
import { viewing } from './index.ts';

const published = [
  reportEvent({ views: 3 }),
  reportEvent({ hoursViewed: 2_000_000, publishedAt: '2024-01-16T00:00:00Z' }),
  reportEvent({ publishedAt: '2024-01-23T00:00:00Z' }),
  reportEvent({ period: { from: '2024-01-15', to: '2024-01-22' }, hoursViewed: 4.25, dataset: { namespace: 'weekly', name: 'other.tsv' } }),
  reportEvent({ period: { from: '2024-01-08', to: '2024-01-15' }, hoursViewed: 1 / 3, matchTitle: 'B' }),
  reportEvent({ country: 'AR', hoursViewed: null, rank: 2 }),
  reportEvent({ namespace: 'half-years', report: '2024Jan-Jun', title: 'B', season: null, period: { from: '2024-01-01', to: '2024-07-01' }, hoursViewed: 3_000_000 }),
].map((event) => ({ kind: 'published-report', event }));
const shows = [
  showEvent({ namespace: 'weekly', season: 'A: Season 1', team: 'drama', datasets: [{ namespace: 'weekly', name: 'sessions' }] }),
  showEvent({ id: '2', time: '2024-03-01T00:00:00Z', namespace: 'weekly', season: 'A: Season 1', team: 'comedy' }),
  showEvent({ id: '3', time: '2024-03-01T00:00:00.000000001Z', namespace: 'weekly', season: 'A: Season 1', team: 'news' }),
].map((event) => ({ kind: 'show', event }));
const show = { title: 'A', season: 'A: Season 1', kind: 'SERIES' } as const;
const sessions = [
  sessionEvent({ namespace: 'weekly', show, startupMs: 700.4, rebufferMs: 0, rebufferCount: 0, bytes: 10, device: 'tv', country: 'SE' }),
  sessionEvent({ id: '2', namespace: 'weekly', show, startupMs: 9_000, rebufferMs: 120_000, rebufferCount: 3, device: 'phone', country: 'IN', durationMs: 7_200_000 }),
  sessionEvent({ id: '3', namespace: 'weekly', show, startedAt: '2024-01-09T00:00:00Z', watchedMs: 0, user: 'eve', bitrateKbps: 2_500 }),
  sessionEvent({ id: '4', namespace: 'weekly', show: null, startedAt: '2024-01-10T23:59:59.999+05:30', device: 'tv', country: 'SE' }),
].map((event) => ({ kind: 'playback-session', event }));
const everything = [...published, ...shows, ...sessions];

const POINT = `from sessions hoursViewed viewers startup { sampleSize p50Ms p99Ms totalMs } rebuffering { p95Ms totalMs }
  rebufferEvents rebufferRatio completion meanBitrateKbps bytes`;
const VIEWING = `points { ${POINT} } whole { ${POINT} } asOf`;
const QUERY = `query ($window: Window!, $whole: Window!, $datasets: [_Any!]!) {
  shows { nodes {
    id title matchTitle team { id } datasets { id }
    viewing(window: $window) { ${VIEWING} }
    viewingByDevice(window: $whole) { device viewing { ${VIEWING} } }
    viewingByCountry(window: $whole) { country viewing { ${VIEWING} } }
    publishedViewing(window: $window) { points { hoursViewed views restated reports { id } dataset { id } } whole { hoursViewed } cutPeriods { fromOn } asOf }
    reports { nodes { id country versions { publishedAt hoursViewed } figures { hoursViewed } restated } }
    links { show { id } fromOn hoursHere hoursThere consistent }
  } }
  playback(window: $whole) { total { ${VIEWING} } attributed { whole { ${POINT} } } unattributed { whole { ${POINT} } } byDevice { device viewing { whole { ${POINT} } } } byCountry { country viewing { whole { ${POINT} } } } }
  _entities(representations: $datasets) { ... on Dataset {
    shows { nodes { id } } viewing(window: $window) { basis shows hoursViewed points { shows hoursViewed rows partition { id } } cutPeriods { fromOn } }
  } }
}`;
const variables = {
  window: { from: '2024-01-01', to: '2024-01-22', granularity: 'WEEK' },
  whole: { from: '2024-01-01', to: '2024-07-01', granularity: 'WHOLE' },
  datasets: ['weekly.tsv', 'other.tsv', 'sessions'].map((name) => ({ __typename: 'Dataset', id: toId('Dataset', 'weekly', name) })),
};

await describeOnEachStore('The viewing receivers', ({ name, open }) => {
  it('keep what all that is derived can be computed from anew', async () => {
    const store = await open(viewing.collections);
    for (const { kind, event } of everything) await receive(store, kind, [event]);
    expect(await differencesOf(viewing, store, open)).toEqual([]);
  });

  it('give the same answers whatever the order, the repeats and the split into batches', async () => {
    const answerTo = async (batches: readonly (readonly (typeof everything)[number][])[]): Promise<string> => {
      const store = await open(viewing.collections);
      for (const batch of batches) {
        const kinds = new Set(batch.map(({ kind }) => kind));
        for (const kind of kinds) {
          const receipt = await receive(store, kind, batch.filter((each) => each.kind === kind).map(({ event }) => event));
          expect(receipt.rejected).toEqual([]);
        }
      }
      const answer = JSON.stringify(await ask(store, QUERY, variables), null, 1);
      await store.close();
      return answer;
    };
    const expected = await answerTo([everything]);
    expect(expected).toContain('"hoursThere": 3000000');
    const order = fc.shuffledSubarray(everything, { minLength: everything.length, maxLength: everything.length });
    await fc.assert(
      fc.asyncProperty(order, fc.array(fc.constantFrom(...everything), { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 6 })), async (events, repeats, sizes) => {
        const batches: (typeof everything)[] = [];
        let rest = [...events, ...repeats];
        for (const size of sizes) {
          batches.push(rest.slice(0, size));
          rest = rest.slice(size);
        }
        expect(await answerTo([...batches, rest])).toBe(expected);
      }),
      { numRuns: name === 'LMDB' ? 25 : 6, seed: 1 },
    );
  });

  it('count concurrent batches of the same events once', async () => {
    const store = await open(viewing.collections);
    const batches = Array.from({ length: 8 }, () => receive(store, 'playback-session', sessions.map(({ event }) => event)));
    const receipts = await Promise.all(batches);
    expect(receipts.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(4);
    expect(receipts.reduce((sum, { repeated }) => sum + repeated, 0)).toBe(28);
    const { playback } = await ask<{ playback: { total: { whole: { sessions: number } } } }>(
      store,
      'query ($whole: Window!) { playback(window: $whole) { total { whole { sessions } } } }',
      variables,
    );
    expect(playback.total.whole.sessions).toBe(4);
  });

  it('gather what a thousand callers send at once into a few commits', async () => {
    const store = await open(viewing.collections);
    const before = store.commands();
    const receipts = await Promise.all(
      Array.from({ length: 1_000 }, (_, index) => receive(store, 'playback-session', [sessionEvent({ id: `${index % 900}` }), { id: 'broken' }])),
    );
    expect(receipts.map(({ accepted, repeated }) => accepted + repeated)).toEqual(receipts.map(() => 1));
    expect(receipts.every(({ rejected }) => rejected.length === 1 && rejected[0]?.index === 1)).toBe(true);
    expect(receipts.filter(({ accepted }) => accepted === 1)).toHaveLength(900);
    expect(store.commands() - before).toBeLessThan(60);
  });

  it('answer for a thousand shows with as many store commands as for ten', async () => {
    const store = await open(viewing.collections);
    const numbers = Array.from({ length: 1_000 }, (_, index) => index);
    const named = (index: number) => ({ title: `Show ${index}`, season: null });
    await receive(store, 'published-report', numbers.map((index) => reportEvent(named(index))));
    await receive(store, 'published-report', numbers.map((index) => reportEvent({ ...named(index), namespace: 'half-years', report: 'H', period: { from: '2024-01-01', to: '2024-07-01' }, dataset: { namespace: 'h', name: `${index}` } })));
    await receive(store, 'playback-session', numbers.map((index) => sessionEvent({ id: `${index}`, namespace: 'weekly', show: { ...named(index), kind: 'SERIES' }, device: `tv ${index % 3}` })));
    const query = QUERY.replace('shows {', 'shows(namespace: "weekly", first: $first) {').replace('query (', 'query ($first: Int!, ');
    const count = async (first: number): Promise<number> => {
      const datasets = numbers.slice(0, first).map((index) => ({ __typename: 'Dataset', id: toId('Dataset', 'h', `${index}`) }));
      const before = store.commands();
      const answer = await ask<{ shows: { nodes: { links: object[] }[] } }>(store, query, { ...variables, datasets, first });
      expect(answer.shows.nodes.map(({ links }) => links.length)).toEqual(Array.from({ length: first }, () => 1));
      return store.commands() - before;
    };
    const ten = await count(10);
    expect(await count(1_000)).toBe(ten);
    expect(ten).toBeLessThan(30);
  });
});
