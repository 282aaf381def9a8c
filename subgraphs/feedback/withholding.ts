import type { About, Tally } from './documents.ts';

/** Fewer answers than this are not published. */
export const SMALLEST_CELL = 5;

export interface Withheld {
  readonly code: 'UNDER_FIVE' | 'NEXT_SMALLEST';
  readonly reason: string;
}

/** What is known of the other cells of a breakdown: the same edition, kind of subject and question. */
export interface Siblings {
  /** Whether a cell has one to four answers. */
  readonly anySmall: boolean;
  /** The id of the smallest cell that has five or more; null where none has. */
  readonly nextSmallest: string | null;
}

/**
 * Why a cell is not published, or null where it is. Under five answers it is withheld, and with it the next smallest
 * of its breakdown: the total less the others would give it away. Those who named no team (job, dataset, show) are a
 * cell of that breakdown too, though nobody sees it.
 */
export function toWithheld(
  cell: { readonly id: string; readonly about: About; readonly tally: Tally },
  all: Tally,
  siblings: Siblings,
): Withheld | null {
  if (cell.tally.n < SMALLEST_CELL) {
    return { code: 'UNDER_FIVE', reason: `fewer than ${SMALLEST_CELL} people answered` };
  }
  if (cell.about === 'ALL' || siblings.nextSmallest !== cell.id) return null;
  const remainder = all.n - (all.named[cell.about] ?? 0);
  if (!siblings.anySmall && (remainder <= 0 || remainder >= SMALLEST_CELL)) return null;
  return {
    code: 'NEXT_SMALLEST',
    reason: `the next smallest beside one of fewer than ${SMALLEST_CELL} answers, which the total would give away`,
  };
}
