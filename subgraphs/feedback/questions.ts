import type { SurveyQuestionDocument } from './documents.ts';
import type { QuestionDeclaration, SurveyEvent } from './events.ts';

/**
 * The questions of an edition from its declarations, the oldest first: in the newest one's order, then what only older
 * ones asked. Of each question the newest wording stands; options add up, so that a part of a file takes none away.
 */
export function toQuestions(declarations: readonly SurveyEvent[]): SurveyQuestionDocument[] {
  const questions = new Map<string, SurveyQuestionDocument>();
  for (const { questions: declared } of declarations.toReversed()) {
    for (const question of declared) {
      const newer = questions.get(question.id);
      questions.set(question.id, newer ? withOptions(newer, question.options ?? null) : toQuestion(question));
    }
  }
  return [...questions.values()];
}

function toQuestion({ id, text, row, kind, scale, options, measures, unworded }: QuestionDeclaration): SurveyQuestionDocument {
  return {
    id,
    text,
    row: row ?? null,
    kind,
    scale: kind === 'NPS' ? { min: 0, max: 10 } : kind === 'SCALE' && scale ? { min: scale.min, max: scale.max } : null,
    options: options ?? null,
    measures: measures ?? null,
    unworded: unworded === true,
  };
}

function withOptions(question: SurveyQuestionDocument, older: readonly string[] | null): SurveyQuestionDocument {
  if (question.options === null || older === null) return question;
  return { ...question, options: [...new Set([...question.options, ...older])] };
}

/** What of a question decides how its answers are counted: where it changes, the edition is counted anew. */
export function countingOf(questions: readonly SurveyQuestionDocument[]): string {
  const rules = questions
    .filter(({ kind }) => kind !== 'TEXT')
    .map(({ id, kind, scale, options }) => [id, kind, scale, options?.toSorted() ?? null] as const);
  return JSON.stringify(rules.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
