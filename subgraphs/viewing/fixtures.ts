import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse, type GraphQLSchema } from 'graphql';
import { createPseudonym } from '../../kit/ingest/pseudonym.ts';
import type { Store } from '../../kit/store/port.ts';
import type { Receipt, Surroundings } from '../../kit/subgraph.ts';
import type { PlaybackSessionEvent, PublishedReportEvent, ShowEvent } from './events.ts';
import { viewing } from './index.ts';

/** The present of all tests. */
export const NOW = Date.parse('2025-01-01T00:00:00Z');

export function surround(store: Store, now = NOW): Surroundings {
  return { store, pseudonym: createPseudonym('a key for tests'), now: () => now };
}

/** Sends events to their receiver. */
export function receive(store: Store, kind: string, events: readonly unknown[], now = NOW): Promise<Receipt> {
  const receiver = viewing.receivers[kind];
  if (receiver === undefined) throw new Error(`expected a kind that viewing owns, got ${kind}`);
  return receiver(surround(store, now), events);
}

let built: GraphQLSchema | null = null;

/** Answers a query with fresh loaders; throws what the first error says. */
export async function ask<T>(store: Store, source: string, variables: Record<string, unknown> = {}): Promise<T> {
  built ??= buildSubgraphSchema([{ typeDefs: parse(viewing.typeDefs), resolvers: viewing.resolvers as never }]);
  const surroundings = surround(store);
  const contextValue = { ...surroundings, loaders: viewing.createLoaders(surroundings) };
  const { data, errors } = await graphql({ schema: built, source, variableValues: variables, contextValue });
  if (errors?.[0] !== undefined) throw errors[0];
  return data as T;
}

/** A week of a weekly list, with what a test says. */
export function reportEvent(given: Partial<PublishedReportEvent> = {}): PublishedReportEvent {
  return {
    namespace: 'weekly',
    report: 'Weekly list',
    title: 'A',
    season: 'A: Season 1',
    kind: 'SERIES',
    category: 'TV',
    period: { from: '2024-01-01', to: '2024-01-08' },
    hoursViewed: 1_000_000,
    hoursRoundedTo: 10_000,
    dataset: { namespace: 'weekly', name: 'weekly.tsv' },
    publishedAt: '2024-01-09T00:00:00Z',
    ...given,
  };
}

export function showEvent(given: Partial<ShowEvent> = {}): ShowEvent {
  return { source: '/catalogue', id: '1', time: '2024-01-01T00:00:00Z', namespace: 'simulated', title: 'A', kind: 'SERIES', ...given };
}

export function sessionEvent(given: Partial<PlaybackSessionEvent> = {}): PlaybackSessionEvent {
  return {
    source: '/player',
    id: '1',
    namespace: 'simulated',
    show: { title: 'A', kind: 'SERIES' },
    startedAt: '2024-01-01T10:00:00Z',
    watchedMs: 3_600_000,
    user: 'ada@example.com',
    ...given,
  };
}
