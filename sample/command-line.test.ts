import { describe, expect, it } from 'vitest';
import { UsageError, parseCommandLine } from './command-line.ts';
import { SIZES } from './studio/index.ts';

describe('the command line of simulate', () => {
  it('plays another small company than the shipped one where nothing is said', () => {
    expect(parseCommandLine([])).toEqual({ kind: 'play', options: { ...SIZES.small, seed: 2 }, rate: 0 });
  });

  it('takes each option over the size it goes with', () => {
    const asked = parseCommandLine(['--size', 'large', '--seed=7', '--days', '3', '--teams', '10', '--shows', '40', '--sessions', '5', '--start', '2026-03-02', '--rate', '100']);
    expect(asked).toEqual({
      kind: 'play',
      options: { ...SIZES.large, seed: 7, days: 3, teams: 10, shows: 40, sessionsPerDay: 5, start: '2026-03-02' },
      rate: 100,
    });
  });

  it('explains itself', () => {
    expect(parseCommandLine(['--help'])).toEqual({ kind: 'help' });
  });

  it.each([
    [['--size', 'huge'], /expected small or large, came huge/],
    [['--seed', 'x'], /--seed: expected a whole number/],
    [['--rate', '-1'], /rate/],
    [['--days', '1'], /--days: expected a whole number of 2 to 3650, came 1/],
    [['--start', 'today'], /--start: expected a day such as 2026-01-05, came today/],
    [['--sped', '3'], /--sped/],
  ])('refuses %j and says what was expected', (args, message) => {
    expect(() => parseCommandLine(args)).toThrow(UsageError);
    expect(() => parseCommandLine(args)).toThrow(message);
  });
});
