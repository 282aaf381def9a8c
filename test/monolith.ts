import { buildSubgraphSchema } from '@apollo/subgraph';
import type { GraphQLResolverMap } from '@apollo/subgraph';
import { buildASTSchema, coerceInputValue, defaultFieldResolver, execute, getNamedType, isAbstractType, isLeafType, isListType, isNonNullType, isObjectType, parse, printSchema } from 'graphql';
import type { ExecutionResult, GraphQLField, GraphQLObjectType, GraphQLOutputType, GraphQLResolveInfo, GraphQLSchema } from 'graphql';
import { createSubgraphFields } from '../gateway/execution/subgraph-fields.ts';
import { createSupergraphTypes } from '../gateway/execution/supergraph-types.ts';
import type { Subgraph, Surroundings } from '../kit/subgraph.ts';

/** A subgraph's own value for an object, and whose it is. */
class Owned {
  readonly service: string;
  readonly value: unknown;

  constructor(service: string, value: unknown) {
    this.service = service;
    this.value = value;
  }
}

type ResolverMap = Readonly<Record<string, { readonly __resolveReference?: (reference: object, context: unknown, info: GraphQLResolveInfo) => unknown } | undefined>>;

interface Member {
  readonly subgraph: Subgraph;
  readonly schema: GraphQLSchema;
}

/** One request's contexts, and the entities that have been looked up in it. */
interface Request {
  readonly contexts: Map<string, unknown>;
  readonly known: Map<string, Promise<unknown>>;
}

/**
 * The whole graph as one schema over the subgraphs' resolvers, without a plan: each field is answered by itself, by the subgraph that
 * has it, from an object of its own or from one that it finds by a key of an object of another's. Slow and simple, to compare with.
 * @param apiSchema the schema that clients see.
 */
