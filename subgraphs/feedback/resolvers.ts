import { refuse } from '../../kit/graph/errors.ts';
import { nameOfId } from '../../kit/graph/id.ts';
import { scalarResolvers } from '../../kit/graph/scalars.ts';
import { compareEditions } from './comparison.ts';
import type { About, FeedbackDocument, TeamDocument } from './documents.ts';
import { isOpen, surveyIdOf, teamIdOf, toUnknownUser, toUnregisteredTeam } from './ingest.ts';
import type { RequestContext } from './loaders.ts';
import {
  invitedOf,
  publishedDay,
  publishedMeasure,
  publishedResponses,
  publishedScores,
  publishedWhole,
  surveyOf,
  toResponseRate,
} from './published.ts';
import type { Resolvers } from './schema.generated.ts';
import { listSurveys, listTeams } from './store.ts';

/** The bound of every plain list of feedback. */
const MOST_FEEDBACK = 100;

/** A team by id: what is known of it, else what the id itself says. */
async function findTeam(id: string, { loaders }: RequestContext): Promise<TeamDocument | null> {
  const team = await loaders.team.load(id);
  if (team) return team;
  const name = nameOfId('Team', id);
  return name === null ? null : toUnregisteredTeam(name);
}

/** A team by name: others may name it before anyone registers it, and what they know hangs from its id. */
async function findTeamByName(name: string, { loaders }: RequestContext): Promise<TeamDocument | null> {
  if (name === '') return null;
  return (await loaders.team.load(teamIdOf(name))) ?? toUnregisteredTeam(name);
}

async function feedbackOf(
  { id }: { readonly id: string },
  { first }: { readonly first: number },
  { loaders }: RequestContext,
): Promise<readonly FeedbackDocument[]> {
  if (first < 0 || first > MOST_FEEDBACK) {
    throw refuse('BAD_ARGUMENT', `expected \`first\` from 0 to ${MOST_FEEDBACK}, got ${first}`);
  }
  const { nodes } = await loaders.feedbackOfSubject.load({ prefix: [id], reverse: true, first });
  return nodes;
}

/** A reference to the subject, if it is of this kind. */
function subjectIf(about: About): (feedback: FeedbackDocument) => { id: string } | null {
  return (feedback) => (feedback.about === about && feedback.subjectId !== null ? { id: feedback.subjectId } : null);
}

const toReference = ({ id }: { readonly id: string }): { id: string } => ({ id });

export const resolvers: Resolvers = {
  ...scalarResolvers,
  Query: {
    team: async (_, { id, name }, context) => {
      if ((typeof id === 'string') === (typeof name === 'string')) {
        throw refuse('BAD_ARGUMENT', 'expected exactly one of `id` and `name`');
      }
      return typeof id === 'string' ? findTeam(id, context) : findTeamByName(name ?? '', context);
    },
    teams: (_, { origin, ...page }, { store }) => listTeams(store, origin, page),
    user: (_, { id }, { loaders }) => loaders.user.load(id),
    survey: (_, { id }, { loaders }) => loaders.survey.load(id),
    surveys: (_, { origin, ...page }, { store }) => listSurveys(store, origin, page),
  },
  Team: {
    __resolveReference: (reference, context) =>
      'id' in reference ? findTeam(reference.id, context) : findTeamByName(reference.name, context),
    members: ({ id }, page, { loaders }) => loaders.members.load({ prefix: [id], ...page }),
    feedback: feedbackOf,
  },
  User: {
    __resolveReference: async ({ id }, { loaders }) => (await loaders.user.load(id)) ?? toUnknownUser(id),
    team: ({ teamId }, _, context) => (teamId ? findTeam(teamId, context) : null),
  },
  Survey: {
    __resolveReference: (reference, { loaders }) =>
      loaders.survey.load('id' in reference ? reference.id : surveyIdOf(reference)),
    open: (survey, _, { now }) => isOpen(survey, now()),
    firstAnswerOn: (survey, _, context) => publishedDay(survey, 'first', context),
    lastAnswerOn: (survey, _, context) => publishedDay(survey, 'last', context),
    invited: (survey) => invitedOf(survey, 'ALL', null),
    responses: (survey, _, context) => publishedResponses(survey, context),
    responseRate: async (survey, _, context) =>
      toResponseRate(await publishedResponses(survey, context), invitedOf(survey, 'ALL', null)),
    previousEdition: async (survey, _, { loaders }) => {
      const editions = await loaders.editions.load(survey);
      const place = editions.findIndex(({ id }) => id === survey.id);
      return editions[place - 1] ?? null;
    },
    feedback: ({ id }, { about, ...page }, { loaders }) => loaders.feedbackOfSurvey.load({ prefix: [id, about], ...page }),
  },
  SurveyQuestion: {
    scaleMin: ({ scale }) => scale?.min ?? null,
    scaleMax: ({ scale }) => scale?.max ?? null,
    options: ({ options }) => options ?? [],
    measures: ({ measures }) =>
      measures === 'satisfaction' ? 'SATISFACTION' : measures === 'recommendation' ? 'RECOMMENDATION' : null,
  },
  Feedback: {
    __resolveReference: ({ id }, { loaders }) => loaders.feedback.load(id),
    survey: (feedback, _, context) => surveyOf(feedback, context),
    team: ({ about, subjectId }, _, context) => (about === 'TEAM' && subjectId ? findTeam(subjectId, context) : null),
    job: subjectIf('JOB'),
    dataset: subjectIf('DATASET'),
    show: subjectIf('SHOW'),
    n: async (feedback, _, context) => (await publishedWhole(feedback, context)).tally.n,
    invited: async (feedback, _, context) =>
      invitedOf(await surveyOf(feedback, context), feedback.about, feedback.subjectId),
    responseRate: async (feedback, _, context) => {
      const { tally } = await publishedWhole(feedback, context);
      return toResponseRate(tally.n, invitedOf(await surveyOf(feedback, context), feedback.about, feedback.subjectId));
    },
    withheld: async (feedback, _, context) => (await publishedWhole(feedback, context)).withheld,
    scores: (feedback, _, context) => publishedScores(feedback, context),
    satisfaction: (feedback, _, context) => publishedMeasure(feedback, 'satisfaction', context),
    recommendation: (feedback, _, context) => publishedMeasure(feedback, 'recommendation', context),
    comparisons: (feedback, _, context) => compareEditions(feedback, context),
  },
  Job: { __resolveReference: toReference, feedback: feedbackOf },
  Dataset: { __resolveReference: toReference, feedback: feedbackOf },
  Show: { __resolveReference: toReference, feedback: feedbackOf },
};
