import type { FeedbackDocument } from './documents.ts';
import { feedbackIdOf } from './ingest.ts';
import { type Interval, toDifferenceInterval, toShareDifferenceInterval } from './interval.ts';
import type { RequestContext } from './loaders.ts';
import { publishedScores, surveyOf } from './published.ts';
import { compareOptions, type Difference, formDifference, type OptionChanges, type Pair, pairQuestions, type SameBy } from './same-question.ts';
import type { Score } from './score.ts';

/** One answer's share in two editions, as the schema's `ShareComparison` has it. */
export interface ShareComparison {
  readonly answer: string;
  readonly now: number;
  readonly before: number;
  readonly difference: number;
  readonly interval: Interval;
}

/** One question in two editions, as the schema's `ScoreComparison` has it. */
export interface ScoreComparison {
  readonly now: Score;
  readonly before: Score;
  readonly sameBy: SameBy;
  readonly differs: Difference | null;
  readonly optionsAdded: readonly string[];
  readonly optionsDropped: readonly string[];
  readonly difference: number | null;
  readonly interval: Interval | null;
  readonly shares: readonly ShareComparison[];
}

/** The questions of a feedback beside the same questions of the previous edition, about the same subject. */
export async function compareEditions(feedback: FeedbackDocument, context: RequestContext): Promise<ScoreComparison[]> {
  const { loaders } = context;
  const survey = await surveyOf(feedback, context);
  const editions = await loaders.editions.load(survey);
  const previous = editions[editions.findIndex(({ id }) => id === survey.id) - 1];
  const earlier = previous && (await loaders.feedback.load(feedbackIdOf(previous.id, feedback)));
  if (!earlier) return [];
  const [now, before] = await Promise.all([publishedScores(feedback, context), publishedScores(earlier, context)]);
  return pairQuestions(now, before, ({ question }) => question).map(compare);
}

function compare({ now, before, sameBy }: Pair<Score>): ScoreComparison {
  const changes = compareOptions(now.question.options ?? [], before.question.options ?? []);
  const declared = now.question.options !== null && before.question.options !== null;
  const differs = formDifference(now.question, before.question, declared ? changes : { shared: [], added: [], dropped: [] });
  const difference = differs === null ? differenceOf(now, before) : null;
  const name = (interval: Interval): Interval =>
    now.selfSelected || before.selfSelected ? { ...interval, method: `${interval.method}, self-selected` } : interval;
  return {
    now,
    before,
    sameBy,
    differs,
    optionsAdded: declared ? changes.added : [],
    optionsDropped: declared ? changes.dropped : [],
    difference,
    interval:
      difference === null ? null : name(toDifferenceInterval(difference, now.standardError ?? 0, before.standardError ?? 0)),
    shares: compareShares(now, before, differs, declared ? changes : null).map((share) => ({ ...share, interval: name(share.interval) })),
  };
}

function differenceOf(now: Score, before: Score): number | null {
  const [figure, earlier] = [now.nps ?? now.mean, before.nps ?? before.mean];
  return figure === null || earlier === null ? null : figure - earlier;
}

/**
 * Shares of the answers that both editions offer. Options of one choice compete: where the list is another, so is what a
 * share of it means. Of several choices each is a yes or no of its own, and is compared where both offer it.
 */
function compareShares(now: Score, before: Score, differs: Difference | null, changes: OptionChanges | null): ShareComparison[] {
  const { kind, scale } = now.question;
  if (scale !== null || (differs !== null && !(differs === 'OPTIONS' && kind === 'MULTIPLE_CHOICE'))) return [];
  const given = (score: Score) => new Map(score.shares.flatMap(({ answer, count }) => (answer === null ? [] : [[answer, count]])));
  const [later, earlier] = [given(now), given(before)];
  const shared = changes?.shared ?? compareOptions([...later.keys()], [...earlier.keys()]).shared;
  return shared.flatMap((option) => {
    const [count, was] = [later.get(option.now), earlier.get(option.before)];
    if (count === undefined || was === undefined) return [];
    return [{
      answer: option.now,
      now: count / now.n,
      before: was / before.n,
      difference: count / now.n - was / before.n,
      interval: toShareDifferenceInterval({ count, n: now.n }, { count: was, n: before.n }),
    }];
  });
}
