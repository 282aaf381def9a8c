import { describe, expect, it } from 'vitest';
import { subgraphs } from '../../subgraphs/index.ts';
import type { Ingest } from '../ingest/ingest.ts';
import { createMetrics } from './metrics.ts';
import { watchIngest } from './watched-ingest.ts';

const NOW = Date.parse('2026-01-05T10:05:00Z');
/** Kinds that processes tell each other, not of when anything happened. */
const INTERNAL = ['refusal', 'settled'];
const HOUR_AGO = '2026-01-05T11:05:00+02:00';

/** The lags of events of one kind that were taken but for those of `rejected` places: how many, and their sum in seconds. */
async function lagsOf(kind: string, events: readonly unknown[], rejected: readonly number[] = []): Promise<readonly [count: number, seconds: number]> {
  const metrics = createMetrics(() => 0);
  const send: Ingest['send'] = async () => ({ accepted: events.length - rejected.length, repeated: 0, rejected: rejected.map((index) => ({ index, code: 'EVENT_INVALID', field: null, message: '' })) });
  const ingest: Ingest = { send, sendOwn: send, record: async () => {}, kindsOf: () => [] };
  await watchIngest(ingest, { known: subgraphs, metrics, now: () => NOW }).send(kind, events);
  const { text } = await metrics.render();
  const sample = (part: string): number => Number(new RegExp(`^loopgraph_event_lag_seconds_${part}\\{kind="${kind}"\\} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
  return [sample('count'), sample('sum')];
}

describe('the lag of events', () => {
  it('is told of every kind that comes from outside', () => {
    const told = subgraphs.flatMap(({ eventTimes }) => Object.keys(eventTimes ?? {}));
    expect(subgraphs.flatMap(({ receivers }) => Object.keys(receivers)).filter((kind) => !told.includes(kind)).toSorted()).toEqual(INTERNAL);
  });

  it.each([
    ['openlineage', { eventTime: HOUR_AGO }],
    ['playback-session', { startedAt: HOUR_AGO }],
    ['cmcd-report', { source: 'players', report: { e: 'ps', ts: NOW - 3_600_000 } }],
    ['survey-response', { answeredAt: HOUR_AGO }],
    ['team', { name: 'drama', at: HOUR_AGO }],
    ['unclaimed-event', { type: 'com.example.change', source: '/desk', id: '1', time: HOUR_AGO }],
  ])('is that of what a %s says', async (kind, event) => {
    expect(await lagsOf(kind, [event])).toEqual([1, 3_600]);
  });

  it.each([
    ['cmcd-report', [{ report: { e: 'ps' } }, { report: null }, {}, null, 7, [], { report: { ts: 'soon' } }]],
    ['unclaimed-event', [{ time: null }, { time: 'yesterday' }, {}]],
  ])('is not told of a %s that does not say when', async (kind, events) => {
    expect(await lagsOf(kind, events)).toEqual([0, 0]);
  });

  it('is not told of what was refused', async () => {
    expect(await lagsOf('team', [{ at: HOUR_AGO }, { at: HOUR_AGO }], [0])).toEqual([1, 3_600]);
  });
});
