import { hashText } from '../../kit/ingest/canonical.ts';
import type { Transaction } from '../../kit/store/port.ts';
import { type CellDocument, cells, type FeedbackDocument, feedbacks, type Subject, type SurveyDocument, type Tally } from './documents.ts';
import type { ResponseEvent } from './events.ts';
import { feedbackIdOf, subjectsOf } from './ingest.ts';
import { addContribution, type Contribution, contributionsOf, type Count, toCount, toTally, WHOLE } from './rollup.ts';
import { SMALLEST_CELL } from './withholding.ts';

/** The id of the cell that holds a question's answers, or with `WHOLE` the responses as a whole. */
export function cellIdOf(feedbackId: string, question: string): string {
  return question === WHOLE ? `${feedbackId}|` : `${feedbackId}|${hashText(question)}`;
}

/** What became of one response: what it said before, if it had been counted, and what it says now. */
export interface Change {
  readonly survey: SurveyDocument;
  readonly before: ResponseEvent | null;
  readonly after: ResponseEvent;
}

interface OpenCell {
  readonly document: Omit<CellDocument, 'live' | 'shown'>;
  readonly live: Count;
  shown: Tally | null;
}

interface OpenFeedback {
  readonly document: Omit<FeedbackDocument, 'n' | 'pending'>;
  readonly survey: SurveyDocument;
  readonly cells: Map<string, OpenCell>;
  pending: number;
  /** New answers of this batch that are not yet counted: only the last step among them needs to be kept. */
  coming: number;
}

/**
 * Counts changes into cells, in their order, and puts the cells and feedbacks they touch. While an edition is not known
 * to be whole, every fifth new answer about a subject is a step: what is counted then is what an open edition shows.
 */
export async function countChanges(transaction: Transaction, changes: readonly Change[]): Promise<void> {
  const ledger = new Map<string, OpenFeedback>();
  for (const { survey, before, after } of changes) {
    for (const subject of before ? subjectsOf(before) : []) ensure(ledger, survey, subject);
    for (const subject of subjectsOf(after)) {
      const feedback = ensure(ledger, survey, subject);
      if (!names(before, subject)) feedback.coming += 1;
    }
  }
  await fill(transaction, ledger);
  for (const change of changes) countChange(ledger, change);
  write(transaction, ledger);
}

/**
 * Counts an edition anew from all its responses, in the order of their arrival; for when what its questions are has
 * changed. Cells that nothing counts into any more are left empty.
 */
export async function recountSurvey(
  transaction: Transaction,
  survey: SurveyDocument,
  events: readonly ResponseEvent[],
  old: readonly CellDocument[],
): Promise<void> {
  const ledger = new Map<string, OpenFeedback>();
  for (const { about, subjectId, question } of old) {
    const feedback = ensure(ledger, survey, { about, subjectId });
    feedback.cells.set(question, emptyCell(feedback, question));
  }
  const changes = events.map((after): Change => ({ survey, before: null, after }));
  for (const { after } of changes) {
    for (const subject of subjectsOf(after)) ensure(ledger, survey, subject).coming += 1;
  }
  for (const feedback of ledger.values()) ensureCells(feedback);
  for (const change of changes) countChange(ledger, change);
  write(transaction, ledger);
}

function names(event: ResponseEvent | null, subject: Subject): boolean {
  return event !== null && subjectsOf(event).some((each) => each.about === subject.about && each.subjectId === subject.subjectId);
}

function ensure(ledger: Map<string, OpenFeedback>, survey: SurveyDocument, { about, subjectId }: Subject): OpenFeedback {
  const id = feedbackIdOf(survey.id, { about, subjectId });
  const known = ledger.get(id);
  if (known) return known;
  const document = { id, surveyId: survey.id, about, subjectId, origin: survey.origin, order: survey.order };
  const feedback: OpenFeedback = { document, survey, cells: new Map(), pending: 0, coming: 0 };
  ensureCell(feedback, WHOLE);
  ledger.set(id, feedback);
  return feedback;
}

function emptyCell({ document, survey }: OpenFeedback, question: string): OpenCell {
  const { id: feedbackId, surveyId, about, subjectId } = document;
  return {
    document: { id: cellIdOf(feedbackId, question), feedbackId, surveyId, about, subjectId, question },
    live: toCount(null),
    shown: survey.whole ? null : toTally(toCount(null)),
  };
}

function ensureCell(feedback: OpenFeedback, question: string): OpenCell {
  const cell = feedback.cells.get(question) ?? emptyCell(feedback, question);
  feedback.cells.set(question, cell);
  return cell;
}

/** A step keeps every question's counts, not only of those that this batch answers. */
function ensureCells(feedback: OpenFeedback): void {
  for (const { id, kind } of feedback.survey.questions) if (kind !== 'TEXT') ensureCell(feedback, id);
}

async function fill(transaction: Transaction, ledger: ReadonlyMap<string, OpenFeedback>): Promise<void> {
  const open = [...ledger.values()];
  for (const feedback of open) ensureCells(feedback);
  const wanted = open.flatMap((feedback) => [...feedback.cells.values()].map((cell) => ({ feedback, cell })));
  const [oldFeedbacks, oldCells] = await Promise.all([
    transaction.get(feedbacks, [...ledger.keys()]),
    transaction.get(cells, wanted.map(({ cell }) => cell.document.id)),
  ]);
  open.forEach((feedback, place) => {
    feedback.pending = oldFeedbacks[place]?.pending ?? 0;
  });
  wanted.forEach(({ feedback, cell }, place) => {
    const old = oldCells[place];
    if (!old) return;
    const shown = old.shown ?? cell.shown;
    feedback.cells.set(cell.document.question, { document: cell.document, live: toCount(old.live), shown });
  });
}

function countChange(ledger: ReadonlyMap<string, OpenFeedback>, { survey, before, after }: Change): void {
  if (before) for (const contribution of contributionsOf(survey, before)) count(ledger, contribution, survey, -1);
  for (const contribution of contributionsOf(survey, after)) count(ledger, contribution, survey, 1);
  for (const subject of subjectsOf(after)) {
    if (!names(before, subject)) step(ledger.get(feedbackIdOf(survey.id, subject)));
  }
}

function count(ledger: ReadonlyMap<string, OpenFeedback>, contribution: Contribution, { id }: SurveyDocument, sign: 1 | -1): void {
  const feedback = ledger.get(feedbackIdOf(id, contribution));
  if (feedback) addContribution(ensureCell(feedback, contribution.question).live, contribution, sign);
}

function step(feedback: OpenFeedback | undefined): void {
  if (!feedback || feedback.survey.whole) return;
  feedback.coming -= 1;
  feedback.pending += 1;
  if (feedback.pending < SMALLEST_CELL) return;
  feedback.pending = 0;
  if (feedback.coming >= SMALLEST_CELL) return;
  for (const cell of feedback.cells.values()) cell.shown = toTally(cell.live);
}

function write(transaction: Transaction, ledger: ReadonlyMap<string, OpenFeedback>): void {
  for (const { document, cells: open, pending } of ledger.values()) {
    transaction.put(feedbacks, { ...document, n: open.get(WHOLE)?.live.n ?? 0, pending });
    for (const { document: cell, live, shown } of open.values()) {
      transaction.put(cells, { ...cell, live: toTally(live), shown });
    }
  }
}
