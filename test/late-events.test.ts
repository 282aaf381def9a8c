import { describe, expect, it } from 'vitest';
import { createStores } from '../kit/store/test-stores.ts';
import { allCollections, createRig } from './rig.ts';

const session = (id: string, startedAt: string): object => ({
  source: '/player', id, namespace: 'late', show: { title: 'A Show', kind: 'SERIES' }, startedAt, watchedMs: 3_600_000, device: 'tv', user: `user ${id}`,
});
const run = (runId: string, eventType: string, eventTime: string): object => ({
  eventType, eventTime, producer: 'https://example.com/emitter', schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
  run: { runId, facets: { loopgraph_team: { _producer: 'p', _schemaURL: 's', name: 'late team' } } },
  job: { namespace: 'late', name: 'nightly' },
});

/** An edge of each granularity, in a zone that is half an hour off, around the moment of the late events. */
const WINDOWS = [
  ['QUARTER_HOUR', '2009-06-15T10:00:00+05:30', '2009-06-15T10:15:00+05:30'],
  ['HOUR', '2009-06-15T10:00:00+05:30', '2009-06-15T11:00:00+05:30'],
  ['DAY', '2009-06-15', '2009-06-16'],
  ['WEEK', '2009-06-15', '2009-06-22'],
  ['MONTH', '2009-06-01', '2009-07-01'],
  ['WHOLE', '2009-06-14', '2009-06-17'],
] as const;

const ASK = `query ($window: Window!) {
  shows(title: "A Show") { nodes {
    viewing(window: $window) { asOf points { sessions hoursViewed viewers } }
    viewingByDevice(window: $window) { device viewing { whole { sessions } } }
  } }
  platformUse(window: $window) { total { points { runsStarted runsEnded runHours } } groups { team { name } use { whole { runsStarted } } } }
}`;

describe('events that come years late', () => {
  const { open } = createStores('LMDB', null);

  it('count where they happened, at every granularity, and leave what is newest as it was', async () => {
    const rig = createRig(await open(allCollections));
    await rig.send('playback-session', [session('new', '2026-01-05T10:00:00Z')]);
    await rig.send('openlineage', [run('new', 'START', '2026-01-05T10:00:00Z'), run('new', 'COMPLETE', '2026-01-05T10:30:00Z')]);
    // 10:05 and 10:07 in Kolkata.
    await rig.send('playback-session', [session('old', '2009-06-15T04:35:00Z')]);
    await rig.send('openlineage', [run('old', 'COMPLETE', '2009-06-15T04:37:00Z'), run('old', 'START', '2009-06-15T04:35:00Z')]);

    for (const [granularity, from, to] of WINDOWS) {
      const { data, errors } = await rig.ask(ASK, { window: { granularity, from, to, timeZone: 'Asia/Kolkata' } });
      expect(errors).toBeUndefined();
      expect([granularity, data]).toEqual([
        granularity,
        {
          shows: {
            nodes: [
              {
                viewing: { asOf: '2026-01-05T10:00:00.000Z', points: [{ sessions: 1, hoursViewed: 1, viewers: 1 }] },
                viewingByDevice: [{ device: 'tv', viewing: { whole: { sessions: 1 } } }],
              },
            ],
          },
          platformUse: {
            total: { points: [{ runsStarted: 1, runsEnded: 1, runHours: 2 / 60 }] },
            groups: [{ team: { name: 'late team' }, use: { whole: { runsStarted: 1 } } }],
          },
        },
      ]);
    }
  });
});
