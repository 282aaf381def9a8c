import { buildSubgraphSchema } from '@apollo/subgraph';
import { buildASTSchema, parse } from 'graphql';
import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import { composeSubgraphs } from '../../gateway/graph/composition.ts';
import { defineSubgraph } from '../../kit/subgraph.ts';
import type { Subgraph } from '../../kit/subgraph.ts';

/*
 * Three subgraphs over data that are computed from ids, so that what is measured is what stands before them; and the questions
 * that benches ask of them.
 */

type Fields = Record<string, GraphQLFieldResolver<{ id: number }, unknown>>;

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\n';
const SDL: Readonly<Record<string, string>> = {
  viewing: `type Query { shows(n: Int!): [Show!]! } type Show @key(fields: "id") { id: ID! title: String! season: Int datasets: [Dataset!]! team: Team } type Dataset @key(fields: "id", resolvable: false) { id: ID! } type Team @key(fields: "id", resolvable: false) { id: ID! }`,
  platform: `type Dataset @key(fields: "id") { id: ID! name: String! writers: [Job!]! } type Job @key(fields: "id") { id: ID! name: String! runs: [Run!]! team: Team } type Run { id: ID! state: String! durationMs: Int startedAt: String! } type Team @key(fields: "id", resolvable: false) { id: ID! }`,
  feedback: `type Team @key(fields: "id") { id: ID! name: String! registered: Boolean! feedback: [Feedback!]! } type Feedback { id: ID! n: Int! mean: Float }`,
};
const some = (count: number, from: number, modulus: number): { id: number }[] => Array.from({ length: count }, (_, index) => ({ id: (from * 7 + index * 13) % modulus }));
const RESOLVERS: Readonly<Record<string, Fields>> = {
  Query: { shows: (_root, { n }) => Array.from({ length: Number(n) }, (_, id) => ({ id })) },
  Show: { title: ({ id }) => `Show ${id}`, season: ({ id }) => id % 5, datasets: ({ id }) => some(2, id, 40), team: ({ id }) => ({ id: id % 12 }) },
  Dataset: { name: ({ id }) => `dataset_${id}`, writers: ({ id }) => some(2, Number(id), 60) },
  Job: { name: ({ id }) => `job_${id}`, runs: ({ id }) => some(3, Number(id), 1_000), team: ({ id }) => ({ id: Number(id) % 12 }) },
  Run: { state: ({ id }) => (id % 9 === 0 ? 'FAIL' : 'COMPLETE'), durationMs: ({ id }) => id * 31, startedAt: () => '2024-11-17T00:00:00.000Z' },
  Team: { name: ({ id }) => `Team ${id}`, registered: () => true, feedback: ({ id }) => some(2, Number(id), 100) },
  Feedback: { n: ({ id }) => id, mean: ({ id }) => id / 7 },
};

/** The question that goes through all three subgraphs, over so many shows. */
export const linkedQuestion = (shows: number): string =>
  `{ shows(n: ${shows}) { title team { name feedback { n mean } } datasets { name writers { name runs { state durationMs startedAt } team { name feedback { n mean } } } } } }`;

/** One subgraph alone; through three in four fetches, 35 KB; one subgraph and 105 KB. */
export const QUESTIONS = {
  simple: '{ shows(n: 10) { id title season } }',
  linked: linkedQuestion(30),
  wide: '{ shows(n: 1000) { id title season team { id } datasets { id } } }',
} as const;

export const SUBGRAPH_NAMES: readonly string[] = Object.keys(SDL);

/** The subgraphs as a process of the gateway takes them. */
export function createSubgraphs(): readonly Subgraph[] {
  return Object.entries(SDL).map(([name, sdl]) =>
    defineSubgraph({ name, typeDefs: LINK + sdl, resolvers: pickResolvers(sdl), collections: [], createLoaders: () => ({}), receivers: {} }));
}

function pickResolvers(sdl: string): Record<string, Fields> {
  const resolvers: Record<string, Fields> = {};
  for (const definition of parse(sdl).definitions) {
    if (definition.kind !== 'ObjectTypeDefinition') continue;
    const fields: Fields = {};
    for (const field of definition.fields ?? []) {
      const resolve = RESOLVERS[definition.name.value]?.[field.name.value];
      if (resolve) fields[field.name.value] = resolve;
    }
    resolvers[definition.name.value] = fields;
  }
  return resolvers;
}

/** The schema of one of the subgraphs. */
export function createSubgraphSchema(name: string): GraphQLSchema {
  const sdl = SDL[name];
  if (sdl === undefined) throw new Error(`expected a subgraph of ${SUBGRAPH_NAMES.join(', ')}, got "${name}"`);
  return buildSubgraphSchema([{ typeDefs: parse(LINK + sdl), resolvers: pickResolvers(sdl) }]);
}

/** The composed subgraphs, at the addresses that are given by name. */
export function composeLinkedGraph(urls: ReadonlyMap<string, string> = new Map()): string {
  return composeSubgraphs(Object.entries(SDL).map(([name, sdl]) => ({ name, url: urls.get(name) ?? `http://${name}.invalid/`, typeDefs: LINK + sdl }))).supergraphSdl;
}

/** One schema over the same data, from the text of what clients see. */
export function createMonolith(sdl: string): GraphQLSchema {
  const schema = buildASTSchema(parse(sdl));
  for (const [type, fields] of Object.entries(RESOLVERS)) {
    const known = schema.getType(type);
    if (!known || !('getFields' in known)) continue;
    for (const [field, resolve] of Object.entries(fields)) Object.assign(known.getFields()[field] ?? {}, { resolve });
  }
  return schema;
}