export function createMonolith(supergraphSdl: string, apiSchema: GraphQLSchema, subgraphs: readonly Subgraph[], surroundings: Surroundings): (query: string, variables: Record<string, unknown>) => Promise<ExecutionResult> {
  const supergraph = parse(supergraphSdl, { noLocation: true });
  const fields = createSubgraphFields(supergraph);
  const types = createSupergraphTypes(supergraph, 'node');
  const members = new Map<string, Member>();
  for (const subgraph of subgraphs) members.set(subgraph.name, { subgraph, schema: buildSubgraphSchema([{ typeDefs: parse(subgraph.typeDefs), resolvers: subgraph.resolvers as GraphQLResolverMap<unknown> }]) });
  const monolith = buildASTSchema(parse(printSchema(apiSchema)));

  function contextOf(service: string, request: Request): unknown {
    let context = request.contexts.get(service);
    if (context === undefined) request.contexts.set(service, (context = { ...surroundings, loaders: memberOf(service).subgraph.createLoaders(surroundings) }));
    return context;
  }

  function memberOf(service: string): Member {
    const member = members.get(service);
    if (!member) throw new Error(`There is no subgraph ${service}.`);
    return member;
  }

  function fieldOf(service: string, type: string, name: string): GraphQLField<unknown, unknown> {
    const known = memberOf(service).schema.getType(type);
    const field = isObjectType(known) ? known.getFields()[name] : undefined;
    if (!field) throw new Error(`${service} has no ${type}.${name}.`);
    return field;
  }

  /** What a subgraph's resolver gives, before it is made a client's. */
  function resolveIn(service: string, type: string, name: string, parent: unknown, args: Record<string, unknown>, request: Request, info: GraphQLResolveInfo): unknown {
    const field = fieldOf(service, type, name);
    const coerced: Record<string, unknown> = {};
    for (const argument of field.args) {
      if (Object.hasOwn(args, argument.name)) coerced[argument.name] = coerceInputValue(args[argument.name], argument.type);
      else if (argument.defaultValue !== undefined) coerced[argument.name] = argument.defaultValue;
    }
    return (field.resolve ?? defaultFieldResolver)(parent, coerced, contextOf(service, request), { ...info, fieldName: name });
  }

  /** The object as another subgraph has it; null where that one does not know it. */
  function lookUp(owned: Owned, type: string, service: string, request: Request, info: GraphQLResolveInfo): Promise<unknown> {
    const find = async (): Promise<unknown> => {
      const key = types.keys(type, service).find((each) => each.every((field) => field.fields.length === 0 && fields.answers(owned.service, type, field.name)));
      if (!key) throw new Error(`Nothing leads from ${owned.service} to ${type} in ${service}.`);
      const reference: Record<string, unknown> = { __typename: type };
      for (const { name } of key) reference[name] = await resolveIn(owned.service, type, name, owned.value, {}, request, info);
      return refer(service, type, reference, request, info);
    };
    return find();
  }

  function refer(service: string, type: string, reference: Record<string, unknown>, request: Request, info: GraphQLResolveInfo): Promise<unknown> {
    const place = `${service} ${JSON.stringify(reference)}`;
    const known = request.known.get(place);
    if (known) return known;
    const resolve = (memberOf(service).subgraph.resolvers as ResolverMap)[type]?.__resolveReference;
    const found = Promise.resolve(resolve ? resolve(reference, contextOf(service, request), info) : reference);
    request.known.set(place, found);
    return found;
  }

  /** A subgraph's value as the monolith passes it on: leaves as text and numbers, objects with their owner. */
  function give(value: unknown, type: GraphQLOutputType, service: string): unknown {
    if (value === null || value === undefined) return null;
    if (isNonNullType(type)) return give(value, type.ofType, service);
    if (isListType(type)) return Promise.resolve(value).then((list) => Array.from(list as Iterable<unknown>, (element) => Promise.resolve(element).then((each) => give(each, type.ofType, service))));
    return isLeafType(type) ? type.serialize(value) : new Owned(service, value);
  }

  function attach(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>): void {
    const services = [...members.keys()].filter((service) => fields.answers(service, type.name, field.name));
    field.resolve = async (parent, args: Record<string, unknown>, context, info) => {
      const request = context as Request;
      if (type === monolith.getQueryType() && field.name === 'node') return findNode(String(args['id']), request, info);
      const owned = parent instanceof Owned ? parent : null;
      const service = owned && services.includes(owned.service) ? owned.service : services[0];
      if (service === undefined) throw new Error(`No subgraph answers ${type.name}.${field.name}.`);
      const own = !owned || owned.service === service ? owned?.value : await lookUp(owned, type.name, service, request, info);
      if (own === null) return null;
      return give(await resolveIn(service, type.name, field.name, own, args, request, info), fieldOf(service, type.name, field.name).type, service);
    };
  }

  async function findNode(id: string, request: Request, info: GraphQLResolveInfo): Promise<Owned | null> {
    const type = id.split(':')[0] ?? '';
    const probe = types.probes.get(type);
    const service = probe === undefined ? undefined : [...members.keys()].find((name) => fields.answers(name, type, probe));
    const found = service === undefined ? null : await refer(service, type, { __typename: type, id }, request, info);
    return service === undefined || found === null || found === undefined ? null : new Owned(service, { ...(found as object), __typename: type });
  }

  for (const type of Object.values(monolith.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    if (isObjectType(type)) for (const field of Object.values(type.getFields())) attach(type, field);
    if (!isAbstractType(type)) continue;
    type.resolveType = async (given, context, info) => {
      const { service, value } = given as Owned;
      const known = memberOf(service).schema.getType(type.name);
      const told = (value as { __typename?: string }).__typename;
      if (told !== undefined) return told;
      return isAbstractType(known) ? String(await known.resolveType?.(value, contextOf(service, context as Request), info, known)) : getNamedType(type).name;
    };
  }
  return async (query, variables) => execute({ schema: monolith, document: parse(query), variableValues: variables, contextValue: { contexts: new Map(), known: new Map() } satisfies Request });
}
