import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toId } from '../../kit/graph/id.ts';
import { differencesOf } from '../../kit/rebuild/test-rebuild.ts';
import { createStores, describeOnEachStore } from '../../kit/store/test-stores.ts';
import type { Store } from '../../kit/store/port.ts';
import { toScale } from '../../kit/test-scale.ts';
import { ask, NOW, receive, sessionEvent, showEvent } from './fixtures.ts';
import { viewing } from './index.ts';
import { playerReports, playerSessions } from './player-documents.ts';

const START = Date.parse('2024-01-01T10:00:00Z');
const DAY = { from: '2024-01-01', to: '2024-01-02', granularity: 'WHOLE' };

/** A report of the session `s` of the content `film`, some seconds after its start. */
const report = (number: number, seconds: number, given: Record<string, unknown> = {}) => ({
  source: 'players',
  report: { cid: 'film', e: 'ps', sid: 's', sn: number, ts: START + seconds * 1_000, v: 2, ...given },
});

/** Starts, plays for a minute, stalls for 4 s, plays for another and ends. */
const played = [
  report(0, 0, { sta: 's' }),
  report(1, 1.5, { sta: 'p', br: [{ value: 4_000, params: { v: true } }, { value: 128, params: { a: true } }], msd: 1_400 }),
  report(2, 30, { e: 't', sta: 'p' }),
  report(3, 61.5, { sta: 'r', bs: true }),
  report(4, 63, { e: 't', sta: 'r', bs: true }),
  report(5, 65.5, { sta: 'p', bs: true, bsd: [{ value: 4_000, params: { v: true } }] }),
  report(6, 125.5, { sta: 'e' }),
];

const WHOLE = `sessions hoursViewed startup { sampleSize totalMs p50Ms } rebuffering { sampleSize totalMs p95Ms } rebufferEvents rebufferRatio
  meanBitrateKbps bytes errors viewers completion`;

const wholeOf = async (store: Store, content = 'film'): Promise<Record<string, unknown>> => {
  const { show } = await ask<{ show: { viewing: { whole: Record<string, unknown> } } }>(
    store,
    `query ($id: ID!, $window: Window!) { show(id: $id) { viewing(window: $window) { whole { ${WHOLE} } } } }`,
    { id: toId('Show', 'players', content, null, null), window: DAY },
  );
  return show.viewing.whole;
};

const reportsOf = async (store: Store): Promise<Record<string, number | null>> => {
  const { playback } = await ask<{ playback: { playerReports: Record<string, number | null> } }>(
    store,
    'query ($window: Window!) { playback(window: $window) { playerReports { reports withoutSession ignoredValues } } }',
    { window: DAY },
  );
  return playback.playerReports;
};

