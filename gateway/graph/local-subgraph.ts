import { buildSubgraphSchema } from '@apollo/subgraph';
import type { GraphQLResolverMap } from '@apollo/subgraph';
import { parse } from 'graphql';
import type { GraphQLSchema } from 'graphql';
import type { Subgraph, Surroundings } from '../../kit/subgraph.ts';
import { createLocalClient } from '../execution/local-client.ts';
import type { SubgraphClient } from '../execution/subgraph-client.ts';
import { createNodeSubgraph } from './node-subgraph.ts';

/** A subgraph that this process runs. */
export interface LocalSubgraph {
  readonly name: string;
  readonly schema: GraphQLSchema;
  readonly client: SubgraphClient;
  /** The subgraph as its folder exports it; null for the gateway's own. */
  readonly subgraph: Subgraph | null;
}

function createSchema(typeDefs: string, resolvers: object): GraphQLSchema {
  return buildSubgraphSchema([{ typeDefs: parse(typeDefs), resolvers: resolvers as GraphQLResolverMap<unknown> }]);
}

export function createLocal(subgraph: Subgraph, surroundings: Surroundings): LocalSubgraph {
  const { name } = subgraph;
  const schema = createSchema(subgraph.typeDefs, subgraph.resolvers);
  const client = createLocalClient(name, schema, () => ({ ...surroundings, loaders: subgraph.createLoaders(surroundings) }));
  return { name, schema, client, subgraph };
}

/** The gateway's own subgraph beside others of these schemas. */
export function createLocalNode(typeDefs: readonly string[]): LocalSubgraph {
  const node = createNodeSubgraph(typeDefs);
  const schema = createSchema(node.typeDefs, node.resolvers);
  return { name: node.name, schema, client: createLocalClient(node.name, schema, () => ({})), subgraph: null };
}
