import fc from 'fast-check';
import { GraphQLError } from 'graphql';
import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../ingest/time.ts';
import { QUARTER_HOUR_MS } from './bucket.ts';
import { type Granularity, parseWindow, type WindowInput } from './window.ts';

const hours = (input: WindowInput): string => parseWindow(input).points.map(({ from, to }) => (to - from) / HOUR_MS).join(' ');
const starts = (input: WindowInput): string[] => parseWindow(input).points.map(({ from }) => new Date(from).toISOString());

function refusal(input: WindowInput): { code: unknown; message: string } {
  try {
    parseWindow(input);
  } catch (error) {
    if (error instanceof GraphQLError) return { code: error.extensions['code'], message: error.message };
    throw error;
  }
  throw new Error('Expected a refusal.');
}

const messageOf = (input: WindowInput): string | null => {
  try {
    parseWindow(input);
    return null;
  } catch (error) {
    return String(error);
  }
};

describe('days', () => {
  it('have 23 and 25 hours where daylight saving begins and ends', () => {
    expect(hours({ from: '2024-03-09', to: '2024-03-12', timeZone: 'America/New_York' })).toBe('24 23 24');
    expect(hours({ from: '2024-11-02', to: '2024-11-05', timeZone: 'America/New_York' })).toBe('24 25 24');
  });

  it('have 23.5 and 24.5 hours on Lord Howe', () => {
    expect(hours({ from: '2024-10-05', to: '2024-10-08', timeZone: 'Australia/Lord_Howe' })).toBe('24 23.5 24');
    expect(hours({ from: '2024-04-06', to: '2024-04-09', timeZone: 'Australia/Lord_Howe' })).toBe('24 24.5 24');
  });

  it('begin at one where midnight does not exist', () => {
    const window = { from: '2018-11-03', to: '2018-11-06', timeZone: 'America/Sao_Paulo' };
    expect(starts(window)).toEqual(['2018-11-03T03:00:00.000Z', '2018-11-04T03:00:00.000Z', '2018-11-05T02:00:00.000Z']);
  });

  it('begin at the first of two midnights', () => {
    expect(starts({ from: '2024-11-03', to: '2024-11-05', timeZone: 'America/Havana' })).toEqual(['2024-11-03T04:00:00.000Z', '2024-11-04T05:00:00.000Z']);
  });

  it('leave out a date that a zone skipped', () => {
    const window = { from: '2011-12-29', to: '2012-01-01', timeZone: 'Pacific/Apia' };
    expect(starts(window)).toEqual(['2011-12-29T10:00:00.000Z', '2011-12-30T10:00:00.000Z']);
    expect(parseWindow({ ...window, from: '2011-12-30' }).from).toBe(Date.parse('2011-12-30T10:00:00Z'));
  });

  it('begin at quarters of an hour of UTC in Kolkata and Kathmandu', () => {
    expect(starts({ from: '2024-01-01', to: '2024-01-02', timeZone: 'Asia/Kolkata' })).toEqual(['2023-12-31T18:30:00.000Z']);
    expect(starts({ from: '2024-01-01', to: '2024-01-02', timeZone: 'Asia/Kathmandu' })).toEqual(['2023-12-31T18:15:00.000Z']);
  });
});

describe('hours', () => {
  it('begin on the full hours of the local clock', () => {
    expect(starts({ from: '2024-01-01', to: '2024-01-01T02:00:00+05:45', timeZone: 'Asia/Kathmandu', granularity: 'HOUR' })).toEqual([
      '2023-12-31T18:15:00.000Z',
      '2023-12-31T19:15:00.000Z',
    ]);
  });

  it('are one each where the clock goes through an hour twice', () => {
    expect(hours({ from: '2024-11-03', to: '2024-11-04', timeZone: 'America/New_York', granularity: 'HOUR' })).toBe(Array(25).fill('1').join(' '));
  });

  it('are 90 and 30 minutes where the clock moves by half an hour', () => {
    const timeZone = 'Australia/Lord_Howe';
    expect(hours({ from: '2024-04-06T14:00:00Z', to: '2024-04-06T16:30:00Z', timeZone, granularity: 'HOUR' })).toBe('1.5 1');
    expect(hours({ from: '2024-10-05T14:30:00Z', to: '2024-10-05T17:00:00Z', timeZone, granularity: 'HOUR' })).toBe('1 0.5 1');
  });

  it('are 45 and 15 minutes where the clock goes back into the hour before', () => {
    const window = { from: '2024-04-06T13:15:00Z', to: '2024-04-06T15:15:00Z', timeZone: 'Pacific/Chatham', granularity: 'HOUR' } as const;
    expect(hours(window)).toBe('0.75 0.25 1');
  });

  it('pass over a skip that is not on a quarter of an hour', () => {
    // Until 2011 Newfoundland moved its clocks at one minute past midnight.
    expect(hours({ from: '2006-04-02', to: '2006-04-02T06:30:00Z', timeZone: 'America/St_Johns', granularity: 'HOUR' })).toBe('1 1 1');
  });
});

