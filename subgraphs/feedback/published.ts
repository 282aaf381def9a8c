import type { About, CellDocument, FeedbackDocument, SurveyDocument, SurveyQuestionDocument, Tally } from './documents.ts';
import { feedbackIdOf, isOpen } from './ingest.ts';
import { cellIdOf } from './ledger.ts';
import type { RequestContext } from './loaders.ts';
import { toCount, toTally, WHOLE } from './rollup.ts';
import { type Score, toScore } from './score.ts';
import { SMALLEST_CELL, toWithheld, type Withheld } from './withholding.ts';

const NOTHING = toTally(toCount(null));

/** A cell as it may be shown: its counts, and why they are withheld if they are. */
export interface Published {
  readonly tally: Tally;
  readonly withheld: Withheld | null;
}

/** The edition that a feedback belongs to. */
export async function surveyOf({ surveyId }: { readonly surveyId: string }, { loaders }: RequestContext): Promise<SurveyDocument> {
  const survey = await loaders.survey.load(surveyId);
  if (!survey) throw new Error(`expected the survey ${surveyId} beside its feedback, found none`);
  return survey;
}

const shownBy = (cell: CellDocument | null, open: boolean): Tally => (open ? cell?.shown : cell?.live) ?? NOTHING;

/** How many responses an edition shows. */
export async function publishedResponses(survey: SurveyDocument, context: RequestContext): Promise<number> {
  const all = feedbackIdOf(survey.id, { about: 'ALL', subjectId: null });
  const cell = await context.loaders.cell.load(cellIdOf(all, WHOLE));
  return shownBy(cell, isOpen(survey, context.now())).n;
}

/** On which day an edition's first or last answer was given; null as long as it is not published whole. */
export async function publishedDay(survey: SurveyDocument, end: 'first' | 'last', context: RequestContext): Promise<string | null> {
  if (isOpen(survey, context.now()) || (await publishedResponses(survey, context)) < SMALLEST_CELL) return null;
  const span = await context.loaders.span.load(survey.id);
  return span && new Date(span[end]).toISOString().slice(0, 10);
}

/** How many people were asked: of the edition, or of the team; null where nobody counted. */
export function invitedOf(survey: SurveyDocument, about: About, subjectId: string | null): number | null {
  const byTeam = Object.values(survey.invitedByTeam);
  if (about === 'ALL') return survey.invited ?? (byTeam.length > 0 ? byTeam.reduce((sum, count) => sum + count, 0) : null);
  return about === 'TEAM' && subjectId !== null ? (survey.invitedByTeam[subjectId] ?? null) : null;
}

/** The share of the invited who answered. */
export function toResponseRate(n: number, invited: number | null): number | null {
  return invited === null || invited === 0 ? null : n / invited;
}

/** One cell of a feedback as it may be shown. */
async function publishedCell(feedback: FeedbackDocument, question: string, context: RequestContext): Promise<Published> {
  const { loaders } = context;
  const { about, surveyId, id } = feedback;
  const open = isOpen(await surveyOf(feedback, context), context.now());
  const cellId = cellIdOf(id, question);
  const allId = cellIdOf(feedbackIdOf(surveyId, { about: 'ALL', subjectId: null }), question);
  const [cell, all] = await Promise.all([loaders.cell.load(cellId), loaders.cell.load(allId)]);
  const siblings =
    about === 'ALL'
      ? { anySmall: false, nextSmallest: null }
      : await loaders.siblings.load({ surveyId, about, question, open });
  const tally = shownBy(cell, open);
  return { tally, withheld: toWithheld({ id: cellId, about, tally }, shownBy(all, open), siblings) };
}

/** How many responses a feedback shows, and why nothing more, if so. */
export function publishedWhole(feedback: FeedbackDocument, context: RequestContext): Promise<Published> {
  return publishedCell(feedback, WHOLE, context);
}

/** The score of a question; withheld where its own cell is, or the subject's as a whole. */
async function publishedScore(
  feedback: FeedbackDocument,
  survey: SurveyDocument,
  question: SurveyQuestionDocument,
  context: RequestContext,
): Promise<Score> {
  const [whole, own] = await Promise.all([
    publishedWhole(feedback, context),
    publishedCell(feedback, question.id, context),
  ]);
  const invited = invitedOf(survey, feedback.about, feedback.subjectId);
  return toScore(question, own.tally, invited, own.withheld ?? whole.withheld);
}

/** Every question's score but for free text, in the survey's order. */
export async function publishedScores(feedback: FeedbackDocument, context: RequestContext): Promise<Score[]> {
  const survey = await surveyOf(feedback, context);
  const counted = survey.questions.filter(({ kind }) => kind !== 'TEXT');
  return Promise.all(counted.map((question) => publishedScore(feedback, survey, question, context)));
}

/** The score of the first question that measures this; null where none does. */
export async function publishedMeasure(
  feedback: FeedbackDocument,
  measures: SurveyQuestionDocument['measures'],
  context: RequestContext,
): Promise<Score | null> {
  const survey = await surveyOf(feedback, context);
  const question = survey.questions.find((each) => each.measures === measures && each.kind !== 'TEXT');
  return question ? publishedScore(feedback, survey, question, context) : null;
}

