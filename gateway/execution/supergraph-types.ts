import { Kind, visit } from 'graphql';
import type { DocumentNode, InterfaceTypeDefinitionNode, ObjectTypeDefinitionNode, SelectionNode } from 'graphql';
import { findExistenceProbes } from './existence-probes.ts';
import { createFieldVariance } from './field-variance.ts';
import { directivesOf, parseFieldSet, readArgument, readServices } from './join-directives.ts';

/** A node of a key: a field's name and, where the field is an object, the key's fields in it. */
export interface KeyField {
  readonly name: string;
  readonly fields: readonly KeyField[];
}

/** What execution needs to know of the supergraph's types, the inaccessible ones included. */
export interface SupergraphTypes {
  /** True where the name is an object type. */
  isObject(name: string): boolean;
  /** True where an object of type `name` matches a fragment on `condition`. */
  satisfies(name: string, condition: string): boolean;
  /** The keys by which a subgraph finds an entity of this type. */
  keys(type: string, service: string): readonly (readonly KeyField[])[];
  /** What a subgraph calls an entity of this type: an interface's name where it has the interface's object instead. */
  nameIn(service: string, type: string): string;
  /** True where a field is not of one shape in all subgraphs and all types that can stand where `type` can. */
  varies(type: string, field: string): boolean;
  /** True where a field is answered only by who is given other fields of its object. */
  hasRequirements(type: string, field: string): boolean;
  /** True where such a field asks another with arguments. */
  requiresWithArguments(type: string, field: string): boolean;
  /** The types with such fields. */
  readonly typesWithRequirements: ReadonlySet<string>;
  /** Names of fields that some `@requires` asks with arguments. */
  readonly requiredWithArguments: ReadonlySet<string>;
  /** True where some subgraph provides fields of other subgraphs below this one. */
  provides(type: string, field: string): boolean;
  /** True for an interface that some subgraph has as an object. */
  hasInterfaceObject(type: string): boolean;
  /** By type, a plain field of an entity's owner, which shows that the entity exists. */
  readonly probes: ReadonlyMap<string, string>;
}

/** Reads a supergraph's join directives (https://specs.apollo.dev/join/v0.3). `nodeSubgraph` is the gateway's own, which owns no entity. */
export function createSupergraphTypes(supergraph: DocumentNode, nodeSubgraph: string): SupergraphTypes {
  const services = readServices(supergraph);
  const supertypes = createSupertypes(supergraph);
  const objects = new Set<string>();
  const members = new Set<string>();
  const interfaceObjects = new Map<string, string[]>();
  const keys = new Map<string, (readonly KeyField[])[]>();
  for (const definition of supergraph.definitions) {
    if (!isComposite(definition)) continue;
    const type = definition.name.value;
    if (definition.kind === Kind.OBJECT_TYPE_DEFINITION) objects.add(type);
    for (const directive of directivesOf(definition, 'join__type')) {
      const service = services.get(readArgument(directive, 'graph') ?? '');
      if (service === undefined) continue;
      const place = `${service} ${type}`;
      members.add(place);
      if (readArgument(directive, 'isInterfaceObject') === 'true') interfaceObjects.set(service, [...(interfaceObjects.get(service) ?? []), type]);
      const key = readArgument(directive, 'key');
      if (key !== undefined) keys.set(place, [...(keys.get(place) ?? []), toKeyFields(parseFieldSet(key))]);
    }
  }
  return {
    isObject: (name) => objects.has(name),
    satisfies: (name, condition) => name === condition || (supertypes.get(name)?.has(condition) ?? false),
    keys: (type, service) => keys.get(`${service} ${type}`) ?? [],
    nameIn: (service, type) => {
      if (members.has(`${service} ${type}`)) return type;
      return interfaceObjects.get(service)?.find((name) => supertypes.get(type)?.has(name)) ?? type;
    },
    varies: createFieldVariance(supergraph),
    hasInterfaceObject: (type) => [...interfaceObjects.values()].some((all) => all.includes(type)),
    ...readRequirements(supergraph),
    probes: findExistenceProbes(supergraph, nodeSubgraph),
  };
}

function isComposite(definition: DocumentNode['definitions'][number]): definition is ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode {
  return definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION;
}

function createSupertypes(supergraph: DocumentNode): ReadonlyMap<string, ReadonlySet<string>> {
  const supertypes = new Map<string, Set<string>>();
  const above = (name: string): Set<string> => {
    let known = supertypes.get(name);
    if (!known) supertypes.set(name, (known = new Set()));
    return known;
  };
  for (const definition of supergraph.definitions) {
    if (definition.kind === Kind.UNION_TYPE_DEFINITION) for (const member of definition.types ?? []) above(member.name.value).add(definition.name.value);
    if (isComposite(definition)) for (const parent of definition.interfaces ?? []) above(definition.name.value).add(parent.name.value);
  }
  // A supertype's supertypes are supertypes; a Set shows what is added while it is walked.
  for (const set of supertypes.values()) for (const name of set) for (const further of supertypes.get(name) ?? []) set.add(further);
  return supertypes;
}

function readRequirements(supergraph: DocumentNode): Pick<SupergraphTypes, 'hasRequirements' | 'requiresWithArguments' | 'typesWithRequirements' | 'requiredWithArguments' | 'provides'> {
  const fields = new Set<string>();
  const providing = new Set<string>();
  const typesWithRequirements = new Set<string>();
  const requiredWithArguments = new Set<string>();
  const requiringArguments = new Set<string>();
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    for (const field of definition.fields ?? []) {
      for (const directive of directivesOf(field, 'join__field')) {
        const requires = readArgument(directive, 'requires');
        if (readArgument(directive, 'provides') !== undefined) providing.add(`${definition.name.value}.${field.name.value}`);
        if (requires === undefined) continue;
        fields.add(`${definition.name.value}.${field.name.value}`);
        typesWithRequirements.add(definition.name.value);
        for (const selection of parseFieldSet(requires)) {
          visit(selection, {
            Field(node) {
              if ((node.arguments ?? []).length === 0) return;
              requiredWithArguments.add(node.name.value);
              requiringArguments.add(`${definition.name.value}.${field.name.value}`);
            },
          });
        }
      }
    }
  }
  return { hasRequirements: (type, field) => fields.has(`${type}.${field}`), requiresWithArguments: (type, field) => requiringArguments.has(`${type}.${field}`), typesWithRequirements, requiredWithArguments, provides: (type, field) => providing.has(`${type}.${field}`) };
}

function toKeyFields(selections: readonly SelectionNode[]): readonly KeyField[] {
  return selections.flatMap((selection): readonly KeyField[] => {
    if (selection.kind === Kind.FIELD) return [{ name: selection.name.value, fields: toKeyFields(selection.selectionSet?.selections ?? []) }];
    return selection.kind === Kind.INLINE_FRAGMENT ? toKeyFields(selection.selectionSet.selections) : [];
  });
}