describe('weeks, months and the whole', () => {
  it('starts weeks on Monday', () => {
    expect(hours({ from: '2024-03-04', to: '2024-03-18', timeZone: 'Europe/Paris', granularity: 'WEEK' })).toBe('168 168');
    expect(hours({ from: '2024-03-25', to: '2024-04-08', timeZone: 'Europe/Paris', granularity: 'WEEK' })).toBe('167 168');
    expect(refusal({ from: '2024-03-03', to: '2024-03-17', granularity: 'WEEK' }).message).toContain('2024-02-26T00:00:00.000Z and 2024-03-04T00:00:00.000Z');
  });

  it('cuts months of the calendar', () => {
    expect(parseWindow({ from: '2023-12-01', to: '2024-04-01', timeZone: 'Asia/Tokyo', granularity: 'MONTH' }).points.map(({ from, to }) => (to - from) / DAY_MS)).toEqual([31, 31, 29, 31]);
  });

  it('takes a whole between any two quarters of an hour', () => {
    const window = parseWindow({ from: '2024-01-01T00:15:00Z', to: '2025-06-07T10:45:00+01:00', granularity: 'WHOLE' });
    expect(window.points).toEqual([{ from: window.from, to: window.to }]);
    expect(refusal({ from: '2024-01-01T00:07:00Z', to: '2025-01-01', granularity: 'WHOLE' }).code).toBe('WINDOW_OFF_GRANULARITY');
  });
});

