import { Kind } from 'graphql';
import type { ConstDirectiveNode, DocumentNode, FieldDefinitionNode, TypeNode } from 'graphql';
import { directivesOf, readArgument, readServices } from './join-directives.ts';

/** What each subgraph has of a supergraph, by the names of services, types and fields. */
export interface SubgraphFields {
  /** True for an interface or a union. */
  isAbstract(type: string): boolean;
  /** The type of a field as a service has it, without lists and nullability; undefined for a field that is not there. */
  typeOf(service: string, type: string, field: string): string | undefined;
  /** The object types that can stand where a service has this interface or union. */
  members(service: string, type: string): ReadonlySet<string>;
  /** True where the services do not agree on the members. */
  isPartial(type: string): boolean;
  /** True where a service answers a field by itself: neither external nor in need of other fields. */
  answers(service: string, type: string, field: string): boolean;
}

interface FieldFacts {
  readonly type: string;
  /** By service; a service that is not in it does not answer the field. */
  readonly own: ReadonlyMap<string, string>;
}

/** Reads a supergraph's join directives (https://specs.apollo.dev/join/v0.3). */
export function createSubgraphFields(supergraph: DocumentNode): SubgraphFields {
  const services = readServices(supergraph);
  const serviceOf = (directive: ConstDirectiveNode): string => services.get(readArgument(directive, 'graph') ?? '') ?? '';
  const abstract = new Set<string>();
  const facts = new Map<string, FieldFacts>();
  const members = new Map<string, Map<string, Set<string>>>();
  const join = (type: string, service: string, member: string | undefined): void => {
    const byService = members.get(type) ?? new Map<string, Set<string>>();
    members.set(type, byService);
    const known = byService.get(service) ?? new Set<string>();
    byService.set(service, known);
    if (member !== undefined) known.add(member);
  };

  for (const definition of supergraph.definitions) {
    if (definition.kind === Kind.UNION_TYPE_DEFINITION) {
      const type = definition.name.value;
      abstract.add(type);
      const stated = directivesOf(definition, 'join__unionMember');
      for (const directive of stated) join(type, serviceOf(directive), readArgument(directive, 'member'));
      if (stated.length > 0) continue;
      for (const directive of directivesOf(definition, 'join__type')) for (const member of definition.types ?? []) join(type, serviceOf(directive), member.name.value);
    }
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    const type = definition.name.value;
    const all = directivesOf(definition, 'join__type').map(serviceOf);
    if (definition.kind === Kind.INTERFACE_TYPE_DEFINITION) {
      abstract.add(type);
      for (const service of all) join(type, service, undefined);
    } else for (const directive of directivesOf(definition, 'join__implements')) join(readArgument(directive, 'interface') ?? '', serviceOf(directive), type);
    for (const field of definition.fields ?? []) facts.set(`${type}.${field.name.value}`, readField(field, all, serviceOf));
  }

  const partial = new Set<string>();
  for (const [type, byService] of members) {
    const sets = new Set([...byService.values()].map((each) => [...each].sort().join(' ')));
    if (sets.size > 1) partial.add(type);
  }
  return {
    isAbstract: (type) => abstract.has(type),
    typeOf: (service, type, field) => facts.get(`${type}.${field}`)?.own.get(service) ?? facts.get(`${type}.${field}`)?.type,
    members: (service, type) => members.get(type)?.get(service) ?? new Set(),
    isPartial: (type) => partial.has(type),
    answers: (service, type, field) => facts.get(`${type}.${field}`)?.own.has(service) ?? false,
  };
}

function readField(field: FieldDefinitionNode, all: readonly string[], serviceOf: (directive: ConstDirectiveNode) => string): FieldFacts {
  const type = nameOf(field.type);
  const joins = directivesOf(field, 'join__field');
  const own = new Map<string, string>();
  // A field without the directive is in every subgraph that has the type.
  if (joins.length === 0) for (const service of all) own.set(service, type);
  for (const directive of joins) {
    const isOwn = ['external', 'requires', 'usedOverridden', 'overrideLabel'].every((name) => [undefined, 'false'].includes(readArgument(directive, name)));
    if (isOwn) own.set(serviceOf(directive), readArgument(directive, 'type')?.replace(/[[\]!]/g, '') ?? type);
  }
  return { type, own };
}

function nameOf(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : nameOf(type.type);
}
