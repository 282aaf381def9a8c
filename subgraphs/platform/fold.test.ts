import { describe, expect, it } from 'vitest';
import type { Mark, MarkType } from './documents.ts';
import { toLastAttempt } from './fold.ts';

const mark = (second: number, type: MarkType): Mark => [`2024-03-01T00:00:${String(second).padStart(2, '0')}.000000000Z~${'h'.repeat(22)}`, type];
const at = (second: number): number => Date.parse('2024-03-01T00:00:00Z') + second * 1_000;
const attempt = (...marks: Mark[]): ReturnType<typeof toLastAttempt> => toLastAttempt({ marks, running: false });

describe('the last attempt of a run', () => {
  it('keeps a failure that a completion follows, as Spark sends them', () => {
    expect(attempt(mark(0, 'START'), mark(5, 'FAIL'), mark(6, 'COMPLETE'))).toEqual({ attempts: 1, state: 'FAIL', startedAt: at(0), endedAt: at(5) });
  });

  it('is a new one at a start after an end, as Airflow sends them', () => {
    expect(attempt(mark(0, 'START'), mark(5, 'FAIL'), mark(9, 'START'), mark(12, 'COMPLETE'))).toEqual({
      attempts: 2, state: 'COMPLETE', startedAt: at(9), endedAt: at(12),
    });
  });

  it('is not a new one at a second start before an end', () => {
    expect(attempt(mark(0, 'START'), mark(3, 'START'))).toEqual({ attempts: 1, state: 'RUNNING', startedAt: at(0), endedAt: null });
  });

  it('ends where a completion is followed by a failure', () => {
    expect(attempt(mark(0, 'START'), mark(5, 'COMPLETE'), mark(6, 'ABORT'))).toMatchObject({ state: 'ABORT', endedAt: at(6) });
  });

  it('has no start where only an end came', () => {
    expect(attempt(mark(5, 'COMPLETE'))).toEqual({ attempts: 1, state: 'COMPLETE', startedAt: null, endedAt: at(5) });
  });

  it('is unknown where no event starts or ends it, and running where one says so', () => {
    expect(attempt()).toEqual({ attempts: 0, state: 'UNKNOWN', startedAt: null, endedAt: null });
    expect(toLastAttempt({ marks: [], running: true }).state).toBe('RUNNING');
  });
});
