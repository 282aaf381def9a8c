import { hashText } from '../../kit/ingest/canonical.ts';
import type { Transaction } from '../../kit/store/port.ts';
import { type About, type CellDocument, cells, type FeedbackDocument, feedbacks, type Subject, type SurveyDocument, type Tally } from './documents.ts';
import type { ResponseEvent } from './events.ts';
import { feedbackIdOf, subjectsOf } from './ingest.ts';
import { addPart, type Count, type Part, partsOf, toCount, toTally, WHOLE } from './rollup.ts';
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

/** A response as it is counted. */
interface Said {
  readonly feedbacks: readonly OpenFeedback[];
  readonly parts: readonly Part[];
  /** What it is about beside ALL. */
  readonly named: readonly About[];
}

/** A change as it is counted: what to take away and what to add. */
interface Counted {
  readonly before: Said | null;
  readonly after: Said;
}

interface OpenCell {
  readonly document: Omit<CellDocument, 'live' | 'shown'>;
  readonly live: Count;
  shown: Tally | null;
  changed: boolean;
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
  const counted = changes.map((change) => enter(ledger, change));
  await fill(transaction, ledger);
  for (const change of counted) count(change);
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
    feedback.cells.set(question, { ...emptyCell(feedback, question), changed: true });
  }
  const counted = events.map((after) => enter(ledger, { survey, before: null, after }));
  for (const feedback of ledger.values()) ensureCells(feedback);
  for (const change of counted) count(change);
  write(transaction, ledger);
}

/** Opens what a change touches. */
function enter(ledger: Map<string, OpenFeedback>, { survey, before, after }: Change): Counted {
  const read = (event: ResponseEvent): Said => {
    const subjects = subjectsOf(event);
    return {
      feedbacks: subjects.map((subject) => ensure(ledger, survey, subject)),
      parts: partsOf(survey, event),
      named: subjects.map(({ about }) => about).filter((about) => about !== 'ALL'),
    };
  };
  const counted = { before: before && read(before), after: read(after) };
  for (const feedback of newIn(counted)) feedback.coming += 1;
  return counted;
}

/** The subjects about which this is a new answer. */
function newIn({ before, after }: Counted): readonly OpenFeedback[] {
  return before ? after.feedbacks.filter((feedback) => !before.feedbacks.includes(feedback)) : after.feedbacks;
}

function ensure(ledger: Map<string, OpenFeedback>, survey: SurveyDocument, { about, subjectId }: Subject): OpenFeedback {
  const key = `${survey.id} ${about} ${subjectId ?? ''}`;
  const known = ledger.get(key);
  if (known) return known;
  const id = feedbackIdOf(survey.id, { about, subjectId });
  const document = { id, surveyId: survey.id, about, subjectId, origin: survey.origin, order: survey.order };
  const feedback: OpenFeedback = { document, survey, cells: new Map(), pending: 0, coming: 0 };
  ensureCell(feedback, WHOLE);
  ledger.set(key, feedback);
  return feedback;
}

function emptyCell({ document, survey }: OpenFeedback, question: string): OpenCell {
  const { id: feedbackId, surveyId, about, subjectId } = document;
  return {
    document: { id: cellIdOf(feedbackId, question), feedbackId, surveyId, about, subjectId, question },
    live: toCount(null),
    shown: survey.whole ? null : toTally(toCount(null)),
    changed: false,
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
    transaction.get(feedbacks, open.map(({ document }) => document.id)),
    transaction.get(cells, wanted.map(({ cell }) => cell.document.id)),
  ]);
  open.forEach((feedback, place) => {
    feedback.pending = oldFeedbacks[place]?.pending ?? 0;
  });
  wanted.forEach(({ feedback, cell }, place) => {
    const old = oldCells[place];
    if (!old) return;
    const shown = old.shown ?? cell.shown;
    feedback.cells.set(cell.document.question, { document: cell.document, live: toCount(old.live), shown, changed: false });
  });
}

function count(change: Counted): void {
  if (change.before) add(change.before, -1);
  add(change.after, 1);
  for (const feedback of newIn(change)) step(feedback);
}

function add({ feedbacks: about, parts, named }: Said, sign: 1 | -1): void {
  for (const feedback of about) {
    for (const part of parts) {
      const cell = ensureCell(feedback, part.question);
      addPart(cell.live, part, feedback.document.about === 'ALL' ? named : [], sign);
      cell.changed = true;
    }
  }
}

function step(feedback: OpenFeedback): void {
  if (feedback.survey.whole) return;
  feedback.coming -= 1;
  feedback.pending += 1;
  if (feedback.pending < SMALLEST_CELL) return;
  feedback.pending = 0;
  if (feedback.coming >= SMALLEST_CELL) return;
  for (const cell of feedback.cells.values()) {
    cell.shown = toTally(cell.live);
    cell.changed = true;
  }
}

function write(transaction: Transaction, ledger: ReadonlyMap<string, OpenFeedback>): void {
  for (const { document, cells: open, pending } of ledger.values()) {
    transaction.put(feedbacks, { ...document, n: open.get(WHOLE)?.live.n ?? 0, pending });
    for (const { document: cell, live, shown, changed } of open.values()) {
      if (changed) transaction.put(cells, { ...cell, live: toTally(live), shown });
    }
  }
}
