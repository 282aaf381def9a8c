/** The job runner of the studio, which is replaced by its next version in the middle of the period. */
export const ENGINE = 'studio-runner';
export const VERSION_BEFORE = '4.2.0';
export const VERSION_AFTER = '5.0.0';

/** The probability that a run ends in FAIL, in thousandths, by version of the runner. */
export const FAILURE_PERMILLE = { before: 120, after: 60 } as const;

/** How long a run waits, in thousandths of what it would wait under the old runner. */
export const WAIT_PERMILLE = { before: 1000, after: 700 } as const;

/** What one rebuffering takes from the time watched, in thousandths of the show's length. */
export const PER_REBUFFER_PERMILLE = 45;

/** What each second of startup past the second takes, in thousandths of the show's length. */
export const PER_SLOW_SECOND_PERMILLE = 25;
