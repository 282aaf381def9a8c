import { defineSubgraph } from '../../kit/subgraph.ts';
import { collections } from './documents.ts';
import { createLoaders } from './loaders.ts';
import { rebuild } from './rebuild.ts';
import { resolvers } from './resolvers.ts';
import { typeDefs } from './schema.generated.ts';
import { receiveResponses, receiveSurveys, receiveTeams } from './receivers.ts';

/** People: teams, users, surveys, and what the answers say about teams, jobs, datasets and shows. */
export const feedback = defineSubgraph({
  name: 'feedback',
  typeDefs,
  resolvers,
  collections,
  createLoaders,
  receivers: { team: receiveTeams, survey: receiveSurveys, 'survey-response': receiveResponses },
  eventTimes: { team: 'at', survey: 'at', 'survey-response': 'answeredAt' },
  cloudEvents: { 'loopgraph.team': 'team', 'loopgraph.survey': 'survey', 'loopgraph.survey-response': 'survey-response' },
  rebuild,
});
