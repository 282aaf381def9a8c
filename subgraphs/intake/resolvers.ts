import { scanConnection } from '../../kit/graph/connection.ts';
import { scalarResolvers } from '../../kit/graph/scalars.ts';
import { eventTypes, ledgers, refusals, unclaimedEvents } from './documents.ts';
import { RECEIVERS } from './events.ts';
import type { ReceiverName } from './events.ts';
import type { Resolvers } from './schema.generated.ts';

/** Arguments to store to shape; fields of a document that have the schema's name and form need no resolver. */
export const resolvers: Resolvers = {
  ...scalarResolvers,
  Query: {
    refusals: (_, { receiver, ...page }, { store }) =>
      receiver === null || receiver === undefined
        ? scanConnection(store, refusals.byTime, { reverse: true }, page)
        : scanConnection(store, refusals.byReceiver, { prefix: [receiver], reverse: true }, page),
    refusalTotals: async (_, _arguments, { store }) => (await store.get(ledgers, RECEIVERS)).filter((ledger) => ledger !== null),
    eventTypes: (_, page, { store }) => scanConnection(store, eventTypes.byType, {}, page),
    unclaimedEvents: (_, { type, ...page }, { store }) =>
      type === null || type === undefined
        ? scanConnection(store, unclaimedEvents.byTime, { reverse: true }, page)
        : scanConnection(store, unclaimedEvents.byType, { prefix: [type], reverse: true }, page),
  },
  Refusal: {
    __resolveReference: ({ id }, { loaders }) => loaders.refusal.load(id),
    id: ({ refusalId }) => refusalId,
    canBeSentAgain: ({ body, kind }) => body !== null && kind !== null,
    body: ({ body }) => (body === null ? null : JSON.parse(body)),
  },
  RefusalTotal: {
    receiver: ({ id }) => id as ReceiverName,
    kept: ({ kept }) => kept.length,
  },
  UnclaimedEvent: {
    __resolveReference: async ({ id }, { loaders }) => {
      const event = await loaders.unclaimedEvent.load(id);
      return event?.event === null ? null : event;
    },
    event: ({ event }) => (event === null ? null : JSON.parse(event)),
  },
};
