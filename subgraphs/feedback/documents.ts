import type { Connection } from '../../kit/graph/connection.ts';
import type { Origin } from '../../kit/graph/id.ts';
import { defineCollection } from '../../kit/store/port.ts';
import type { QuestionKind, ResponseEvent, SurveyEvent, TeamEvent } from './events.ts';

/** What orders the claims about one thing: the later by (`at`, `hash`) stands, in whatever order they come. */
export interface Claim {
  /** Milliseconds since the epoch; 0 where the claim has no time. */
  readonly at: number;
  readonly hash: string;
}

export interface TeamDocument {
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly origin: Origin;
  /** False where only an answer to a survey names the team. */
  readonly registered: boolean;
  readonly description: string | null;
  readonly memberCount: number | null;
  readonly claim: Claim;
}

/** An event that was taken, for kinds that say their own source and id. */
export interface TakenEvent {
  readonly id: string;
  readonly contentHash: string;
  /** A team's event as it came, people replaced by pseudonyms; of other kinds what they give keeps the event. */
  readonly event?: TeamEvent;
}

export interface UserDocument {
  readonly id: string;
  /** Null where only another system names the person. */
  readonly namespace: string | null;
  readonly teamId: string | null;
  readonly claim: Claim;
}

export interface SurveyQuestionDocument {
  readonly id: string;
  readonly text: string;
  readonly row: string | null;
  readonly kind: QuestionKind;
  readonly scale: { readonly min: number; readonly max: number } | null;
  /** Null where every answer counts by its text. */
  readonly options: readonly string[] | null;
  readonly measures: 'satisfaction' | 'recommendation' | null;
  /** True where the export holds no wording and `text` only stands in for it. */
  readonly unworded: boolean;
}

export interface SurveyDocument {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly edition: string;
  readonly origin: Origin;
  readonly openedOn: string | null;
  readonly closedOn: string | null;
  readonly whole: boolean;
  readonly invited: number | null;
  readonly invitedByTeam: Readonly<Record<string, number>>;
  readonly questions: readonly SurveyQuestionDocument[];
  /** Orders editions: when the survey opened or closed, else the edition's name. */
  readonly order: string;
  /** Every declaration of this edition, by hash; empty where only answers name it. */
  readonly declarations: readonly { readonly claim: Claim; readonly event: SurveyEvent }[];
}

/** One content of an answer. */
export interface ResponseVersion {
  readonly contentHash: string;
  /** When it was answered, else when it was received; milliseconds since the epoch. */
  readonly at: number;
  readonly event: ResponseEvent;
}

export interface ResponseDocument {
  readonly id: string;
  readonly surveyId: string;
  /** When its first version was received; milliseconds since the epoch. */
  readonly receivedAt: number;
  /** In the order in which they came. The newest counts. */
  readonly versions: readonly ResponseVersion[];
}

export type About = 'ALL' | 'TEAM' | 'JOB' | 'DATASET' | 'SHOW';

/** What an edition's answers are about: all of them, or one entity of another subgraph by id. */
export interface Subject {
  readonly about: About;
  readonly subjectId: string | null;
}

export interface FeedbackDocument extends Subject {
  readonly id: string;
  readonly surveyId: string;
  readonly origin: Origin;
  /** The survey's `order`. */
  readonly order: string;
  /** How many responses there are now. */
  readonly n: number;
  /** How many answers came since the figures of an open edition were last published; 0 to 4. */
  readonly pending: number;
}

/** Counts of the answers to one question, or of the responses as a whole; integers that add up in any order. */
export interface Tally {
  /** Who answered. */
  readonly n: number;
  /** Answers that are no number of the declared scale; not in `n`. */
  readonly offScale: number;
  /** Choices that are none of the declared options. */
  readonly other: number;
  /** How often each answer was given, ordered by answer. */
  readonly counts: readonly (readonly [answer: string, count: number])[];
  /** Of `n`, how many named a team, a job and so on; kept for the subject ALL only. */
  readonly named: Readonly<Partial<Record<About, number>>>;
}

/** Entities of other subgraphs, to which this one adds what people said. */
export interface JobReference {
  readonly id: string;
}

export interface DatasetReference {
  readonly id: string;
}

export interface ShowReference {
  readonly id: string;
}

export type TeamConnectionReference = Connection<TeamDocument>;
export type UserConnectionReference = Connection<UserDocument>;
export type SurveyConnectionReference = Connection<SurveyDocument>;
export type FeedbackConnectionReference = Connection<FeedbackDocument>;

/** One cell: an edition's answers by one subject to one question. */
export interface CellDocument extends Subject {
  readonly id: string;
  readonly feedbackId: string;
  readonly surveyId: string;
  /** The question's id; empty for the responses as a whole. */
  readonly question: string;
  readonly live: Tally;
  /** What an open edition shows: the counts at the last step of five. Null where the edition was never open. */
  readonly shown: Tally | null;
}

export const teams = defineCollection<TeamDocument, 'byOrigin'>('feedback.teams', {
  byOrigin: (team) => [team.origin, team.name],
});

export const teamEvents = defineCollection<TakenEvent>('feedback.team-events', {});

export const users = defineCollection<UserDocument, 'byTeam'>('feedback.users', {
  byTeam: (user) => (user.teamId === null ? null : [user.teamId, user.id]),
});

export const surveys = defineCollection<SurveyDocument, 'byOrigin' | 'byName'>('feedback.surveys', {
  byName: (survey) => [survey.namespace, survey.name, survey.order],
  byOrigin: (survey) => [survey.origin, survey.namespace, survey.name, survey.edition],
});

export const responses = defineCollection<ResponseDocument, 'bySurvey' | 'byTime'>('feedback.responses', {
  bySurvey: (response) => [response.surveyId, response.receivedAt],
  byTime: ({ surveyId, versions }) => {
    const times = versions.flatMap(({ event, at }) => (event.answeredAt ? [at] : []));
    return times.length === 0 ? null : [surveyId, Math.max(...times)];
  },
});

export const feedbacks = defineCollection<FeedbackDocument, 'bySubject' | 'bySurvey'>('feedback.feedbacks', {
  bySubject: ({ n, subjectId, order }) => (n === 0 || subjectId === null ? null : [subjectId, order]),
  bySurvey: ({ n, surveyId, about, id }) => (n === 0 ? null : [surveyId, about, id]),
});

export const cells = defineCollection<CellDocument, 'byFeedback' | 'bySurvey' | 'byLiveSize' | 'byShownSize'>('feedback.cells', {
  byFeedback: (cell) => [cell.feedbackId, cell.question],
  bySurvey: (cell) => [cell.surveyId],
  byLiveSize: ({ surveyId, about, question, live }) => (live.n === 0 ? null : [surveyId, about, question, live.n]),
  byShownSize: ({ surveyId, about, question, shown }) =>
    shown === null || shown.n === 0 ? null : [surveyId, about, question, shown.n],
});

export const collections = [teams, teamEvents, users, surveys, responses, feedbacks, cells];
