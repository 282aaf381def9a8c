import { describe, expect, it } from 'vitest';
import { addDays, isCalendarDate, parseInstant } from './time.ts';

describe('parseInstant', () => {
  it.each([
    ['2024-10-17T09:18:11.5Z', '2024-10-17T09:18:11.500Z'],
    ['2020-12-28T19:52:00.001+10:00', '2020-12-28T09:52:00.001Z'],
    ['2020-12-28T19:52:00+0530', '2020-12-28T14:22:00.000Z'],
    ['2021-11-03T10:53:52.427343', '2021-11-03T10:53:52.427Z'],
    ['2020-12-28T19:51', '2020-12-28T19:51:00.000Z'],
    ['2016-12-31T23:59:60Z', '2016-12-31T23:59:59.000Z'],
  ])('reads %s', (text, expected) => {
    expect(new Date(parseInstant(text)?.ms ?? Number.NaN).toISOString()).toBe(expected);
  });

  it('keeps nanoseconds for ordering', () => {
    const earlier = parseInstant('2020-12-28T19:51:01.641499001Z');
    const later = parseInstant('2020-12-28T19:51:01.6414990019Z');
    expect(earlier?.precise).toBe('2020-12-28T19:51:01.641499001Z');
    expect(later?.precise).toBe(earlier?.precise);
  });

  it.each(['', 'yesterday', '2023-02-29T00:00:00Z', '2024-13-01T00:00:00Z', '{{RUN_START_TIME}}', '1700000000'])(
    'refuses %j',
    (text) => {
      expect(parseInstant(text)).toBeNull();
    },
  );
});

describe('dates', () => {
  it('knows the calendar', () => {
    expect(isCalendarDate('2024-02-29')).toBe(true);
    expect(isCalendarDate('2023-02-29')).toBe(false);
    expect(isCalendarDate('2023-2-9')).toBe(false);
  });

  it('adds days across months and leap days', () => {
    expect(addDays('2024-02-28', 2)).toBe('2024-03-01');
    expect(addDays('2024-03-01', -1)).toBe('2024-02-29');
  });
});
