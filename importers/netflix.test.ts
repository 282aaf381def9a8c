import { describe, expect, it } from 'vitest';
import { collect, eventsOf, inChunks, rejectionsOf } from './fixtures.ts';
import type { Importer, Parameters } from './importer.ts';
import { halfYearOf, netflixEngagement } from './netflix-engagement.ts';
import { netflixTop10 } from './netflix-top10.ts';

const read = (importer: Importer, content: string, parameters: Parameters = {}) =>
  collect(importer.read(inChunks(content), parameters));

const tsv = (...rows: string[][]): string => rows.map((row) => row.join('\t')).join('\n');

// The headers that the published files have had, by the public history of a job that fetches them.
const GLOBAL_2021 = ['week', 'category', 'weekly_rank', 'show_title', 'season_title', 'weekly_hours_viewed', 'cumulative_weeks_in_top_10'];
const GLOBAL_2023 = [...GLOBAL_2021.slice(0, 6), 'runtime', 'weekly_views', 'cumulative_weeks_in_top_10', 'is_staggered_launch', 'episode_launch_details'];
const COUNTRIES = ['country_name', 'country_iso2', 'week', 'category', 'weekly_rank', 'show_title', 'season_title', 'cumulative_weeks_in_top_10'];
const POPULAR_2021 = ['category', 'rank', 'show_title', 'season_title', 'hours_viewed_first_28_days'];
const POPULAR_2023 = ['category', 'rank', 'show_title', 'season_title', 'hours_viewed_first_91_days', 'runtime', 'views_first_91_days'];