describe('Reports of players', () => {
  const stores = createStores('LMDB', null);
  const openWith = async (...events: object[]): Promise<Store> => {
    const store = await stores.open(viewing.collections);
    expect((await receive(store, 'cmcd-report', events)).rejected).toEqual([]);
    return store;
  };

  it('make a session: watched time, startup, rebuffering, bitrate', async () => {
    const whole = await wholeOf(await openWith(...played));
    expect(whole).toEqual({
      sessions: 1,
      hoursViewed: 120 / 3_600,
      startup: { sampleSize: 1, totalMs: 1_400, p50Ms: expect.closeTo(1_400, -2) },
      rebuffering: { sampleSize: 1, totalMs: 4_000, p95Ms: expect.closeTo(4_000, -2) },
      rebufferEvents: 1,
      rebufferRatio: 4 / 124,
      meanBitrateKbps: 4_128,
      bytes: null,
      errors: 0,
      viewers: null,
      completion: null,
    });
  });

  it('are repeats where session and number are known already, and change nothing', async () => {
    const store = await openWith(...played);
    const before = await wholeOf(store);
    expect(await receive(store, 'cmcd-report', played)).toMatchObject({ accepted: 0, repeated: 7, rejected: [] });
    expect(await wholeOf(store)).toEqual(before);
    expect(await reportsOf(store)).toEqual({ reports: 7, withoutSession: 0, ignoredValues: 0 });
  });

  it('of two targets of one session begin to count at 0 each, and both are taken', async () => {
    const store = await openWith(report(0, 0, { sta: 'p' }), report(1, 60, { sta: 'a' }));
    expect(await receive(store, 'cmcd-report', [report(0, 20, { e: 't', sta: 'p' }), report(1, 40, { e: 't', sta: 'p' })])).toMatchObject({ accepted: 2 });
    expect(await wholeOf(store)).toMatchObject({ sessions: 1, hoursViewed: 60 / 3_600 });
  });

  it('count with absolute counters by their maximum, by what starved', async () => {
    const items = (v: number, a: number) => [{ value: v, params: { v: true } }, { value: a, params: { a: true } }];
    const store = await openWith(
      report(0, 0, { sta: 'p', bsa: items(2, 0), bsda: items(700, 0) }),
      report(1, 60, { e: 't', sta: 'p', bsa: items(1, 0), bsda: items(300, 0) }),
      report(2, 90, { e: 't', sta: 'p', bsa: items(2, 1), bsda: items(700, 50) }),
    );
    expect(await wholeOf(store)).toMatchObject({ rebufferEvents: 3, rebuffering: { totalMs: 750 } });
  });

  it('count no stall before the first picture, though dash.js says that it rebuffers then', async () => {
    const store = await openWith(report(0, 0, { sta: 's' }), report(1, 0.1, { sta: 'r' }), report(2, 0.2, { sta: 'p' }), report(3, 10, { sta: 'e' }));
    expect(await wholeOf(store)).toMatchObject({ rebufferEvents: 0, rebuffering: { totalMs: 0 }, startup: { totalMs: 200 } });
  });

  it('count each listed stall once where no states are reported, and watched time by the playhead', async () => {
    const store = await openWith(
      report(0, 0, { e: 't', pt: 0 }),
      report(1, 20, { e: 't', pt: 15_000, bs: true, bsd: [5_000] }),
      report(2, 40, { e: 't', pt: 32_000, bs: true, bsd: [1_000, 2_000] }),
    );
    expect(await wholeOf(store)).toMatchObject({ rebufferEvents: 3, rebuffering: { totalMs: 8_000 }, hoursViewed: 32 / 3_600, startup: null });
  });

  it('count no watched time that the playhead did not move, as while a machine sleeps', async () => {
    const store = await openWith(report(0, 0, { sta: 'p', pt: 0 }), report(1, 7_200, { sta: 'a', pt: 60_000 }));
    expect(await wholeOf(store)).toMatchObject({ hoursViewed: 60 / 3_600 });
  });

  it('give delivered bytes by the bitrate and duration of each object received', async () => {
    const object = { e: 'rr', rc: 200, ot: 'v', d: 2_000, br: [{ value: 4_000, params: { v: true } }, { value: 128, params: { a: true } }] };
    const store = await openWith(report(0, 0, object), report(1, 2, { ...object, ot: 'a' }), report(2, 4, { ...object, rc: 404 }), report(3, 4, { ...object, ot: 'm' }));
    expect(await wholeOf(store)).toMatchObject({ bytes: 1_000_000 + 32_000, startup: null, rebufferEvents: null, sessions: 1, hoursViewed: null });
  });

  it('count errors, and a fatal state as one where no error is reported', async () => {
    expect(await wholeOf(await openWith(report(0, 0, { e: 'e', ec: ['MEDIA_ERR'] }), report(1, 1, { e: 'e' })))).toMatchObject({ errors: 2 });
    expect(await wholeOf(await openWith(report(0, 0, { sta: 'f' })))).toMatchObject({ errors: 1 });
  });

  it('without a session are counted, of nobody', async () => {
    const store = await openWith({ source: 'players', report: { e: 't', ts: START, v: 2 } }, { source: 'players', report: { e: 'rr', ts: START, v: 2 } });
    expect(await reportsOf(store)).toEqual({ reports: 2, withoutSession: 2, ignoredValues: 0 });
    const { playback } = await ask<{ playback: { total: { whole: { sessions: null } } } }>(store, 'query ($window: Window!) { playback(window: $window) { total { whole { sessions } } } }', { window: DAY });
    expect(playback.total.whole.sessions).toBeNull();
  });

  it('lose the values that cannot be, those alone, and say how many', async () => {
    const store = await openWith(
      report(0, 0, { sta: 'p', msd: -4, ttfb: 1_795_542_227_560, br: [{ value: 1e12, params: { v: true } }, { value: 64, params: { a: true } }] }),
      report(1, 60, { sta: 'flying', bsda: [{ value: 'x' }] }),
      report(2, 60, { sta: 'a', pt: Number.MAX_VALUE }),
    );
    expect(await wholeOf(store)).toMatchObject({ hoursViewed: 60 / 3_600, startup: null, meanBitrateKbps: 64 });
    expect(await reportsOf(store)).toEqual({ reports: 3, withoutSession: 0, ignoredValues: 6 });
  });

  it('are refused where they are no event, of another version, or dated ahead, each with its field', async () => {
    const store = await openWith();
    const { rejected } = await receive(store, 'cmcd-report', [
      { source: 'players', report: { sid: 's', ts: START } },
      { source: 'players', report: { e: 't', v: 1, ts: START } },
      { source: 'players', report: { e: 't', v: 2, ts: NOW + 2 * 86_400_000 } },
      { source: '', report: { e: 't', v: 2, ts: START } },
    ]);
    expect(rejected.map(({ index, code, field }) => [index, code, field])).toEqual([
      [0, 'EVENT_INVALID', 'report.e'],
      [1, 'EVENT_INVALID', 'report.v'],
      [2, 'EVENT_IN_FUTURE', 'report.ts'],
      [3, 'EVENT_INVALID', 'source'],
    ]);
  });

  it('of several contents in one session are of no show, and the shows of all are there', async () => {
    const store = await openWith(...played, report(7, 130, { e: 'c', cid: 'other' }));
    expect((await wholeOf(store)).sessions).toBeNull();
    expect((await wholeOf(store, 'other')).sessions).toBeNull();
    const { playback } = await ask<{ playback: { unattributed: object; attributed: object } }>(
      store,
      'query ($window: Window!) { playback(window: $window) { attributed { asOf whole { sessions } } unattributed { asOf whole { sessions } } } }',
      { window: DAY },
    );
    expect(playback).toEqual({ attributed: { asOf: null, whole: { sessions: null } }, unattributed: { asOf: '2024-01-01T10:00:00.000Z', whole: { sessions: 1 } } });
  });

  it('are of a show that its system can name, give a team and the title by which it is published', async () => {
    const store = await openWith(...played);
    await receive(store, 'show', [showEvent({ namespace: 'players', title: 'film', kind: null, team: 'drama', matchTitle: 'A Film' })]);
    const { shows } = await ask<{ shows: { nodes: object[] } }>(store, '{ shows(matchTitle: "A Film") { nodes { title team { id } viewing(window: { from: "2024-01-01", to: "2024-01-02" }) { whole { sessions } } } } }');
    expect(shows.nodes).toEqual([{ title: 'film', team: { id: expect.stringContaining('Team:') }, viewing: { whole: { sessions: 1 } } }]);
  });

  it('stand with sessions that come whole in one total and among the devices that nobody names', async () => {
    const store = await openWith(...played);
    await receive(store, 'playback-session', [sessionEvent({ namespace: 'players', show: { title: 'film' }, watchedMs: 3_600_000, device: 'tv', errors: 3 })]);
    expect(await wholeOf(store)).toMatchObject({ sessions: 2, hoursViewed: 1 + 120 / 3_600, errors: 3 });
    const { playback } = await ask<{ playback: object }>(store, 'query ($window: Window!) { playback(window: $window) { total { asOf whole { sessions } } byDevice { device viewing { whole { sessions } } } } }', { window: DAY });
    expect(playback).toEqual({
      total: { asOf: '2024-01-01T10:00:00.000Z', whole: { sessions: 2 } },
      byDevice: [{ device: 'tv', viewing: { whole: { sessions: 1 } } }, { device: null, viewing: { whole: { sessions: 1 } } }],
    });
  });

  it('are kept without what custom keys say of people and without what an address is asked with', async () => {
    const store = await openWith(report(0, 0, { 'com.example-user': 'ada@example.com', 'com.example-plan': 'basic', url: 'https://cdn.example/a.m4s?token=abc#x', nor: ['b.m4s?token=abc'] }));
    const [entry] = await store.scan(playerReports.bySession, { limit: 10 });
    expect(entry?.document.report).toMatchObject({
      'com.example-user': expect.stringMatching(/^person:/), 'com.example-plan': 'basic', url: 'https://cdn.example/a.m4s?[removed]', nor: ['b.m4s?[removed]'],
    });
    expect(JSON.stringify(entry?.document)).not.toMatch(/ada@|abc/);
  });
});

