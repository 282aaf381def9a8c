import { describe, expect, it } from 'vitest';
import type { PublishedReportEvent } from './events.ts';
import { reportEvent } from './fixtures.ts';
import { toReport, toShow } from './ingest.ts';
import { toLinks, type Linkable } from './links.ts';

const H1 = { from: '2024-01-01', to: '2024-07-01' };
const weekly = (given: Partial<PublishedReportEvent> = {}) => reportEvent({ title: 'A', season: null, ...given });
const halfYearly = (given: Partial<PublishedReportEvent> = {}) =>
  reportEvent({ namespace: 'half-years', report: '2024Jan-Jun', title: 'A', season: null, category: null, period: H1, hoursViewed: 1_000_000, hoursRoundedTo: 100_000, ...given });

/** Links of the first event's show, of the rows given. */
function linksOf(...events: PublishedReportEvent[]) {
  const shows = new Map<string, { show: Linkable['show']; rows: Linkable['rows'][number][] }>();
  for (const event of events) {
    const show = toShow(event.namespace, event, event.matchTitle ?? null);
    const found = shows.get(show.id) ?? { show, rows: [] };
    found.rows.push(toReport(event, 0));
    shows.set(show.id, found);
  }
  const [first] = shows.values();
  if (first === undefined) throw new Error('expected an event');
  return toLinks(first.show, [...shows.values()]).map(({ show, ...link }) => ({ namespace: show.namespace, ...link }));
}

describe('toLinks', () => {
  it('links the weeks inside a half-year to it, in both directions, with the hours of both', () => {
    const weeks = [weekly({ hoursViewed: 300_000 }), weekly({ period: { from: '2024-06-24', to: '2024-07-01' }, hoursViewed: 500_000 })];
    const link = { method: 'EXACT_TITLE', fromOn: '2024-01-01', toOn: '2024-07-01', consistent: true };
    expect(linksOf(...weeks, halfYearly())).toEqual([{ ...link, namespace: 'half-years', hoursHere: 800_000, hoursThere: 1_000_000 }]);
    expect(linksOf(halfYearly(), ...weeks)).toEqual([{ ...link, namespace: 'weekly', hoursHere: 1_000_000, hoursThere: 800_000 }]);
  });

  it('leaves out weeks that the half-year does not hold whole', () => {
    expect(linksOf(weekly({ period: { from: '2024-06-25', to: '2024-07-02' } }), halfYearly())).toEqual([]);
  });

  it('says that figures contradict a link beyond the rounding of both publishers', () => {
    const consistent = (hoursViewed: number) => linksOf(weekly({ hoursViewed }), halfYearly()).map((link) => link.consistent);
    expect(consistent(1_055_000)).toEqual([true]);
    expect(consistent(1_055_001)).toEqual([false]);
  });

  it('compares equal periods by their difference', () => {
    const other = (hoursViewed: number) => linksOf(halfYearly(), halfYearly({ namespace: 'others', hoursViewed }));
    expect(other(1_100_000)[0]?.consistent).toBe(true);
    expect(other(1_100_001)[0]?.consistent).toBe(false);
    expect(other(800_000)[0]?.consistent).toBe(false);
  });

  it.each([
    ['two shows of one source', [weekly(), weekly({ title: 'Z', season: 'A' }), halfYearly()]],
    ['two works by release date', [weekly(), halfYearly({ releasedOn: '2024-05-16' }), halfYearly({ releasedOn: '2021-05-07' })]],
    ['two works by category', [weekly({ category: 'Films (English)' }), weekly({ category: 'Films (Non-English)' }), halfYearly()]],
    ['two rows of one publication', [weekly(), halfYearly(), halfYearly({ occurrence: 2 })]],
    ['a film and a series', [weekly({ kind: 'FILM' }), halfYearly({ kind: 'SERIES' })]],
  ])('is absent for %s', (_, events) => {
    expect(linksOf(...events)).toEqual([]);
  });

  it('takes a title for ambiguous in the period only in which it is', () => {
    const second = { period: { from: '2024-07-01', to: '2025-01-01' }, report: '2024Jul-Dec' };
    const events = [weekly(), weekly({ period: { from: '2024-07-01', to: '2024-07-08' } }), halfYearly(), halfYearly(second), halfYearly({ ...second, occurrence: 2 })];
    expect(linksOf(...events).map(({ fromOn }) => fromOn)).toEqual(['2024-01-01']);
  });

  it('links a show of unknown kind', () => {
    expect(linksOf(weekly({ kind: 'FILM' }), halfYearly({ kind: null }))).toHaveLength(1);
  });
});
