import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { addDays } from '../../kit/ingest/time.ts';
import { describeOnEachStore } from '../../kit/store/test-stores.ts';
import { collections } from './collections.ts';
import { createDesk, type Desk } from './fixtures.ts';

/** Whole, half and quarter hours from UTC; zones whose clocks change by an hour and by half of one, on both halves of the globe. */
const ZONES = [
  'UTC', 'Asia/Kolkata', 'Asia/Kathmandu', 'Pacific/Chatham', 'Australia/Lord_Howe', 'America/New_York', 'Europe/London', 'America/St_Johns',
] as const;
const FIRST_DAY = '2024-01-01';
const DAYS = 366;
const RUNS = 3_000;

interface RawRun {
  readonly start: number;
  readonly end: number;
  readonly team: string | null;
}

/** Runs all over a leap year, one in four of which nobody can attribute; some near the hours at which clocks change. */
const raw: readonly RawRun[] = fc
  .sample(fc.tuple(fc.integer({ min: 0, max: DAYS * 96 - 1 }), fc.integer({ min: 0, max: 899_999 }), fc.integer({ min: 0, max: 90_000_000 }), fc.integer({ min: 0, max: 3 })), { numRuns: RUNS, seed: 11 })
  .map(([quarter, offset, length, team], place) => {
    const anywhere = Date.parse(`${FIRST_DAY}T00:00:00Z`) + quarter * 900_000 + offset;
    const changes = ['2024-03-10T06:30:00Z', '2024-11-03T05:30:00Z', '2024-03-31T00:30:00Z', '2024-10-27T00:30:00Z', '2024-04-06T14:30:00Z', '2024-10-05T15:30:00Z'];
    const start = place % 10 === 0 ? Date.parse(changes[(place / 10) % changes.length] ?? '') + (offset % 7) * 900_000 : anywhere;
    return { start, end: start + length, team: team === 0 ? null : `team ${team}` };
  });

const formats = new Map(ZONES.map((zone) => [zone, new Intl.DateTimeFormat('sv-SE', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' })]));
/** The date that a clock on the wall shows: another way to the same days than the one under test. */
const localDate = (instant: number, zone: (typeof ZONES)[number]): string => formats.get(zone)?.format(instant) ?? '';

interface Whole {
  readonly whole: { readonly runsStarted: number | null; readonly runsEnded: number | null; readonly runTime: { readonly totalMs: number } | null };
}
interface Report {
  readonly total: Whole & { readonly points: readonly { readonly runsStarted: number | null }[] };
  readonly attributed: Whole;
  readonly unattributed: Whole;
  readonly groups: readonly { readonly team: { readonly id: string } | null; readonly use: Whole }[];
}

const FIGURES = 'whole { runsStarted runsEnded runTime { totalMs } }';
const QUERY = `query ($window: Window!) { platformUse(window: $window) {
  total { points { runsStarted } ${FIGURES} } attributed { ${FIGURES} } unattributed { ${FIGURES} } groups { team { id } use { ${FIGURES} } } } }`;

const figuresOf = ({ whole }: Whole): [number, number, number] => [whole.runsStarted ?? 0, whole.runsEnded ?? 0, whole.runTime?.totalMs ?? 0];
const count = (runs: readonly RawRun[], isInside: (instant: number) => boolean): [number, number, number] => {
  const ended = runs.filter(({ end }) => isInside(end));
  return [runs.filter(({ start }) => isInside(start)).length, ended.length, ended.reduce((sum, { start, end }) => sum + end - start, 0)];
};
const add = (one: readonly number[], other: readonly number[]): number[] => one.map((value, place) => value + (other[place] ?? 0));

await describeOnEachStore('the use of the platform', ({ name, open }) => {
  let desk: Desk;

  beforeAll(async () => {
    desk = createDesk(await open(collections));
    const events = raw.map(({ start, end, team }, number) => ({
      source: 'totals', number, namespace: 'n', job: 'j', startedAt: new Date(start).toISOString(), durationMs: end - start, ...(team === null ? {} : { team }),
    }));
    const { accepted, rejected } = await desk.send('log-run', events);
    expect([accepted, rejected]).toEqual([RUNS, []]);
  });

  it('is attributed and unattributed to exactly the total that the raw runs give, in any window of days and any zone', async () => {
    const days = fc.tuple(fc.constantFrom(...ZONES), fc.integer({ min: 0, max: DAYS - 1 }), fc.integer({ min: 1, max: 40 }));
    await fc.assert(
      fc.asyncProperty(days, async ([timeZone, first, length]) => {
        const [from, to] = [addDays(FIRST_DAY, first), addDays(FIRST_DAY, first + length)];
        const { platformUse: report } = await desk.ask<{ platformUse: Report }>(QUERY, { window: { from, to, timeZone, granularity: 'DAY' } });
        const isInside = (instant: number): boolean => {
          const date = localDate(instant, timeZone);
          return date >= from && date < to;
        };
        expect(figuresOf(report.total)).toEqual(count(raw, isInside));
        expect(figuresOf(report.unattributed)).toEqual(count(raw.filter(({ team }) => team === null), isInside));
        expect(add(figuresOf(report.attributed), figuresOf(report.unattributed))).toEqual(figuresOf(report.total));
        expect(report.groups.map(({ use }) => figuresOf(use)).reduce(add, [0, 0, 0])).toEqual(figuresOf(report.total));
        const byDay = report.total.points.map(({ runsStarted }) => runsStarted ?? 0);
        const starts = new Map<string, number>();
        for (const { start } of raw) starts.set(localDate(start, timeZone), (starts.get(localDate(start, timeZone)) ?? 0) + 1);
        expect(byDay).toEqual(Array.from({ length }, (_, day) => starts.get(addDays(from, day)) ?? 0));
      }),
      {
        numRuns: name === 'LMDB' ? 60 : 15,
        seed: 3,
        // Both ends of daylight saving: a day of 23 hours, of 25, of 23.5 and of 24.5.
        examples: [[['America/New_York', 69, 1]], [['America/New_York', 307, 1]], [['Australia/Lord_Howe', 279, 1]], [['Australia/Lord_Howe', 97, 1]], [['Europe/London', 90, 1]], [['Europe/London', 300, 1]]],
      },
    );
  });
});
