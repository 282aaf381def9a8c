import { defineSubgraph } from '../../kit/subgraph.ts';
import { eventTypes, ledgers, refusals, unclaimedEvents } from './documents.ts';
import { createLoaders } from './loaders.ts';
import { resolvers } from './resolvers.ts';
import { typeDefs } from './schema.generated.ts';
import { receiveRefusals, receiveSettled, receiveUnclaimed } from './store.ts';

/** What came in and was not taken: refused events with their reasons, and events of types that no subgraph takes. */
export const intake = defineSubgraph({
  name: 'intake',
  typeDefs,
  resolvers,
  collections: [refusals, ledgers, unclaimedEvents, eventTypes],
  createLoaders,
  receivers: { refusal: receiveRefusals, 'unclaimed-event': receiveUnclaimed, settled: receiveSettled },
  eventTimes: { 'unclaimed-event': 'time' },
});