const QUERY = `query ($window: Window!, $hours: Window!) {
  shows { nodes { id title viewing(window: $hours) { asOf points { ${WHOLE} } whole { ${WHOLE} } } viewingByDevice(window: $window) { device viewing { whole { ${WHOLE} } } } } }
  playback(window: $window) {
    total { asOf whole { ${WHOLE} } } attributed { asOf whole { ${WHOLE} } } unattributed { asOf whole { ${WHOLE} } }
    byDevice { device viewing { asOf whole { ${WHOLE} } } } playerReports { reports withoutSession ignoredValues }
  }
}`;

/** Reports of a few sessions over some hours: states, counters, objects, lies, two contents in one, reports of no session. */
const anyReport = fc.record({
  sid: fc.constantFrom('a', 'b', 'c', 'd', undefined),
  sn: fc.option(fc.nat(200), { nil: undefined }),
  e: fc.constantFrom('ps', 't', 'rr', 'e', 'bc'),
  seconds: fc.integer({ min: 0, max: 9_000 }),
  sta: fc.option(fc.constantFrom('s', 'p', 'r', 'a', 'k', 'e', 'f'), { nil: undefined }),
  pt: fc.option(fc.nat(9_000_000), { nil: undefined }),
  msd: fc.option(fc.constantFrom(3, 60, 2_000, -1), { nil: undefined }),
  bsa: fc.option(fc.array(fc.nat(5), { maxLength: 2 }), { nil: undefined }),
  bsd: fc.option(fc.array(fc.nat(9_000), { maxLength: 3 }), { nil: undefined }),
  br: fc.option(fc.nat(9_000).map((value) => [value]), { nil: undefined }),
  object: fc.option(fc.constant({ rc: 200, ot: 'v', d: 2_000 }), { nil: undefined }),
  other: fc.boolean(),
}).map(({ seconds, object, other, sid, ...rest }) => ({
  source: 'players',
  report: Object.fromEntries(Object.entries({ v: 2, sid, ts: START + seconds * 1_000, cid: sid === 'd' ? undefined : sid === 'c' && other ? 'second' : 'first', ...object, ...rest }).filter(([, value]) => value !== undefined)),
}));

