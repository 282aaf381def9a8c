import { buildSubgraphSchema } from '@apollo/subgraph';
import { buildASTSchema, execute, Kind, parse, printSchema, validate } from 'graphql';
import type { ExecutionResult, GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import { composeSubgraphs } from '../graph/composition.ts';
import { createLocalClient } from './local-client.ts';
import type { SubgraphClient } from './subgraph-client.ts';
import { createSupergraph } from './supergraph.ts';
import type { Supergraph, SupergraphOptions } from './supergraph.ts';

/** A record of the data set; tests name its fields. */
export type Row = Readonly<Record<string, unknown>>;

type Resolver = (parent: Row, args: Row, context: unknown) => unknown;
type TypeResolvers = Readonly<Record<string, Resolver>>;

export interface RigSource {
  /** SDL by subgraph, without the federation link. */
  readonly subgraphs: Readonly<Record<string, string>>;
  /** Resolvers over the whole data set, by type and field: the monolith has all, a subgraph those of the fields that it defines. */
  readonly resolvers: Readonly<Record<string, TypeResolvers>>;
  /** What one subgraph does otherwise: `__resolveReference`, and fields that must read what they are sent. */
  readonly only?: Readonly<Record<string, Readonly<Record<string, TypeResolvers>>>>;
  readonly options?: SupergraphOptions;
  /** What each SDL begins with, instead of the link to the newest version that the composer takes; empty for federation 1. */
  readonly link?: string;
  /** Puts the data set back, before each side of a comparison. */
  readonly reset?: () => void;
  /** Wraps clients, to stop or slow them. */
  readonly wrap?: (client: SubgraphClient) => SubgraphClient;
}

export interface Rig {
  readonly supergraph: Supergraph;
  readonly supergraphSdl: string;
  readonly monolith: GraphQLSchema;
  /** Requests to subgraphs since the last `ask`. */
  readonly requests: { subgraph: string; query: string; representations: number }[];
  ask(query: string, variables?: Record<string, unknown>, operationName?: string): Promise<ExecutionResult>;
  /** Asks both: the answers to compare hold the data with its order, and the places of errors. */
  compare(query: string, variables?: Record<string, unknown>): Promise<{ ours: string; theirs: string; result: ExecutionResult }>;
}

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external", "@requires", "@provides", "@override", "@inaccessible", "@tag", "@interfaceObject"])\n`;

/** Composes subgraphs over one data set, and a monolith over the same. */
export function createRig({ subgraphs, resolvers, only = {}, options = {}, link = LINK, reset = () => undefined, wrap = (client) => client }: RigSource): Rig {
  const { supergraphSdl } = composeSubgraphs(Object.entries(subgraphs).map(([name, sdl]) => ({ name, url: `http://${name}.invalid/`, typeDefs: link + sdl })));
  const clients = new Map<string, SubgraphClient>();
  for (const [name, sdl] of Object.entries(subgraphs)) {
    const document = parse(link + sdl);
    const schema = buildSubgraphSchema([{ typeDefs: document, resolvers: pick(sdl, resolvers, only[name] ?? {}) as Record<string, Record<string, GraphQLFieldResolver<unknown, unknown>>> }]);
    clients.set(name, wrap(createLocalClient(name, schema, (context) => ({ context }))));
  }
  const requests: Rig['requests'] = [];
  const supergraph = createSupergraph(supergraphSdl, clients, { ...options, onRequest: (request) => requests.push(request) });
  const monolith = buildASTSchema(parse(printSchema(supergraph.apiSchema)));
  for (const [type, fields] of Object.entries(resolvers)) {
    const known = monolith.getType(type);
    if (!known || !('getFields' in known)) continue;
    for (const [field, resolve] of Object.entries(fields)) {
      const definition = known.getFields()[field];
      if (definition) Object.assign(definition, { resolve });
    }
  }

  const ask: Rig['ask'] = (query, variables = {}, operationName) => {
    requests.length = 0;
    const document = parse(query);
    const faults = validate(supergraph.apiSchema, document);
    if (faults.length > 0) throw new Error(`The test's operation is not valid: ${faults.map((fault) => fault.message).join('; ')}\n${query}`);
    return supergraph.execute({ document, variables, operationName });
  };
  return {
    supergraph, supergraphSdl, monolith, requests, ask,
    async compare(query, variables = {}) {
      reset();
      const result = await ask(query, variables);
      reset();
      const theirs = await execute({ schema: monolith, document: parse(query), variableValues: variables, contextValue: {} });
      const shape = (answer: ExecutionResult): string => JSON.stringify({ query, variables, data: answer.data, errors: errorPaths(answer) }, null, 1);
      return { ours: shape(result), theirs: shape(theirs), result };
    },
  };
}

/** A client whose requests and answers go through text, as over HTTP. */
export function throughText(client: SubgraphClient): SubgraphClient {
  const copy = <T>(value: T): T => (value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T));
  return {
    name: client.name,
    execute: async ({ query, operationName, variables }, options) => copy(await client.execute({ query, operationName, variables: copy(variables) }, options)),
  };
}

/**
 * The places that errors made null, sorted. Where null spreads to a parent, executors are free to report one or several of the errors
 * below it; what they made null is the same.
 */
export function errorPaths(result: ExecutionResult): string[] {
  const places = (result.errors ?? []).map(({ path = [] }) => {
    let value: unknown = result.data;
    const place: (string | number)[] = [];
    for (const key of path) {
      if (typeof value !== 'object' || value === null) break;
      value = (value as Record<string | number, unknown>)[key];
      place.push(key);
    }
    return place.join('.');
  });
  return [...new Set(places)].sort();
}

function pick(sdl: string, resolvers: RigSource['resolvers'], own: Readonly<Record<string, TypeResolvers>>): Record<string, Record<string, Resolver>> {
  const picked: Record<string, Record<string, Resolver>> = {};
  for (const definition of parse(sdl).definitions) {
    if (definition.kind === Kind.UNION_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION) picked[definition.name.value] = { ...own[definition.name.value] };
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.OBJECT_TYPE_EXTENSION) continue;
    const type = definition.name.value;
    const fields = (picked[type] ??= {});
    for (const { name } of definition.fields ?? []) {
      const resolve = resolvers[type]?.[name.value];
      if (resolve) fields[name.value] = resolve;
    }
    Object.assign(fields, own[type]);
  }
  return picked;
}
