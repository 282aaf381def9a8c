import { createReadStream, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect } from 'vitest';
import { toId } from '../kit/graph/id.ts';
import { createStores } from '../kit/store/test-stores.ts';
import type { Store } from '../kit/store/port.ts';
import { itWithRealData, realData } from '../kit/test-data.ts';
import { ask, receive } from '../subgraphs/viewing/fixtures.ts';
import { viewing } from '../subgraphs/viewing/index.ts';
import { netflixEngagement } from './netflix-engagement.ts';
import { netflixTop10 } from './netflix-top10.ts';
import { importFile, type Summary } from './runner.ts';

const TOP10 = 'viewing/netflix-top10-global_to-2024-11-17.tsv.gz';
const ENGAGEMENT = 'viewing/netflix-engagement_2023H1-2024H2.csv.gz';
const FILES = [TOP10, ENGAGEMENT];

type Cells = Record<string, string>;

/** The files read without anything of this project. */
const rowsOf = (path: string, delimiter: string): Cells[] =>
  parse(gunzipSync(readFileSync(path)), { delimiter, columns: true, quote: delimiter === ',' ? '"' : null }) as Cells[];

const top10Show = (title: string, season: string | null, kind: string, ...qualifier: string[]) => toId('Show', 'netflix-top10', title, season, kind, ...qualifier);
/** Titles that stand in both lists of films; no season of a series does. */
const namesakesIn = (rows: readonly Cells[]): string[] => {
  const lists = new Map<string, Set<string>>();
  for (const { show_title: title = '', season_title: season = '', category = '' } of rows) {
    const name = season === 'N/A' ? title : `${title} / ${season}`;
    lists.set(`${category.slice(0, 2)} ${name}`, (lists.get(`${category.slice(0, 2)} ${name}`) ?? new Set()).add(category));
  }
  return [...lists].filter(([, { size }]) => size > 1).map(([name]) => name.slice(3)).sort();
};
const date = (day: string, days: number) => new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);

