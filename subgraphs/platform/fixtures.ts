import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse } from 'graphql';
import { createPseudonym } from '../../kit/ingest/pseudonym.ts';
import type { Document, Index, Store } from '../../kit/store/port.ts';
import type { Receipt, Surroundings } from '../../kit/subgraph.ts';
import { buckets, checks, columnEdges, columnWords, datasets, edges, groupJobs, groups, incidents, jobs, outputs, runs, schemaVersions } from './collections.ts';
import { platform } from './index.ts';

type Modules = Extract<Parameters<typeof buildSubgraphSchema>[0], { typeDefs: unknown }>;

const schema = buildSubgraphSchema([{ typeDefs: parse(platform.typeDefs), resolvers: platform.resolvers as Modules['resolvers'] }]);

/** The present of tests. */
export const NOW = Date.parse('2026-11-24T12:00:00Z');

/** A subgraph over a store, as a test drives it. */
export interface Desk {
  readonly surroundings: Surroundings;
  /** Sends events to the receiver of a kind. */
  readonly send: (kind: string, events: readonly unknown[]) => Promise<Receipt>;
  /** Answers a query; fails on any error. */
  readonly ask: <T>(query: string, variables?: Record<string, unknown>) => Promise<T>;
  /** The code of the first error of a query. */
  readonly refusal: (query: string, variables?: Record<string, unknown>) => Promise<string | null>;
}

export function createDesk(store: Store, now: number = NOW): Desk {
  const surroundings: Surroundings = { store, pseudonym: createPseudonym('a key for tests'), now: () => now };
  const run = (source: string, variableValues: Record<string, unknown>) =>
    graphql({ schema, source, variableValues, contextValue: { ...surroundings, loaders: platform.createLoaders(surroundings) } });
  return {
    surroundings,
    send: (kind, events) => {
      const receiver = platform.receivers[kind];
      if (receiver === undefined) throw new Error(`expected a kind of the platform, got ${kind}`);
      return receiver(surroundings, events);
    },
    ask: async <T>(query: string, variables: Record<string, unknown> = {}) => {
      const { data, errors } = await run(query, variables);
      if (errors !== undefined) throw new Error(errors.map(({ message, path }) => `${path?.join('.') ?? ''}: ${message}`).join('\n'), { cause: errors[0]?.originalError });
      return JSON.parse(JSON.stringify(data)) as T;
    },
    refusal: async (query, variables = {}) => {
      const { errors } = await run(query, variables);
      const code = errors?.[0]?.extensions['code'];
      return typeof code === 'string' ? code : null;
    },
  };
}

/** All documents of a collection that has an index which holds each of them, by that index. */
export async function readEverything<D extends Document>(store: Store, index: Index<D>): Promise<D[]> {
  const found: D[] = [];
  for (let after: string | undefined; ; ) {
    const page = await store.scan(index, { limit: 10_000, ...(after === undefined ? {} : { after }) });
    found.push(...page.map(({ document }) => document));
    if (page.length < 10_000) return found;
    after = page.at(-1)?.position;
  }
}

/** All that answers are made from, in the order of ids. */
export async function snapshot(store: Store): Promise<Record<string, unknown>> {
  const sort = <D extends { id: string }>(documents: D[]): D[] => documents.sort((one, other) => (one.id < other.id ? -1 : 1));
  return {
    runs: sort(await readEverything(store, runs.byOrigin)),
    outputs: sort(await readEverything(store, outputs.byDataset)),
    incidents: sort(await readEverything(store, incidents.byOrigin)),
    groups: sort(await readEverything(store, groups.byOrigin)),
    pairs: sort(await readEverything(store, groupJobs.byGroup)),
    jobs: sort(await readEverything(store, jobs.byName)),
    datasets: sort(await readEverything(store, datasets.byName)),
    edges: sort(await readEverything(store, edges.byJob)),
    columnEdges: sort(await readEverything(store, columnEdges.byFrom)),
    columnWords: sort(await readEverything(store, columnWords.byDataset)),
    schemaVersions: sort(await readEverything(store, schemaVersions.byDataset)),
    checks: sort(await readEverything(store, checks.byDataset)),
    buckets: await store.list(buckets, { limit: 10_000 }),
  };
}

/** The collections of the platform, for a store. */
export const { collections } = platform;

/** What a run event of a test says beside what every one says. */
export interface TestEvent {
  readonly run: string;
  readonly at: string;
  readonly type?: string | null;
  readonly job?: string;
  readonly namespace?: string;
  readonly runFacets?: Record<string, unknown>;
  readonly jobFacets?: Record<string, unknown>;
  readonly inputs?: readonly unknown[];
  readonly outputs?: readonly unknown[];
}

/** A run event as an emitter would send it. */
export function toRunEvent({ run, at, type = null, job = 'job', namespace = 'tests', runFacets, jobFacets, inputs, outputs }: TestEvent): unknown {
  return {
    eventTime: at,
    ...(type === null ? {} : { eventType: type }),
    producer: 'https://example.org/tests',
    schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
    run: { runId: run, facets: runFacets ?? {} },
    job: { namespace, name: job, facets: jobFacets ?? {} },
    ...(inputs === undefined ? {} : { inputs }),
    ...(outputs === undefined ? {} : { outputs }),
  };
}

/** An output of a run event whose content was looked at. */
export function toOutput(name: string, content: Record<string, unknown>, namespace = 'tests'): unknown {
  return { namespace, name, outputFacets: { loopgraph_content: content } };
}
