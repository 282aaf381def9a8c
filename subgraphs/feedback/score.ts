import type { SurveyQuestionDocument, Tally } from './documents.ts';
import { type Interval, npsError, toMeanInterval, toNpsInterval, toWilsonInterval } from './interval.ts';
import { SMALLEST_CELL, type Withheld } from './withholding.ts';

export interface AnswerShare {
  readonly answer: string | null;
  readonly count: number;
  readonly share: number;
  readonly interval: Interval;
}

/** How people answered one question, as the schema's `Score` has it. */
export interface Score {
  readonly question: SurveyQuestionDocument;
  readonly n: number;
  readonly invited: number | null;
  readonly mean: number | null;
  readonly nps: number | null;
  readonly shares: readonly AnswerShare[];
  readonly interval: Interval | null;
  readonly selfSelected: boolean;
  readonly offScale: number | null;
  readonly withheld: Withheld | null;
  /** Of `nps` where there is one, else of `mean`; null where neither is. */
  readonly standardError: number | null;
}

/** The figures of a question from the counts of its answers alone; none where they are withheld. */
export function toScore(
  question: SurveyQuestionDocument,
  tally: Tally,
  invited: number | null,
  withheld: Withheld | null,
): Score {
  const selfSelected = invited === null;
  const score = { question, n: tally.n, invited, selfSelected, withheld };
  if (withheld !== null || tally.n === 0) {
    return { ...score, mean: null, nps: null, shares: [], interval: null, offScale: null, standardError: null };
  }
  const name = (interval: Interval): Interval =>
    selfSelected ? { ...interval, method: `${interval.method}, self-selected` } : interval;
  const numbers = question.scale === null ? null : momentsOf(tally);
  const promotion = question.kind === 'NPS' ? promotionOf(tally) : null;
  return {
    ...score,
    mean: numbers?.mean ?? null,
    nps: promotion && (100 * (promotion.promoters - promotion.detractors)) / tally.n,
    shares: sharesOf(question, tally).map((share) => ({ ...share, interval: name(share.interval) })),
    interval: promotion
      ? name(toNpsInterval(promotion.promoters, promotion.detractors, tally.n))
      : numbers && name(toMeanInterval(numbers.mean, numbers.variance, tally.n)),
    offScale: tally.offScale,
    standardError: promotion
      ? npsError(promotion.promoters, promotion.detractors, tally.n)
      : numbers && Math.sqrt(numbers.variance / tally.n),
  };
}

/** The bound of `Score.shares`. */
const LARGEST_LIST = 1_000;

function momentsOf({ counts, n }: Tally): { mean: number; variance: number } {
  const mean = counts.reduce((sum, [answer, count]) => sum + Number(answer) * count, 0) / n;
  const squares = counts.reduce((sum, [answer, count]) => sum + (Number(answer) - mean) ** 2 * count, 0);
  return { mean, variance: squares / (n - 1) };
}

/** F. Reichheld, Harvard Business Review 12/2003: 9 and 10 promote, 0 to 6 detract. */
function promotionOf({ counts }: Tally): { promoters: number; detractors: number } {
  const between = (from: number, to: number): number =>
    counts.reduce((sum, [answer, count]) => (Number(answer) >= from && Number(answer) <= to ? sum + count : sum), 0);
  return { promoters: between(9, 10), detractors: between(0, 6) };
}

function sharesOf({ scale, options }: SurveyQuestionDocument, tally: Tally): AnswerShare[] {
  const share = (answer: string | null, count: number): AnswerShare => ({
    answer,
    count,
    share: count / tally.n,
    interval: toWilsonInterval(count, tally.n),
  });
  if (scale !== null) {
    return tally.counts.toSorted(([a], [b]) => Number(a) - Number(b)).map(([answer, count]) => share(answer, count));
  }
  const counted = new Map(tally.counts);
  if (options !== null) {
    const shares = options.map((answer) => share(answer, counted.get(answer) ?? 0));
    return tally.other > 0 ? [...shares, share(null, tally.other)] : shares;
  }
  // Without declared options an answer may be anything that somebody wrote: it is shown once five wrote the same.
  const ordered = tally.counts.toSorted(([, a], [, b]) => b - a);
  const common = ordered.filter(([, count]) => count >= SMALLEST_CELL).slice(0, LARGEST_LIST - 1);
  const rare = ordered.slice(common.length).reduce((sum, [, count]) => sum + count, 0);
  // One person can have written several answers, but is at most one of those who wrote another.
  const other = Math.min(tally.n, rare + tally.other);
  const shares = common.map(([answer, count]) => share(answer, count));
  return other > 0 ? [...shares, share(null, other)] : shares;
}