await describeOnEachStore('The receiver of players', ({ name, open }) => {
  it('gives the same sessions and buckets whatever the order, the repeats and the split of the reports', async () => {
    const answerTo = async (batches: readonly (readonly object[])[]): Promise<string> => {
      const store = await open(viewing.collections);
      for (const batch of batches) expect((await receive(store, 'cmcd-report', batch)).rejected).toEqual([]);
      const sessions = await store.scan(playerSessions.byKnown, { limit: 100 });
      const answer = JSON.stringify([await ask(store, QUERY, { window: DAY, hours: { ...DAY, granularity: 'HOUR' } }), sessions.map(({ document }) => ({ ...document, samples: [...document.samples] }))], null, 1);
      await store.close();
      return answer;
    };
    const given = fc.array(anyReport, { minLength: 1, maxLength: 40 });
    const cut = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(given.chain((events) => fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length, maxLength: events.length }), fc.subarray(events))), cut, async ([events, shuffled, repeats], sizes) => {
        const batches: object[][] = [];
        let rest: object[] = [...shuffled, ...repeats];
        for (const size of sizes) {
          batches.push(rest.slice(0, size));
          rest = rest.slice(size);
        }
        expect(await answerTo([...batches, rest])).toBe(await answerTo([events]));
      }),
      { numRuns: toScale(name === 'LMDB' ? 150 : 30), seed: 7 },
    );
  });

  it('leaves what the kept reports give when everything is computed anew, however sessions grew, moved and changed their show', async () => {
    const store = await open(viewing.collections);
    const reports: object[] = fc.sample(anyReport, { numRuns: 60, seed: 11 });
    reports.push(report(9, 0, { sid: 'e', 'com.example-user': 'ada@example.com', url: 'https://cdn.example/a?token=abc' }));
    for (let at = 0; at < reports.length; at += 7) await receive(store, 'cmcd-report', reports.slice(at, at + 7).reverse());
    expect(await differencesOf(viewing, store, open)).toEqual([]);
  });

  it('counts concurrent batches of the same reports once', async () => {
    const store = await open(viewing.collections);
    const receipts = await Promise.all(Array.from({ length: 6 }, () => receive(store, 'cmcd-report', played)));
    expect(receipts.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(played.length);
    expect(await wholeOf(store)).toMatchObject({ sessions: 1, rebufferEvents: 1 });
    expect(await differencesOf(viewing, store, open)).toEqual([]);
  });
});