describe('every zone', () => {
  const zones = Intl.supportedValuesOf('timeZone');
  /** Their clocks have moved at one minute past midnight, past a full hour or back over it, inside a quarter of an hour. */
  const movedInsideQuarters = ['St_Johns', 'Goose_Bay', 'Moncton', 'Casey', 'Gaza', 'Hebron', 'Guam', 'Saipan'];
  const granularity = fc.constantFrom<Granularity>('HOUR', 'DAY', 'WEEK', 'MONTH');
  const lengthOfName = { HOUR: '2024-01-01 00'.length, DAY: '2024-01-01'.length, MONTH: '2024-01'.length };

  it('has points that tile the window, each beginning where the local clock turns to it', () => {
    const date = fc.integer({ min: 0, max: 57 * 12 }).map((month) => new Date(Date.UTC(1980, month)).toISOString().slice(0, 10));
    fc.assert(
      fc.property(fc.constantFrom(...zones), date, fc.constantFrom('HOUR', 'DAY', 'MONTH'), (timeZone, from, granularity) => {
        const to = `${new Date(Date.parse(from) + 32 * DAY_MS).toISOString().slice(0, 8)}01`;
        const window = parseWindow({ from, to, timeZone, granularity });
        const format = new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', hourCycle: 'h23' });
        const name = (at: number): string => format.format(at).slice(0, lengthOfName[granularity]);
        const readable = granularity !== 'HOUR' || !movedInsideQuarters.includes(timeZone.split('/')[1] ?? '');
        let edge = window.from;
        for (const point of window.points) {
          expect(point.from).toBe(edge);
          expect(point.to).toBeGreaterThan(point.from);
          expect(point.from % QUARTER_HOUR_MS).toBe(0);
          edge = point.to;
          // An hour that the clock goes through twice is two points.
          expect(granularity === 'HOUR' || name(point.from - 1000) !== name(point.from), `${timeZone} ${point.from}`).toBe(true);
          expect(!readable || name(point.to - 1000) === name(point.from), `${timeZone} ${point.from}`).toBe(true);
        }
        expect(edge).toBe(window.to);
      }),
      { numRuns: 100 },
    );
  });

  it('takes any edge that a refusal names', () => {
    const instant = fc.integer({ min: Date.UTC(1985, 0) / QUARTER_HOUR_MS, max: Date.UTC(2030, 0) / QUARTER_HOUR_MS }).map((index) => new Date(index * QUARTER_HOUR_MS).toISOString());
    fc.assert(
      fc.property(fc.constantFrom(...zones), instant, granularity, (timeZone, from, cut) => {
        const to = new Date(Date.parse(from) + 400 * DAY_MS).toISOString();
        const message = messageOf({ from, to, timeZone, granularity: cut });
        const off = Date.parse(message?.includes('`from`') ? from : to);
        const [first = from, second = to] = [...(message ?? '').matchAll(/\d{4}-\d\d-\d\dT[\d:.]+Z(?= \(|,? and|:)/g)].map(([text]) => text);
        const named = parseWindow({ from: first, to: second, timeZone, granularity: cut });
        expect(message === null || named.points.length === 1).toBe(true);
        expect(message === null || (named.from < off && off < named.to)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a window', () => {
  it('is of days of UTC unless it says otherwise', () => {
    expect(parseWindow({ from: '2024-01-01', to: '2024-01-03', timeZone: null })).toMatchObject({ timeZone: 'UTC', granularity: 'DAY' });
  });

  it('is the same object for the same input', () => {
    const input = { from: '2024-01-01', to: '2024-02-01', timeZone: 'Asia/Tokyo' };
    expect(parseWindow({ ...input })).toBe(parseWindow({ ...input }));
  });

  it('names the edge that is off, what came and the nearest edges', () => {
    expect(refusal({ from: '2024-03-10T00:00:00Z', to: '2024-03-12', timeZone: 'America/New_York' })).toEqual({
      code: 'WINDOW_OFF_GRANULARITY',
      message:
        'Expected `from` at the start of a day in America/New_York (granularity DAY), got "2024-03-10T00:00:00Z". The nearest are ' +
        '2024-03-09T05:00:00.000Z (2024-03-09 00:00 there) and 2024-03-10T05:00:00.000Z (2024-03-10 00:00 there): take one of them, or a finer granularity.',
    });
  });

  it.each([
    ['WINDOW_REVERSED', { from: '2024-01-02', to: '2024-01-01' }],
    ['WINDOW_REVERSED', { from: '2024-01-01', to: '2024-01-01' }],
    ['UNKNOWN_TIME_ZONE', { from: '2024-01-01', to: '2024-01-02', timeZone: 'Mars/Olympus' }],
    ['UNKNOWN_TIME_ZONE', { from: '2024-01-01', to: '2024-01-02', timeZone: '+05:30' }],
    ['UNKNOWN_TIME_ZONE', { from: '2024-01-01', to: '2024-01-02', timeZone: '' }],
    ['BAD_ARGUMENT', { from: '2024-02-30', to: '2024-03-02' }],
    ['BAD_ARGUMENT', { from: '2024-01-01T00:00:00', to: '2024-03-02' }],
    ['BAD_ARGUMENT', { from: '2024-01-01T24:61:00Z', to: '2024-03-02' }],
    ['WINDOW_OFF_GRANULARITY', { from: '2024-01-01T00:00:00.0000001Z', to: '2024-01-02' }],
    ['WINDOW_OFF_GRANULARITY', { from: '1971-01-01', to: '1971-01-02', timeZone: 'Africa/Monrovia' }],
    ['WINDOW_OFF_GRANULARITY', { from: '1970-01-01', to: '1973-01-01', timeZone: 'Africa/Monrovia', granularity: 'MONTH' }],
    ['WINDOW_OFF_GRANULARITY', { from: '1971-01-01T00:00:00Z', to: '1971-01-01T01:00:00Z', timeZone: 'Africa/Monrovia', granularity: 'QUARTER_HOUR' }],
    ['WINDOW_TOO_MANY_POINTS', { from: '2024-01-01', to: '2025-01-01', granularity: 'QUARTER_HOUR' }],
    ['WINDOW_TOO_MANY_POINTS', { from: '1970-01-01', to: '1997-05-20' }],
  ] as [string, WindowInput][])('is refused with %s for %o', (code, input) => {
    expect(refusal(input).code).toBe(code);
  });

  it('has 10,000 points at the most', () => {
    expect(parseWindow({ from: '1970-01-01', to: '1997-05-19' }).points).toHaveLength(10_000);
    expect(refusal({ from: '1970-01-01', to: '1997-05-20' }).message).toContain('about 10001');
  });

  it('reads instants with any offset and case', () => {
    expect(parseWindow({ from: '2024-01-01t05:30:00.000+05:30', to: '2024-01-01T19:00:00-05:00' }).points).toHaveLength(1);
  });
});
