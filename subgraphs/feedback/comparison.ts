import type { FeedbackDocument, SurveyQuestionDocument } from './documents.ts';
import { feedbackIdOf } from './ingest.ts';
import { type Interval, toDifferenceInterval } from './interval.ts';
import type { RequestContext } from './loaders.ts';
import { publishedScores, surveyOf } from './published.ts';
import type { Score } from './score.ts';

/** One question in two editions, as the schema's `ScoreComparison` has it. */
export interface ScoreComparison {
  readonly now: Score;
  readonly before: Score;
  readonly sameBy: 'WORDING' | 'DECLARED_ID';
  readonly difference: number | null;
  readonly interval: Interval | null;
}

/** How it is known that two questions are the same; null where they are not, or were answered in another form. */
export function sameBy(now: SurveyQuestionDocument, before: SurveyQuestionDocument): ScoreComparison['sameBy'] | null {
  const [scale, earlier] = [now.scale, before.scale];
  if (now.kind !== before.kind || scale?.min !== earlier?.min || scale?.max !== earlier?.max) return null;
  if (wordingOf(now) === wordingOf(before)) return 'WORDING';
  return now.id === before.id ? 'DECLARED_ID' : null;
}

function wordingOf({ text, row }: SurveyQuestionDocument): string {
  return JSON.stringify([text, row ?? ''].map((part) => part.replace(/\s+/g, ' ').trim()));
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
  return now.flatMap((score) => {
    const same = pairOf(score, before);
    return same ? [compare(score, ...same)] : [];
  });
}

/** A question asked in the same words is the same before one that only has the same id. */
function pairOf({ question }: Score, before: readonly Score[]): [Score, ScoreComparison['sameBy']] | null {
  for (const by of ['WORDING', 'DECLARED_ID'] as const) {
    const found = before.find((score) => sameBy(question, score.question) === by);
    if (found) return [found, by];
  }
  return null;
}

function compare(now: Score, before: Score, by: ScoreComparison['sameBy']): ScoreComparison {
  const [figure, earlier] = [now.nps ?? now.mean, before.nps ?? before.mean];
  const difference = figure === null || earlier === null ? null : figure - earlier;
  const interval =
    difference === null ? null : toDifferenceInterval(difference, now.standardError ?? 0, before.standardError ?? 0);
  const selfSelected = now.selfSelected || before.selfSelected;
  return {
    now,
    before,
    sameBy: by,
    difference,
    interval: interval && selfSelected ? { ...interval, method: `${interval.method}, self-selected` } : interval,
  };
}
