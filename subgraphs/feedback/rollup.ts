import type { About, SurveyDocument, SurveyQuestionDocument, Tally } from './documents.ts';
import type { ResponseEvent } from './events.ts';

/** Stands for the responses as a whole where a question's id stands otherwise. */
export const WHOLE = '';

/** A choice longer than this is not counted by its text but as "other". */
const LONGEST_ANSWER = 1_000;

/** What one response says to one question, or as a whole; the same for every subject that it is about. */
export interface Part {
  readonly question: string;
  readonly answers: readonly string[];
  readonly other: number;
  readonly offScale: number;
}

/** A tally while it is being counted. */
export interface Count {
  n: number;
  offScale: number;
  other: number;
  readonly counts: Map<string, number>;
  readonly named: Map<About, number>;
}

/** An empty count, or the count of a tally. */
export function toCount(tally: Tally | null): Count {
  return {
    n: tally?.n ?? 0,
    offScale: tally?.offScale ?? 0,
    other: tally?.other ?? 0,
    counts: new Map(tally?.counts),
    named: new Map(Object.entries(tally?.named ?? {}) as [About, number][]),
  };
}

/** The stored form; equal counts give equal tallies in whatever order they came about. */
export function toTally({ n, offScale, other, counts, named }: Count): Tally {
  return {
    n,
    offScale,
    other,
    counts: [...counts].filter(([, count]) => count !== 0).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    named: Object.fromEntries([...named].filter(([, count]) => count !== 0).toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** Adds what a response says, or with -1 takes it away. `named` is what else it is about, for the cells of ALL. */
export function addPart(count: Count, part: Part, named: readonly About[], sign: 1 | -1): void {
  const { answers, other, offScale } = part;
  count.offScale += sign * offScale;
  // An answer off the scale alone is no answer, but it is not passed over in silence either.
  if (part.question !== WHOLE && answers.length + other === 0) return;
  count.n += sign;
  count.other += sign * other;
  for (const answer of answers) count.counts.set(answer, (count.counts.get(answer) ?? 0) + sign);
  for (const about of named) count.named.set(about, (count.named.get(about) ?? 0) + sign);
}

const RESPONSE: Part = { question: WHOLE, answers: [], other: 0, offScale: 0 };

/** What a response says: that it is there, and its answer to each question that is counted. */
export function partsOf(survey: SurveyDocument, event: ResponseEvent): Part[] {
  const answered = new Map(event.answers.map((answer) => [answer.question, answer]));
  const parts = [RESPONSE];
  for (const question of survey.questions) {
    const answer = question.kind === 'TEXT' ? undefined : answered.get(question.id);
    if (!answer) continue;
    const texts = (answer.values ?? [answer.value]).map((value) => String(value ?? '').trim()).filter((text) => text !== '');
    if (texts.length > 0) parts.push({ question: question.id, ...countAnswer(question, texts) });
  }
  return parts;
}

function countAnswer(
  question: SurveyQuestionDocument,
  texts: readonly string[],
): Omit<Part, 'question'> {
  if (question.scale !== null) {
    const number = numberOf(texts[0] ?? '');
    const { min, max } = question.scale;
    const fits = number !== null && number >= min && number <= max && (question.kind !== 'NPS' || Number.isInteger(number));
    return fits ? { answers: [String(number)], other: 0, offScale: 0 } : { answers: [], other: 0, offScale: 1 };
  }
  const given = new Set(question.kind === 'MULTIPLE_CHOICE' ? texts : texts.slice(0, 1));
  const known = optionsOf(question);
  const answers = [...given].filter((text) => (question.options === null ? text.length <= LONGEST_ANSWER : known.has(text)));
  // Whoever ticks an option and writes in two more has given one other answer.
  return { answers, other: given.size > answers.length ? 1 : 0, offScale: 0 };
}

/** Questions come from one document for a whole batch. */
const options = new WeakMap<SurveyQuestionDocument, ReadonlySet<string>>();

function optionsOf(question: SurveyQuestionDocument): ReadonlySet<string> {
  const known = options.get(question) ?? new Set(question.options);
  options.set(question, known);
  return known;
}

/** The number that an answer on a scale is: `4`, `4.0`, and with its label `4 - Satisfied` or `(4) Satisfied`. */
function numberOf(text: string): number | null {
  const match = /^\(?(-?\d+(?:\.\d+)?)\)?(?:\s*[-–—:.)]?\s+\D.*)?$/s.exec(text);
  return match?.[1] === undefined ? null : Number(match[1]);
}