describe('The published Netflix files', () => {
  const stores = createStores('LMDB', null);
  let opened: Promise<{ store: Store; first: Summary[] }> | null = null;
  const load = (store: Store, [top10, engagement]: string[]): Promise<Summary[]> => {
    const send = (kind: string, events: readonly unknown[]) => receive(store, kind, events);
    const run = async () => [
      await importFile(netflixTop10, createReadStream(top10 ?? ''), {}, send),
      await importFile(netflixEngagement, createReadStream(engagement ?? ''), {}, send),
    ];
    return run();
  };
  /** Loaded once for all of these tests. */
  const loaded = (...files: string[]) =>
    (opened ??= (async () => {
      const store = await stores.open(viewing.collections);
      return { store, first: await load(store, files) };
    })());

  // Not in the first test, whose time is short: 73,012 rows take their time on a busy machine.
  beforeAll(async () => {
    const files = FILES.map(realData).filter((file) => file !== null);
    if (files.length === FILES.length) await loaded(...files);
  }, 300_000);

  itWithRealData('are taken whole: every row is accounted for', FILES, async (...files) => {
    const [top10 = '', engagement = ''] = files;
    const { store, first } = await loaded(...files);
    const all = { repeated: 0, rejectedTotal: 0, rejected: [] };
    expect(first).toEqual([{ rows: 7_080, accepted: 7_080, ...all }, { rows: 65_932, accepted: 65_932, ...all }]);
    const { a, b } = await ask<Record<'a' | 'b', { totalCount: number }>>(
      store,
      '{ a: shows(namespace: "netflix-top10") { totalCount } b: shows(namespace: "netflix-engagement") { totalCount } }',
    );
    const distinct = (rows: Cells[], ...columns: string[]) => new Set(rows.map((row) => columns.map((column) => row[column]).join('\t'))).size;
    const rows = rowsOf(top10, '\t');
    const namesakes = namesakesIn(rows);
    const works = rows.map((row) => ({ ...row, work: namesakes.includes(row['show_title'] ?? '') ? row['category'] ?? '' : row['category']?.slice(0, 2) ?? '' }));
    expect(a.totalCount).toBe(distinct(works, 'show_title', 'season_title', 'work'));
    expect(b.totalCount).toBe(distinct(rowsOf(engagement, ','), 'title', 'kind'));
  });

  itWithRealData('change nothing when they are imported again', FILES, async (...files) => {
    const { store } = await loaded(...files);
    const query = `{ shows(namespace: "netflix-top10", first: 1000) { nodes { id reports(first: 100) { nodes { restated versions { publishedAt hoursViewed } } } } } }`;
    const before = await ask(store, query);
    const again = await load(store, files);
    expect(again.map(({ accepted, repeated, rejectedTotal }) => [accepted, repeated, rejectedTotal])).toEqual([[0, 7_080, 0], [0, 65_932, 0]]);
    expect(await ask(store, query)).toEqual(before);
  });

  itWithRealData("give a show's hours by week as the file itself has them", FILES, async (...files) => {
    const [top10 = ''] = files;
    const { store } = await loaded(...files);
    const rows = rowsOf(top10, '\t').filter((row) => row['season_title'] === 'Squid Game: Season 1');
    expect(rows.length).toBeGreaterThan(20);
    const hours = new Map(rows.map((row) => [date(row['week'] ?? '', -6), Number(row['weekly_hours_viewed'])]));
    const { show } = await ask<{ show: { publishedViewing: { points: { from: string; hoursViewed: number | null; partition: { id: string } | null }[]; whole: { hoursViewed: number }; cutPeriods: [] } } }>(
      store,
      `query ($id: ID!, $window: Window!) { show(id: $id) { publishedViewing(window: $window) {
        points { from hoursViewed partition { id } } whole { hoursViewed } cutPeriods { fromOn } } } }`,
      { id: top10Show('Squid Game', 'Squid Game: Season 1', 'SERIES'), window: { from: '2021-06-28', to: '2024-11-18', granularity: 'WEEK' } },
    );
    const { points, whole, cutPeriods } = show.publishedViewing;
    expect(points).toHaveLength(177);
    expect(points.map(({ from, hoursViewed }) => [from.slice(0, 10), hoursViewed])).toEqual(
      points.map(({ from }) => [from.slice(0, 10), hours.get(from.slice(0, 10)) ?? null]),
    );
    expect(points.filter(({ partition }) => partition !== null)).toHaveLength(hours.size);
    expect(whole.hoursViewed).toBe([...hours.values()].reduce((sum, each) => sum + each, 0));
    expect(cutPeriods).toEqual([]);
  });

  itWithRealData("give a dataset's hours by week and half-year as the files have them", FILES, async (...files) => {
    const [top10 = '', engagement = ''] = files;
    const { store } = await loaded(...files);
    const sums = new Map<string, { hours: number; rows: number }>();
    const add = (key: string, hours: string | undefined) => {
      const sum = sums.get(key) ?? { hours: 0, rows: 0 };
      sums.set(key, { hours: sum.hours + Number(hours), rows: sum.rows + 1 });
    };
    for (const row of rowsOf(top10, '\t')) add(date(row['week'] ?? '', -6), row['weekly_hours_viewed']);
    for (const row of rowsOf(engagement, ',')) add(row['report'] ?? '', row['hours_viewed']);
    const read = async (namespace: string, name: string, window: object) =>
      (await ask<{ _entities: { viewing: { hoursViewed: number; points: { from: string; hoursViewed: number; rows: number }[]; whole: { rows: number } } }[] }>(
        store,
        `query ($datasets: [_Any!]!, $window: Window!) { _entities(representations: $datasets) { ... on Dataset {
          viewing(window: $window) { hoursViewed points { from hoursViewed rows } whole { rows } } } } }`,
        { datasets: [{ __typename: 'Dataset', id: toId('Dataset', namespace, name) }], window },
      ))._entities[0]?.viewing;
    const before = store.commands();
    const weeks = await read('netflix-top10', 'all-weeks-global.tsv', { from: '2021-06-28', to: '2024-11-18', granularity: 'WEEK' });
    expect(store.commands() - before).toBe(2);
    expect(weeks?.points.map(({ from, hoursViewed, rows }) => [from.slice(0, 10), { hours: hoursViewed, rows }])).toEqual(
      [...sums].filter(([key]) => /^\d{4}-/.test(key)).sort(([a], [b]) => (a < b ? -1 : 1)),
    );
    const half = await read('netflix-engagement', 'What We Watched 2024Jan-Jun', { from: '2024-01-01', to: '2024-07-01', granularity: 'WHOLE' });
    expect({ hours: half?.hoursViewed, rows: half?.whole.rows }).toEqual(sums.get('2024Jan-Jun'));
  });

  itWithRealData('hold different works of one title, which stay different rows', FILES, async (...files) => {
    const [, engagement = ''] = files;
    const { store } = await loaded(...files);
    const keys = new Map<string, Cells[]>();
    for (const row of rowsOf(engagement, ',')) {
      const key = [row['report'], row['kind'], row['title']].join(' ');
      keys.set(key, [...(keys.get(key) ?? []), row]);
    }
    const equal = [...keys].filter(([, rows]) => rows.length > 1);
    expect(equal.map(([key, rows]) => [key, ...rows.map((row) => row['release_date'])])).toEqual([
      ['2024Jan-Jun movie Monster', '2024-05-16', '2021-05-07'],
      ['2024Jul-Dec movie Maria', '2024-12-11', '2019-05-17'],
      ['2024Jul-Dec movie Monster', '2024-05-16', '2021-05-07'],
    ]);
    const { show } = await ask<{ show: { reports: { nodes: object[] } } }>(
      store,
      'query ($id: ID!) { show(id: $id) { reports { nodes { report releasedOn restated figures { hoursViewed } } } } }',
      { id: toId('Show', 'netflix-engagement', 'Monster', null, 'FILM') },
    );
    expect(show.reports.nodes).toEqual(expect.arrayContaining([
      { report: '2024Jan-Jun', releasedOn: '2024-05-16', restated: false, figures: { hoursViewed: 9_800_000 } },
      { report: '2024Jan-Jun', releasedOn: '2021-05-07', restated: false, figures: { hoursViewed: 1_300_000 } },
    ]));
  });

  itWithRealData('hold two films of each of four titles, which are two shows with the hours of one each', FILES, async (...files) => {
    const { store } = await loaded(...files);
    const rows = rowsOf(files[0] ?? '', '\t');
    const titles = namesakesIn(rows);
    expect(titles).toEqual(['Ballerina', 'Inheritance', "Mother's Day", 'Security']);
    for (const title of titles) {
      for (const qualifier of ['English', 'Non-English']) {
        const { show } = await ask<{ show: { title: string; qualifier: string; reports: { nodes: { category: string }[] }; publishedViewing: { whole: { hoursViewed: number } } } }>(
          store,
          `query ($id: ID!) { show(id: $id) { title qualifier reports(first: 100) { nodes { category } }
            publishedViewing(window: { from: "2021-06-28", to: "2024-11-18", granularity: WHOLE }) { whole { hoursViewed } } } }`,
          { id: top10Show(title, null, 'FILM', qualifier) },
        );
        const own = rows.filter((row) => row['show_title'] === title && row['category'] === `Films (${qualifier})`);
        expect(show).toMatchObject({ title, qualifier, publishedViewing: { whole: { hoursViewed: own.reduce((sum, row) => sum + Number(row['weekly_hours_viewed']), 0) } } });
        expect(show.reports.nodes).toEqual(own.map((row) => ({ category: row['category'] })));
      }
      expect(await ask(store, 'query ($id: ID!) { show(id: $id) { id } }', { id: top10Show(title, null, 'FILM') })).toEqual({ show: null });
    }
    const { shows } = await ask<{ shows: { nodes: object[] } }>(
      store,
      `{ shows(namespace: "netflix-top10", title: "Inheritance") { nodes { qualifier
        publishedViewing(window: { from: "2024-06-17", to: "2024-06-24", granularity: WEEK }) { points { hoursViewed } } } } }`,
    );
    expect(shows.nodes).toHaveLength(2);
    expect(shows.nodes).toEqual(expect.arrayContaining([
      { qualifier: 'English', publishedViewing: { points: [{ hoursViewed: 9_500_000 }] } },
      { qualifier: 'Non-English', publishedViewing: { points: [{ hoursViewed: 16_600_000 }] } },
    ]));
  });

  itWithRealData('are linked by exact title, and wrong matches are found out by their figures', FILES, async (...files) => {
    const { store } = await loaded(...files);
    interface Page {
      shows: { nodes: { title: string; season: string | null; links: { fromOn: string; consistent: boolean; show: { title: string; namespace: string }; hoursHere: number; hoursThere: number }[] }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
    }
    const linked: { name: string; fromOn: string; consistent: boolean; there: string; hoursHere: number; hoursThere: number }[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const { shows }: Page = await ask<Page>(
        store,
        `query ($after: String) { shows(namespace: "netflix-top10", first: 1000, after: $after) {
          nodes { title season links { fromOn consistent hoursHere hoursThere show { title namespace } } } pageInfo { hasNextPage endCursor } } }`,
        { after },
      );
      for (const { title, season, links } of shows.nodes) {
        for (const { show, ...link } of links) linked.push({ name: season ?? title, there: show.title, ...link });
      }
      ({ hasNextPage: more, endCursor: after } = shows.pageInfo);
    }
    expect(linked.filter(({ consistent }) => consistent)).toHaveLength(1_472);
    expect(linked.filter(({ consistent }) => !consistent).map(({ name, fromOn, there, hoursHere, hoursThere }) => [name, fromOn, there, hoursHere, hoursThere]).sort()).toEqual([
      ['Demon Slayer: Kimetsu no Yaiba: Hashira Training Arc', '2024-01-01', 'Demon Slayer: Kimetsu no Yaiba: Hashira Training Arc // 鬼滅の刃: 柱稽古編', 26_000_000, 25_900_000],
      ['Dhamaka', '2023-01-01', 'Dhamaka // धमाका', 2_550_000, 1_400_000],
      ['Long Shot', '2023-07-01', 'Long Shot', 8_800_000, 200_000],
      ['On the Line', '2023-07-01', 'On the Line // 보이스', 4_800_000, 400_000],
      ['On the Line', '2024-01-01', 'On the Line // 보이스', 6_600_000, 500_000],
      ['Perdida', '2024-07-01', 'Perdida', 3_700_000, 1_200_000],
      ['Security', '2024-01-01', 'Security', 11_800_000, 1_100_000],
      ['The Son', '2023-01-01', 'The Son // El hijo', 7_940_000, 1_000_000],
      ['Warrior: Season 1', '2024-01-01', 'Warrior: Season 1 // Kriger: Sæson 1', 53_800_000, 2_200_000],
    ]);
  });

  itWithRealData('are refused when they are cut short or sent as the other kind', FILES, async (...files) => {
    const [top10 = '', engagement = ''] = files;
    const store = await stores.open(viewing.collections);
    const send = (kind: string, events: readonly unknown[]) => receive(store, kind, events);
    const cut = readFileSync(top10).subarray(0, 60_000);
    const asStream = async function* () {
      yield cut;
    };
    await expect(importFile(netflixTop10, asStream(), {}, send)).rejects.toMatchObject({ code: 'FILE_TRUNCATED' });
    await expect(importFile(netflixTop10, createReadStream(engagement), {}, send)).rejects.toMatchObject({ code: 'FILE_MISSING_COLUMN' });
    await expect(importFile(netflixEngagement, createReadStream(top10), {}, send)).rejects.toMatchObject({ code: 'FILE_MISSING_COLUMN' });
    const whole = await importFile(netflixTop10, createReadStream(top10), {}, send);
    expect(whole.accepted + whole.repeated).toBe(7_080);
  });

});
