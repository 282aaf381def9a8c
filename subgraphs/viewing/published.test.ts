import { describe, expect, it } from 'vitest';
import { toId } from '../../kit/graph/id.ts';
import { createStores } from '../../kit/store/test-stores.ts';
import { ask, receive, reportEvent } from './fixtures.ts';
import { viewing } from './index.ts';

const showA = toId('Show', 'weekly', 'A', 'A: Season 1', 'SERIES');
const week = (from: string, to: string) => ({ period: { from, to } });

const PUBLISHED = `query ($id: ID!, $window: Window!, $knownAt: DateTime) {
  show(id: $id) { publishedViewing(window: $window, knownAt: $knownAt) {
    points { from hoursViewed views restated reports { category figures { hoursViewed } } partition { id } dataset { id } }
    whole { hoursViewed } cutPeriods { report fromOn toOn } asOf
  } }
}`;

interface Published {
  show: {
    publishedViewing: {
      points: { from: string; hoursViewed: number | null; views: number | null; restated: boolean | null; reports: { category: string }[]; partition: { id: string } | null; dataset: { id: string } | null }[];
      whole: { hoursViewed: number | null };
      cutPeriods: { report: string; fromOn: string; toOn: string }[];
      asOf: string | null;
    };
  };
}

describe('publishedViewing', () => {
  const stores = createStores('LMDB', null);
  const openWith = async (...events: ReturnType<typeof reportEvent>[]) => {
    const store = await stores.open(viewing.collections);
    const { rejected } = await receive(store, 'published-report', events);
    expect(rejected).toEqual([]);
    return async (window: object, knownAt?: string, id = showA) =>
      (await ask<Published>(store, PUBLISHED, { id, window, knownAt })).show.publishedViewing;
  };
  const JANUARY = { from: '2024-01-01', to: '2024-01-29', granularity: 'WEEK' };

  it('has a point for each week, null where nothing was published', async () => {
    const read = await openWith(reportEvent({ views: 7 }), reportEvent({ ...week('2024-01-15', '2024-01-22'), hoursViewed: 2_000_000 }));
    const { points, whole, cutPeriods } = await read(JANUARY);
    expect(points.map(({ hoursViewed }) => hoursViewed)).toEqual([1_000_000, null, 2_000_000, null]);
    expect(points.map(({ views }) => views)).toEqual([7, null, null, null]);
    expect(points[1]).toMatchObject({ restated: null, reports: [], partition: null, dataset: null });
    expect(whole.hoursViewed).toBe(3_000_000);
    expect(cutPeriods).toEqual([]);
  });

  it('names the partition of a week and the dataset of a month', async () => {
    const read = await openWith(reportEvent(), reportEvent(week('2024-01-08', '2024-01-15')));
    const weeks = await read(JANUARY);
    expect(weeks.points[0]?.partition?.id).toMatch(/^DatasetPartition:/);
    const { points } = await read({ from: '2024-01-01', to: '2024-02-01', granularity: 'MONTH' });
    expect(points[0]).toMatchObject({ hoursViewed: 2_000_000, partition: null, dataset: { id: toId('Dataset', 'weekly', 'weekly.tsv') } });
  });

  it('never splits a period: one across two months is in neither, and is said', async () => {
    const read = await openWith(reportEvent(week('2024-01-29', '2024-02-05')));
    const { points, whole, cutPeriods } = await read({ from: '2024-01-01', to: '2024-03-01', granularity: 'MONTH' });
    expect(points.map(({ hoursViewed }) => hoursViewed)).toEqual([null, null]);
    expect(whole.hoursViewed).toBe(1_000_000);
    expect(cutPeriods).toEqual([{ report: 'Weekly list', fromOn: '2024-01-29', toOn: '2024-02-05' }]);
  });

  it("leaves out a period that the window's edge cuts, and says it", async () => {
    const read = await openWith(reportEvent({ report: 'Half-year', ...week('2023-07-01', '2024-01-15') }), reportEvent(week('2024-01-15', '2024-01-22')));
    const { whole, cutPeriods } = await read({ ...JANUARY, granularity: 'WHOLE' });
    expect(whole.hoursViewed).toBe(1_000_000);
    expect(cutPeriods).toEqual([{ report: 'Half-year', fromOn: '2023-07-01', toOn: '2024-01-15' }]);
  });

  it("takes a published day for a day of the window's zone", async () => {
    const read = await openWith(reportEvent());
    for (const timeZone of ['America/Los_Angeles', 'Asia/Kolkata', 'Pacific/Auckland']) {
      const { points, cutPeriods } = await read({ ...JANUARY, timeZone });
      expect(points.map(({ hoursViewed }) => hoursViewed)).toEqual([1_000_000, null, null, null]);
      expect(cutPeriods).toEqual([]);
    }
  });

  it('adds up the categories of one week, and the same title of two release dates', async () => {
    const read = await openWith(
      reportEvent({ category: 'English' }),
      reportEvent({ category: 'Non-English' }),
      reportEvent({ category: 'English', releasedOn: '2019-05-17' }),
      reportEvent({ category: 'English', occurrence: 2 }),
    );
    const { points } = await read(JANUARY);
    expect(points[0]).toMatchObject({ hoursViewed: 4_000_000 });
    expect(points[0]?.reports).toHaveLength(4);
  });

  it('is of one work where a qualifier tells two works of one title apart', async () => {
    const read = await openWith(reportEvent(), reportEvent({ qualifier: 'Remake', hoursViewed: 5_000_000 }), reportEvent({ qualifier: 'Remake', ...week('2024-01-08', '2024-01-15') }));
    const hoursOf = async (id: string) => (await read(JANUARY, undefined, id)).points.map(({ hoursViewed }) => hoursViewed);
    expect(await hoursOf(showA)).toEqual([1_000_000, null, null, null]);
    expect(await hoursOf(toId('Show', 'weekly', 'A', 'A: Season 1', 'SERIES', 'Remake'))).toEqual([5_000_000, 1_000_000, null, null]);
  });

  it('counts the shorter of overlapping periods once', async () => {
    const read = await openWith(
      reportEvent({ report: 'Month', ...week('2024-01-01', '2024-02-01'), hoursViewed: 9_000_000 }),
      reportEvent(),
      reportEvent({ report: 'Month', ...week('2024-02-01', '2024-03-01'), hoursViewed: 5_000_000 }),
    );
    const { points } = await read({ from: '2024-01-01', to: '2024-03-01', granularity: 'MONTH' });
    expect(points.map(({ hoursViewed }) => hoursViewed)).toEqual([1_000_000, 5_000_000]);
  });

  it('leaves out countries, ranks without hours and days since release', async () => {
    const read = await openWith(
      reportEvent(),
      reportEvent({ country: 'AR' }),
      reportEvent({ report: 'Ranks', hoursViewed: null, rank: 1 }),
      reportEvent({ report: 'Popular', period: null, daysSinceRelease: 28 }),
    );
    expect((await read(JANUARY)).whole.hoursViewed).toBe(1_000_000);
  });

  it('serves the latest figures, and by knownAt those of then', async () => {
    const read = await openWith(
      reportEvent({ hoursViewed: 3_000_000, publishedAt: '2024-01-23T00:00:00Z' }),
      reportEvent(),
      reportEvent({ hoursViewed: 2_000_000, publishedAt: '2024-01-16T00:00:00Z' }),
    );
    const at = async (knownAt?: string) => {
      const { points, asOf } = await read(JANUARY, knownAt);
      return [points[0]?.hoursViewed, points[0]?.restated, asOf];
    };
    expect(await at()).toEqual([3_000_000, true, '2024-01-23T00:00:00.000Z']);
    expect(await at('2024-01-20T00:00:00Z')).toEqual([2_000_000, true, '2024-01-16T00:00:00.000Z']);
    expect(await at('2024-01-10T00:00:00Z')).toEqual([1_000_000, false, '2024-01-09T00:00:00.000Z']);
    expect(await at('2024-01-01T00:00:00Z')).toEqual([null, null, null]);
  });

  it('serves figures that were restated and then put back', async () => {
    const read = await openWith(
      reportEvent(),
      reportEvent({ hoursViewed: 2_000_000, publishedAt: '2024-01-16T00:00:00Z' }),
      reportEvent({ publishedAt: '2024-01-23T00:00:00Z' }),
    );
    expect((await read(JANUARY)).points[0]).toMatchObject({ hoursViewed: 1_000_000, restated: true });
  });

  it('takes the receipt for the publication where nobody knows it', async () => {
    const store = await stores.open(viewing.collections);
    await receive(store, 'published-report', [reportEvent({ publishedAt: null })], Date.parse('2024-02-01'));
    const again = await receive(store, 'published-report', [reportEvent({ publishedAt: null })], Date.parse('2024-02-02'));
    expect(again).toEqual({ accepted: 0, repeated: 1, rejected: [] });
    await receive(store, 'published-report', [reportEvent({ publishedAt: null, hoursViewed: 5 })], Date.parse('2024-02-03'));
    const { show } = await ask<{ show: { reports: { nodes: object[] } } }>(
      store,
      '{ show(id: "' + showA + '") { reports { nodes { restated figures { hoursViewed } versions { publishedAt publicationKnown hoursViewed } } } } }',
    );
    expect(show.reports.nodes).toEqual([
      {
        restated: true,
        figures: { hoursViewed: 5 },
        versions: [
          { publishedAt: '2024-02-01T00:00:00.000Z', publicationKnown: false, hoursViewed: 1_000_000 },
          { publishedAt: '2024-02-03T00:00:00.000Z', publicationKnown: false, hoursViewed: 5 },
        ],
      },
    ]);
  });

  it('lists by knownAt only the reports that were published by then', async () => {
    const store = await stores.open(viewing.collections);
    await receive(store, 'published-report', [
      reportEvent({ ...week('2024-01-08', '2024-01-15'), publishedAt: '2024-01-16T00:00:00Z' }),
      reportEvent(),
      reportEvent({ hoursViewed: 5, publishedAt: '2024-01-16T00:00:00Z' }),
    ]);
    const list = async (knownAt: string | null) => {
      const { show } = await ask<{ show: { reports: { nodes: { fromOn: string; figures: { hoursViewed: number } }[]; totalCount: number } } }>(
        store,
        'query ($id: ID!, $knownAt: DateTime) { show(id: $id) { reports(knownAt: $knownAt) { nodes { fromOn figures { hoursViewed } } totalCount } } }',
        { id: showA, knownAt },
      );
      return show.reports;
    };
    expect(await list(null)).toEqual({
      nodes: [{ fromOn: '2024-01-01', figures: { hoursViewed: 5 } }, { fromOn: '2024-01-08', figures: { hoursViewed: 1_000_000 } }],
      totalCount: 2,
    });
    expect(await list('2024-01-10T00:00:00Z')).toEqual({ nodes: [{ fromOn: '2024-01-01', figures: { hoursViewed: 1_000_000 } }], totalCount: 1 });
  });
});
