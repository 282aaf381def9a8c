import { buildSubgraphSchema } from '@apollo/subgraph';
import type { GraphQLResolverMap } from '@apollo/subgraph';
import { parse, validate, type ExecutionResult, type GraphQLSchema } from 'graphql';
import { createLocalClient } from '../gateway/execution/local-client.ts';
import { SubgraphError } from '../gateway/execution/errors.ts';
import type { SubgraphClient } from '../gateway/execution/subgraph-client.ts';
import { createSupergraph } from '../gateway/execution/supergraph.ts';
import { createLocalNode } from '../gateway/graph/local-subgraph.ts';
import { composeGraph, toSubgraphUrl } from '../gateway/graph/supergraph-text.ts';
import { createIngest } from '../gateway/ingest/ingest.ts';
import type { Send } from '../importers/runner.ts';
import { createPseudonym } from '../kit/ingest/pseudonym.ts';
import type { AnyCollection, Store } from '../kit/store/port.ts';
import type { Surroundings } from '../kit/subgraph.ts';
import { subgraphs } from '../subgraphs/index.ts';

/** The key under which every test's people are pseudonyms. */
export const TEST_KEY = 'a key that only tests use';

/** A moment after everything in the sample, so that what depends on the present is the same in every run. */
const TEST_NOW = Date.parse('2026-11-24T12:00:00Z');

/** Everything that the registered subgraphs keep. */
export const allCollections: readonly AnyCollection[] = subgraphs.flatMap(({ collections }) => collections);

/** The whole graph over one store, in this process, without HTTP; counts its requests to subgraphs. */
export interface Rig {
  readonly send: Send;
  /** Answers a document; throws what keeps it from being executed at all. */
  readonly ask: (document: string, variables?: Readonly<Record<string, unknown>>) => Promise<ExecutionResult>;
  /** Requests to subgraphs so far. */
  readonly requests: () => number;
  readonly supergraphSdl: string;
  /** The schema that clients see. */
  readonly apiSchema: GraphQLSchema;
  /** What the subgraphs are given. */
  readonly surroundings: Surroundings;
}

/** The names of subgraphs in `stopped` do not answer, as after their process ended. */
export function createRig(store: Store, stopped: readonly string[] = []): Rig {
  const surroundings = { store, pseudonym: createPseudonym(TEST_KEY), now: () => TEST_NOW };
  const clients = new Map<string, SubgraphClient>(
    subgraphs.map((subgraph): [string, SubgraphClient] => {
      const { name, typeDefs, resolvers } = subgraph;
      const schema = buildSubgraphSchema([{ typeDefs: parse(typeDefs), resolvers: resolvers as GraphQLResolverMap<unknown> }]);
      if (stopped.includes(name)) return [name, createStoppedClient(name)];
      return [name, createLocalClient(name, schema, () => ({ ...surroundings, loaders: subgraph.createLoaders(surroundings) }))];
    }),
  );
  const node = createLocalNode(subgraphs.map(({ typeDefs }) => typeDefs));
  clients.set(node.name, node.client);
  const sdl = composeGraph(subgraphs.map(({ name, typeDefs }) => ({ name, url: toSubgraphUrl('http://127.0.0.1', name), typeDefs })));
  let requests = 0;
  const supergraph = createSupergraph(sdl, clients, {
    onRequest: () => {
      requests += 1;
    },
    operationTimeoutMs: 120_000,
    fetchTimeoutMs: 120_000,
  });
  const locals = new Set(subgraphs.map(({ name }) => name));
  const ingest = createIngest({ known: subgraphs, locals, surroundings, remotes: () => new Map() });
  return {
    send: ingest.send,
    async ask(text, variables = {}) {
      const document = parse(text);
      const [problem] = validate(supergraph.apiSchema, document);
      if (problem !== undefined) throw problem;
      return supergraph.execute({ document, variables });
    },
    requests: () => requests,
    supergraphSdl: sdl,
    apiSchema: supergraph.apiSchema,
    surroundings,
  };
}

function createStoppedClient(name: string): SubgraphClient {
  return {
    name,
    execute: () => Promise.reject(new SubgraphError('SUBGRAPH_UNAVAILABLE', `The subgraph ${name} cannot be reached.`)),
  };
}
