import { z } from 'zod';
import { QUESTION_KINDS, type QuestionDeclaration } from '../subgraphs/feedback/events.ts';
import { FileError } from './importer.ts';
import { toHeading, toQuestionId } from './survey-questions.ts';
import { type ReadQuestion, splitterFor } from './survey-kinds.ts';
import { toPlainText } from './survey-table.ts';

const declarations = z.array(
  z.strictObject({
    column: z.string().min(1),
    id: z.string().min(1).optional(),
    formerly: z.string().min(1).optional(),
    kind: z.enum(QUESTION_KINDS).optional(),
    scale: z.object({ min: z.number(), max: z.number() }).optional(),
    options: z.array(z.string()).optional(),
    measures: z.enum(['satisfaction', 'recommendation']).optional(),
    optional: z.boolean().optional(),
  }),
);

/**
 * What a caller says of a column that its header does not: `column` is the header's text, with the row in brackets for one
 * of a grid. `formerly` is the header of the same question in an earlier edition, where its wording drifted: it has that one's id.
 * An `optional` one may be absent, as when an edition's whole declaration is given with a part of its answers.
 */
export type ColumnDeclaration = z.infer<typeof declarations>[number];

/** Reads the parameter `questions`. @throws FileError FILE_BAD_PARAMETER */
export function parseDeclarations(text: string | undefined): ColumnDeclaration[] {
  if (text === undefined) return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new FileError('FILE_BAD_PARAMETER', 'questions: expected a JSON list, got text that is no JSON');
  }
  const parsed = declarations.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new FileError('FILE_BAD_PARAMETER', `questions: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'not of its form'}`);
}

/** The questions with what was declared in place of what was inferred. @throws FileError where no column is meant */
export function applyDeclarations(
  questions: readonly ReadQuestion[],
  declared: readonly ColumnDeclaration[],
): ReadQuestion[] {
  const result = [...questions];
  for (const { column, id: own, formerly, kind, scale, options, measures, optional } of declared) {
    const text = toPlainText(column);
    const place = result.findIndex(({ declaration }) => headerOf(declaration) === text || declaration.id === column);
    const question = result[place];
    if (!question && optional === true) continue;
    if (!question) throw new FileError('FILE_BAD_PARAMETER', `questions: expected the header of a column, got ${column}`);
    const { options: inferred, ...rest } = question.declaration;
    const id = own ?? (formerly === undefined ? undefined : idOfHeader(formerly, rest.row));
    const kept = kind === undefined || kind === question.declaration.kind ? inferred : undefined;
    const declaration: QuestionDeclaration = {
      ...rest,
      ...((options ?? kept) ? { options: options ?? kept } : {}),
      ...(id === undefined ? {} : { id }),
      ...(kind === undefined ? {} : { kind }),
      ...(scale === undefined ? {} : { scale }),
      ...(measures === undefined ? {} : { measures }),
    };
    if (declaration.kind === 'SCALE' && !declaration.scale) {
      throw new FileError('FILE_BAD_PARAMETER', `questions: expected a scale with min and max for ${column}`);
    }
    const isList = declaration.kind === 'MULTIPLE_CHOICE' && question.declaration.kind !== 'MULTIPLE_CHOICE' && question.ticks === null;
    result[place] = { ...question, declaration, ...(isList ? { split: splitterFor(declaration.options ?? []) } : {}) };
  }
  return result;
}

/** The id that a column so headed has in a file of its own; `row` is the present question's, which says whether it is one of a grid. */
function idOfHeader(header: string, row: string | null | undefined): string {
  const plain = toPlainText(header);
  const heading = row ? toHeading(plain) : { text: plain, row: null };
  return toQuestionId(heading.text, heading.row, 1);
}

const headerOf = ({ text, row }: QuestionDeclaration): string => (row ? `${text} [${row}]` : text);

const MEASURES = [
  ['satisfaction', /\bsatisf(?:ied|action|y)\b/i],
  ['recommendation', /\brecommend(?:ed|ation)?\b/i],
] as const;

/** Marks the first counted question that asks for satisfaction, and for recommendation, where none is declared to. */
export function inferMeasures(questions: readonly ReadQuestion[]): ReadQuestion[] {
  const result = [...questions];
  for (const [measures, wording] of MEASURES) {
    if (result.some(({ declaration }) => declaration.measures === measures)) continue;
    const place = result.findIndex(({ declaration }) => declaration.kind !== 'TEXT' && wording.test(declaration.text));
    const question = result[place];
    if (question && !question.declaration.measures) {
      result[place] = { ...question, declaration: { ...question.declaration, measures } };
    }
  }
  return result;
}
