import { defineSubgraph } from '../../kit/subgraph.ts';
import { buckets, clocks, dimensions, holdings, periods, received, reports, sessions, shows } from './documents.ts';
import { createLoaders } from './loaders.ts';
import { playerReports, playerSessions } from './player-documents.ts';
import { rebuild } from './rebuild.ts';
import { receiveCmcdReports, receivePlaybackSessions, receivePublishedReports, receiveShows } from './receivers.ts';
import { resolvers } from './resolvers.ts';
import { typeDefs } from './schema.generated.ts';

/** The shows loop: shows, what was published of their viewing, and playback sessions. */
export const viewing = defineSubgraph({
  name: 'viewing',
  typeDefs,
  resolvers,
  collections: [shows, reports, holdings, periods, sessions, received, playerReports, playerSessions, dimensions, clocks, buckets],
  createLoaders,
  receivers: {
    'published-report': receivePublishedReports,
    show: receiveShows,
    'playback-session': receivePlaybackSessions,
    'cmcd-report': receiveCmcdReports,
  },
  eventTimes: { 'published-report': 'publishedAt', show: 'time', 'playback-session': 'startedAt', 'cmcd-report': 'report.ts' },
  cloudEvents: { 'loopgraph.show': 'show', 'loopgraph.playback-session': 'playback-session', 'loopgraph.published-report': 'published-report' },
  rebuild,
});
