import { z } from 'zod';
import { NAME_BYTES } from '../../kit/graph/id.ts';
import { isCalendarDate, parseInstant } from '../../kit/ingest/time.ts';

const name = z.string().min(1).max(2_000);
/** Parts of keys that indexes hold: an index entry has at most 1,978 bytes. */
const keyPart = z.string().min(1).refine((text) => Buffer.byteLength(text) <= 400, { message: 'expected at most 400 bytes' });
const teamName = z.string().min(1).refine((text) => Buffer.byteLength(text) <= NAME_BYTES, {
  message: `expected a team's name of at most ${NAME_BYTES} bytes`,
});
const date = z.string().refine(isCalendarDate, { message: 'expected a date such as 2024-11-17' });
const instant = z.string().refine((text) => parseInstant(text) !== null, {
  message: 'expected an RFC 3339 instant such as 2024-11-17T00:00:00Z',
});
const count = z.int().min(0);
const namespaced = z.looseObject({ namespace: name, name });

/** `team`: registers a team, or says more about it. Of two events for one team the later by (`at`, hash) stands. */
export const teamEvent = z.looseObject({
  /** With `id`, the event's identity as CloudEvents has it. */
  source: name,
  id: name,
  /** Unique over all namespaces; the simulated studio's begin with `simulated/`. */
  name: teamName,
  description: z.string().nullish(),
  /** How many people belong to the team. */
  memberCount: count.nullish(),
  /** Identifiers of people who belong to the team; only their pseudonyms are kept. At most 10,000. */
  members: z.array(name).max(10_000).nullish(),
  at: instant.nullish(),
});
export type TeamEvent = z.infer<typeof teamEvent>;

/** What names an edition of a survey. */
const surveyKey = z.object({ namespace: keyPart, name: keyPart, edition: keyPart });
export type SurveyKey = z.infer<typeof surveyKey>;

export const QUESTION_KINDS = ['SCALE', 'NPS', 'SINGLE_CHOICE', 'MULTIPLE_CHOICE', 'GRID', 'TEXT'] as const;
/** `NPS` is a recommendation from 0 to 10; `GRID` one row of a grid; `TEXT` free text, which is never counted. */
export type QuestionKind = (typeof QUESTION_KINDS)[number];

const question = z
  .object({
    /** Unique within the survey, the same in every edition that asks the same. */
    id: keyPart,
    text: z.string().max(10_000),
    /** The row's label where the question is one row of a grid. */
    row: z.string().max(10_000).nullish(),
    kind: z.enum(QUESTION_KINDS),
    scale: z.object({ min: z.number(), max: z.number() }).nullish(),
    /** The answers to choose from, at most 1,000; others count as "other". Without it every answer is counted by its text. */
    options: z.array(z.string().max(1_000)).max(1_000).nullish(),
    measures: z.enum(['satisfaction', 'recommendation']).nullish(),
    /** True where nobody knows the wording: `text` stands in for it, and says nothing of what another edition asks. */
    unworded: z.boolean().nullish(),
  })
  .superRefine((declared, context) => {
    const { kind, scale } = declared;
    if (kind === 'SCALE' && (!scale || scale.min >= scale.max)) {
      context.addIssue({ code: 'custom', path: ['scale'], message: 'expected a scale with min below max' });
    }
    if (kind === 'NPS' && scale && (scale.min !== 0 || scale.max !== 10)) {
      context.addIssue({ code: 'custom', path: ['scale'], message: 'expected 0 to 10: NPS has no other scale' });
    }
  });
export type QuestionDeclaration = z.infer<typeof question>;

/**
 * `survey`: declares an edition. It may be declared again: by (`at`, hash) the later overrides what it states, what it
 * leaves out stands, and options add up.
 */
export const surveyEvent = surveyKey.loose().extend({
  openedOn: date.nullish(),
  closedOn: date.nullish(),
  /** True where all answers are in, as in an exported file: the edition is then published whole. */
  whole: z.boolean().nullish(),
  /** How many people were asked. */
  invited: count.nullish(),
  /** How many were asked in each team, by the team's name. */
  invitedByTeam: z.record(teamName, count).nullish(),
  questions: z.array(question).max(1_000),
  at: instant.nullish(),
});
export type SurveyEvent = z.infer<typeof surveyEvent>;

const value = z.union([z.string(), z.number(), z.boolean()]);

/**
 * `survey-response`: one person's answers. Its identity is the response id, else the row's hash and its ordinal among the
 * equal rows of its file. Other content under one identity is a new version of the answer.
 */
export const responseEvent = z
  .looseObject({
    survey: surveyKey,
    responseId: name.nullish(),
    /** The row's hash, and its place among the equal rows of its file, from 0. */
    row: z.object({ hash: name, ordinal: count }).nullish(),
    answeredAt: instant.nullish(),
    team: teamName.nullish(),
    job: namespaced.nullish(),
    dataset: namespaced.nullish(),
    show: z
      .looseObject({ namespace: name, title: name, season: name.nullish(), kind: z.enum(['FILM', 'SERIES']).nullish(), qualifier: name.nullish() })
      .nullish(),
    /** Identifies the person; only the pseudonym is kept. */
    user: name.nullish(),
    answers: z
      .array(z.looseObject({ question: name, value: value.nullish(), values: z.array(value).max(1_000).nullish() }))
      .max(1_000),
  })
  .refine((event) => typeof event.responseId === 'string' || Boolean(event.row), {
    path: ['responseId'],
    message: 'expected a response id, or the row with its hash and ordinal',
  });
export type ResponseEvent = z.infer<typeof responseEvent>;