describe('netflixTop10', () => {
  it('reads the global file of 2021', async () => {
    const content = tsv(GLOBAL_2021, ['2021-07-04', 'TV (Non-English)', '10', 'Record of Ragnarok', 'Record of Ragnarok: Season 1', '9140000', '1']);
    expect(eventsOf(await read(netflixTop10, content))).toEqual([
      {
        namespace: 'netflix-top10', report: 'Netflix Top 10 Global', title: 'Record of Ragnarok', season: 'Record of Ragnarok: Season 1',
        kind: 'SERIES', qualifier: null, category: 'TV (Non-English)', period: { from: '2021-06-28', to: '2021-07-05' }, daysSinceRelease: null,
        hoursViewed: 9_140_000, hoursRoundedTo: 10_000, views: null, runtimeMinutes: null, rank: 10, cumulativeWeeks: 1, country: null,
        dataset: { namespace: 'netflix-top10', name: 'all-weeks-global.tsv' }, extra: {}, publishedAt: null, occurrence: 1,
      },
    ]);
  });

  it('reads the global file of 2023 and keeps the columns it does not know', async () => {
    const content = tsv(GLOBAL_2023, ['2024-11-17', 'Films (English)', '1', 'Hot "Frosty', 'N/A', '24600000', '1.5333', '16000000', '1', 'False', '']);
    expect(eventsOf(await read(netflixTop10, content))).toMatchObject([
      { title: 'Hot "Frosty', season: null, kind: 'FILM', runtimeMinutes: 92, views: 16_000_000, extra: { is_staggered_launch: 'False' } },
    ]);
  });

  it('reads the countries file, which ranks without hours', async () => {
    const content = tsv(COUNTRIES, ['Argentina', 'AR', '2024-11-17', 'Films', '1', 'A', 'N/A', '2'], ['Bolivia', 'BO', '2024-11-17', 'Films', '1', 'A', 'N/A', '2']);
    expect(eventsOf(await read(netflixTop10, content))).toMatchObject([
      { report: 'Netflix Top 10 Countries', country: 'AR', rank: 1, hoursViewed: null, dataset: { name: 'all-weeks-countries.tsv' }, occurrence: 1 },
      { country: 'BO', occurrence: 1 },
    ]);
  });

  it.each([
    [28, tsv(POPULAR_2021, ['TV (English)', '1', 'Wednesday', 'Wednesday: Season 1', '1237150000'])],
    [91, tsv(POPULAR_2023, ['TV (English)', '1', 'Wednesday', 'Wednesday: Season 1', '1718800000', '6.8167', '252100000'])],
  ])('reads the most popular file of the first %i days', async (days, content) => {
    expect(eventsOf(await read(netflixTop10, content))).toMatchObject([
      { report: 'Netflix Top 10 Most Popular', daysSinceRelease: days, period: null, rank: 1, dataset: { name: 'most-popular.tsv' } },
    ]);
  });

  it('rejects a broken row by its line and column and takes its neighbours', async () => {
    const row = ['2024-11-17', 'Films (English)', '1', 'A', 'N/A', '10', '1'];
    const bad = [['2024-11-16', ...row.slice(1)], ['2024-02-30', ...row.slice(1)], row.with(5, 'many'), row.with(5, ''), row.with(3, ''), row.slice(1)];
    const rows = await read(netflixTop10, tsv(GLOBAL_2021, row, ...bad, row.with(3, 'B')));
    expect(rejectionsOf(rows).map(({ line, field }) => [line, field])).toEqual([
      [3, 'week'], [4, 'week'], [5, 'weekly_hours_viewed'], [6, 'weekly_hours_viewed'], [7, 'show_title'], [8, null],
    ]);
    expect(rows.filter((each) => 'event' in each)).toHaveLength(2);
  });

  it('numbers different rows of one key, and gives an equal row the number of the first', async () => {
    const row = ['2024-11-17', 'Films (English)', '1', 'A', 'N/A', '10', '1'];
    const rows = await read(netflixTop10, tsv(GLOBAL_2021, row, row.with(5, '20'), row, row.with(1, 'Films (Non-English)')));
    expect(eventsOf(rows)).toMatchObject([{ occurrence: 1 }, { occurrence: 2 }, { occurrence: 1 }, { occurrence: 1 }]);
  });

  it('tells apart the two films of one title that its lists have held, where a list says its language', async () => {
    const row = ['2024-06-23', 'Films (English)', '4', 'Inheritance', 'N/A', '9500000', '4'];
    const others = [row.with(1, 'Films (Non-English)'), row.with(1, 'TV (English)'), row.with(3, 'Inheritance (2020)')];
    expect(eventsOf(await read(netflixTop10, tsv(GLOBAL_2021, row, ...others)))).toMatchObject([
      { qualifier: 'English' }, { qualifier: 'Non-English' }, { qualifier: null }, { qualifier: null },
    ]);
    const countries = tsv(COUNTRIES, ['Argentina', 'AR', '2024-06-23', 'Films', '1', 'Inheritance', 'N/A', '2']);
    expect(eventsOf(await read(netflixTop10, countries))).toMatchObject([{ qualifier: null }]);
  });

  it('names the missing column of the file that it looks like', async () => {
    const without = GLOBAL_2021.filter((column) => column !== 'weekly_hours_viewed');
    await expect(read(netflixTop10, tsv(without))).rejects.toMatchObject({
      code: 'FILE_MISSING_COLUMN',
      message: expect.stringMatching(/with the column weekly_hours_viewed; line 1 has week, category, weekly_rank/) as string,
    });
    await expect(read(netflixTop10, tsv(COUNTRIES.filter((column) => column !== 'week')))).rejects.toThrow('with the column week;');
  });

  it.each(['null', '<!DOCTYPE html><html>', '{"week": 1}'])('refuses %j, as a job once fetched it', async (content) => {
    await expect(read(netflixTop10, content)).rejects.toMatchObject({ code: 'FILE_WRONG_KIND' });
  });

  it('takes namespace, dataset, report and publication from parameters', async () => {
    const content = tsv(GLOBAL_2021, ['2021-07-04', 'Films', '1', 'A', 'N/A', '1', '1']);
    const parameters = { namespace: 'n', dataset: 'd', report: 'r', 'published-at': '2021-07-06T00:00:00Z' };
    expect(eventsOf(await read(netflixTop10, content, parameters))).toMatchObject([
      { namespace: 'n', dataset: { namespace: 'n', name: 'd' }, report: 'r', publishedAt: '2021-07-06T00:00:00Z' },
    ]);
    await expect(read(netflixTop10, content, { 'published-at': 'Tuesday' })).rejects.toMatchObject({ code: 'FILE_BAD_PARAMETER' });
  });
});

const ENGAGEMENT = 'report,sheet,sheet_row,kind,title,available_globally,release_date,hours_viewed,runtime_h_mm,views';

describe('netflixEngagement', () => {
  it('reads a report without views, runtime and kind', async () => {
    const content = `${ENGAGEMENT}\n2023Jan-Jun,Engagement,9,,The Glory: Season 1 // 더 글로리: 시즌 1,Yes,2022-12-30,622800000,,\n`;
    expect(eventsOf(await read(netflixEngagement, content))).toEqual([
      {
        namespace: 'netflix-engagement', report: '2023Jan-Jun', title: 'The Glory: Season 1 // 더 글로리: 시즌 1', kind: null,
        matchTitle: 'The Glory: Season 1', period: { from: '2023-01-01', to: '2023-07-01' }, hoursViewed: 622_800_000,
        hoursRoundedTo: 100_000, views: null, runtimeMinutes: null, availableGlobally: true, releasedOn: '2022-12-30',
        dataset: { namespace: 'netflix-engagement', name: 'What We Watched 2023Jan-Jun' }, place: { sheet: 'Engagement', row: 9 },
        extra: {}, publishedAt: null, occurrence: 1,
      },
    ]);
  });

  it('reads kinds, runtimes with their marks and missing release dates', async () => {
    const rows = ['TV,1,show,A: Season 1,No,,200000,14:07,100', 'Film,2,movie,B,No,,100000,*,100', 'Film,3,movie,C,No,,100000,0:42*,100'];
    const content = [ENGAGEMENT, ...rows.map((row) => `2024Jul-Dec,${row}`)].join('\n');
    expect(eventsOf(await read(netflixEngagement, content))).toMatchObject([
      { kind: 'SERIES', runtimeMinutes: 847, releasedOn: null, period: { from: '2024-07-01', to: '2025-01-01' }, extra: {} },
      { kind: 'FILM', runtimeMinutes: null, extra: { runtime_h_mm: '*' } },
      { kind: 'FILM', runtimeMinutes: 42, extra: { runtime_h_mm: '0:42*' } },
    ]);
  });

  it('reads a sheet of one half-year with notes above its header, named by a parameter', async () => {
    const content = 'What We Watched,,,\n,,,\nTitle,Available Globally?,Release Date,Hours Viewed,Runtime,Views\nA,Yes,2025-01-02,"1,200,000",1:30,800000\n';
    expect(eventsOf(await read(netflixEngagement, content, { report: '2025Jan-Jun' }))).toMatchObject([
      { report: '2025Jan-Jun', period: { from: '2025-01-01', to: '2025-07-01' }, hoursViewed: 1_200_000, runtimeMinutes: 90, place: {} },
    ]);
    await expect(read(netflixEngagement, content, { report: '2025' })).rejects.toMatchObject({ code: 'FILE_BAD_PARAMETER' });
    await expect(read(netflixEngagement, content)).rejects.toMatchObject({ code: 'FILE_MISSING_COLUMN' });
  });

  it('rejects broken cells by line and column', async () => {
    const rows = [
      '2024,Film,1,movie,A,No,,1,1:00,1', '2024Jan-Jun,Film,1,movie,A,Maybe,,1,1:00,1', '2024Jan-Jun,Film,1,movie,A,No,2023-02-29,1,1:00,1',
      '2024Jan-Jun,Film,1,movie,A,No,,1.5,1:00,1', '2024Jan-Jun,Film,1,movie,A,No,,1,1:60,1', '2024Jan-Jun,Film,1,movie,A,No,,1,1:00,1',
    ];
    expect(rejectionsOf(await read(netflixEngagement, [ENGAGEMENT, ...rows].join('\n'))).map(({ line, field }) => [line, field])).toEqual([
      [2, 'report'], [3, 'available_globally'], [4, 'release_date'], [5, 'hours_viewed'], [6, 'runtime_h_mm'],
    ]);
  });

  it('reads half-years however they are written', () => {
    const second = { from: '2024-07-01', to: '2025-01-01' };
    expect(['2024Jul-Dec', '2024 July - December', '2024H2', '2024-h2'].map(halfYearOf)).toEqual([second, second, second, second]);
    expect(['2024', 'Jul-Dec', '2024Q3', '2024Jan-Dec'].map(halfYearOf)).toEqual([null, null, null, null]);
  });
});

describe('files of the same kind in other dress', () => {
  it('reads a Top 10 file that a spreadsheet saved with commas, in another order and with a column more', async () => {
    const header = '\uFEFFweekly_rank,week,show_title,season_title,category,weekly_views,runtime,weekly_hours_viewed,cumulative_weeks_in_top_10,studio';
    const rows = ['1,11/16/2025,"Crime, ""Inc.""",N/A,Films (English),N/A,,"24,600,000",1,Ours', '2,2025-11-16 00:00:00,B,NA,TV (English),"1,200,000",1.5,2.5e7,2,'];
    expect(eventsOf(await read(netflixTop10, [header, ...rows].join('\r\n')))).toMatchObject([
      { title: 'Crime, "Inc."', season: null, hoursViewed: 24_600_000, views: null, runtimeMinutes: null, period: { from: '2025-11-10', to: '2025-11-17' }, extra: { studio: 'Ours' } },
      { title: 'B', season: null, kind: 'SERIES', hoursViewed: 25_000_000, views: 1_200_000, runtimeMinutes: 90, period: { from: '2025-11-10', to: '2025-11-17' } },
    ]);
  });

  it('keeps the quotes that belong to a title in a tab-separated file, and reads numbers in them', async () => {
    const content = tsv(GLOBAL_2021, ['2022-12-04', 'Films (English)', '1', '"Sr."', 'N/A', '"9,140,000"', '1']);
    expect(eventsOf(await read(netflixTop10, content))).toMatchObject([{ title: '"Sr."', hoursViewed: 9_140_000 }]);
  });

  it('knows a country by its code, Namibia too, or by its name', async () => {
    const row = ['Namibia', 'NA', '2024-11-17', 'Films', '1', 'A', 'N/A', '2'];
    expect(eventsOf(await read(netflixTop10, tsv(COUNTRIES, row)))).toMatchObject([{ country: 'NA' }]);
    expect(eventsOf(await read(netflixTop10, tsv(COUNTRIES.toSpliced(1, 1), row.toSpliced(1, 1))))).toMatchObject([{ country: 'Namibia' }]);
  });

  it('takes from a most popular file of both spans the one that is filled', async () => {
    const header = [...POPULAR_2021, 'hours_viewed_first_91_days', 'views_first_91_days'];
    const content = tsv(header, ['TV', '1', 'A', 'N/A', 'N/A', '20', '2'], ['TV', '2', 'B', 'N/A', '10', '20', '2']);
    expect(eventsOf(await read(netflixTop10, content))).toMatchObject([
      { daysSinceRelease: 91, hoursViewed: 20, views: 2 },
      { daysSinceRelease: 28, hoursViewed: 10, views: null, extra: { hours_viewed_first_91_days: '20' } },
    ]);
  });

  it('reads an engagement report as R wrote it', async () => {
    const header = 'source,report,title,available_globally,release_date,hours_viewed,runtime,views';
    const rows = [
      '1_What_We_Watched_A_Netflix_Engagement_Report_2025Jan-Jun,2025Jan-Jun,A,Yes,NA,1e+05,1H 30M 0S,1e5',
      'x,What_We_Watched_A_Netflix_Engagement_Report_2023Jul-Dec,B,FALSE,2023-01-02,200000,42M 0S,NA',
      'x,2024Jan-Jun,C,No,NA,200000,NA,NA', 'x,2024Jan-Jun,D,No,1/9/2024,200000,1d 2H 0M 0S,1', 'x,2024Jan-Jun,D,No,13/9/2024,1.5e0,1x,1',
    ];
    const read5 = await read(netflixEngagement, [header, ...rows].join('\n'), { fileName: 'shows.csv' });
    expect(eventsOf(read5.slice(0, 4))).toMatchObject([
      { report: '2025Jan-Jun', kind: 'SERIES', hoursViewed: 100_000, views: 100_000, runtimeMinutes: 90, releasedOn: null, extra: { source: expect.stringContaining('What_We_Watched') as string } },
      { report: '2023Jul-Dec', availableGlobally: false, period: { from: '2023-07-01', to: '2024-01-01' }, runtimeMinutes: 42, views: null, dataset: { name: 'What We Watched 2023Jul-Dec' } },
      { runtimeMinutes: null, views: null }, { releasedOn: '2024-01-09', runtimeMinutes: 1_560 },
    ]);
    expect(rejectionsOf(read5)).toMatchObject([{ line: 6, field: 'hours_viewed' }]);
  });

  it('takes the half-year from the name of the file where nothing else says it, unless the name says two', async () => {
    const content = 'Title,Available Globally?,Release Date,Hours Viewed,Runtime,Views\nA,Yes,2025-01-02,"1,200,000",1:30:00,800000\n';
    const fileName = 'What_We_Watched_A_Netflix_Engagement_Report_2025Jul-Dec__6_.csv';
    expect(eventsOf(await read(netflixEngagement, content, { fileName }))).toMatchObject([{ report: '2025Jul-Dec', runtimeMinutes: 90, kind: null }]);
    await expect(read(netflixEngagement, content, { fileName: 'engagement_2023H1-2024H2.csv' })).rejects.toMatchObject({ code: 'FILE_MISSING_COLUMN' });
  });
});
