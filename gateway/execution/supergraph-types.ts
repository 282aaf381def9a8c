import { Kind, parse, print, visit } from 'graphql';
import type { ConstDirectiveNode, DocumentNode, SelectionSetNode } from 'graphql';

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
  /** True where a field is not of one shape (lists, nullability, leaf type) in all subgraphs and all types that can stand where `type` can. */
  varies(type: string, field: string): boolean;
  /** Names of fields that some `@requires` asks with arguments. */
  readonly requiredWithArguments: ReadonlySet<string>;
  /** True where a field is answered only by who is given other fields of its object. */
  hasRequirements(type: string, field: string): boolean;
  /** The types with such fields. */
  readonly typesWithRequirements: ReadonlySet<string>;
  /** For each type that implements Node in a subgraph: that subgraph's plain fields, of which one shows that an entity exists. */
  readonly probes: ReadonlyMap<string, string>;
}

/** Reads a supergraph's join directives (https://specs.apollo.dev/join/v0.3). `nodeSubgraph` is the gateway's own, which owns no entity. */
export function createSupergraphTypes(supergraph: DocumentNode, nodeSubgraph: string): SupergraphTypes {
  const services = new Map<string, string>();
  const supertypes = new Map<string, Set<string>>();
  const objects = new Set<string>();
  const keys = new Map<string, (readonly KeyField[])[]>();
  const probes = new Map<string, string>();
  const members = new Set<string>();
  const interfaceObjects = new Map<string, string[]>();
  const requiredWithArguments = new Set<string>();
  const withRequirements = new Set<string>();
  const leaves = new Set<string>(['Int', 'Float', 'String', 'Boolean', 'ID']);

  for (const definition of supergraph.definitions) {
    if (definition.kind === Kind.ENUM_TYPE_DEFINITION && definition.name.value === 'join__Graph') {
      for (const value of definition.values ?? []) {
        const graph = value.directives?.find((directive) => directive.name.value === 'join__graph');
        services.set(value.name.value, (graph && argument(graph, 'name')) ?? value.name.value);
      }
    }
    if (definition.kind === Kind.SCALAR_TYPE_DEFINITION || definition.kind === Kind.ENUM_TYPE_DEFINITION) leaves.add(definition.name.value);
  }
  const above = (name: string): Set<string> => {
    let known = supertypes.get(name);
    if (!known) supertypes.set(name, (known = new Set()));
    return known;
  };
  for (const definition of supergraph.definitions) {
    if (definition.kind === Kind.UNION_TYPE_DEFINITION) {
      for (const member of definition.types ?? []) above(member.name.value).add(definition.name.value);
    }
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    const type = definition.name.value;
    for (const parent of definition.interfaces ?? []) above(type).add(parent.name.value);
    for (const directive of definition.directives ?? []) {
      const service = services.get(argument(directive, 'graph') ?? '');
      const key = argument(directive, 'key');
      if (directive.name.value === 'join__type' && service !== undefined) {
        members.add(`${service} ${type}`);
        if (argument(directive, 'isInterfaceObject') === 'true') interfaceObjects.set(service, [...(interfaceObjects.get(service) ?? []), type]);
      }
      if (directive.name.value !== 'join__type' || service === undefined || key === undefined) continue;
      const place = `${service} ${type}`;
      keys.set(place, [...(keys.get(place) ?? []), parseKey(key)]);
    }
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    objects.add(type);

    // The owner is the subgraph that says `implements Node`, and of several the one that answers most fields.
    const counts = new Map<string, { probe: string | undefined; fields: number }>();
    const joined = (definition.directives ?? []).filter((directive) => directive.name.value === 'join__type').map((directive) => argument(directive, 'graph'));
    for (const directive of definition.directives ?? []) {
      if (directive.name.value !== 'join__implements' || argument(directive, 'interface') !== 'Node') continue;
      const graph = argument(directive, 'graph');
      if (graph !== undefined && services.get(graph) !== nodeSubgraph) counts.set(graph, { probe: undefined, fields: 0 });
    }
    for (const field of definition.fields ?? []) {
      for (const directive of field.directives ?? []) {
        const requires = directive.name.value === 'join__field' ? argument(directive, 'requires') : undefined;
        if (requires === undefined) continue;
        withRequirements.add(`${type}.${field.name.value}`);
        visit(parse(`{${requires}}`, { noLocation: true }), {
          Field(node) {
            if ((node.arguments ?? []).length > 0) requiredWithArguments.add(node.name.value);
          },
        });
      }
      const joins = (field.directives ?? []).filter((directive) => directive.name.value === 'join__field');
      const own = joins.filter((join) => argument(join, 'external') !== 'true' && argument(join, 'requires') === undefined);
      for (const [graph, count] of counts) {
        // A field without join__field is answered by every subgraph that has the type.
        if (joins.length === 0 ? !joined.includes(graph) : !own.some((join) => argument(join, 'graph') === graph)) continue;
        count.fields += 1;
        const named = field.type.kind === Kind.NON_NULL_TYPE ? field.type.type : field.type;
        const plain = named.kind === Kind.NAMED_TYPE && leaves.has(named.name.value) && (field.arguments ?? []).length === 0;
        const elsewhere = joins.length === 0 ? joined.length > 1 : joins.length > 1;
        const hidden = (field.directives ?? []).some((directive) => directive.name.value === 'inaccessible');
        if (plain && !elsewhere && !hidden) count.probe ??= field.name.value;
      }
    }
    const [owner] = [...counts.values()].sort((a, b) => b.fields - a.fields);
    if (owner?.probe !== undefined) probes.set(type, owner.probe);
  }
  // A supertype's supertypes are supertypes.
  for (const set of supertypes.values()) {
    for (const name of set) for (const further of supertypes.get(name) ?? []) set.add(further);
  }
  return {
    isObject: (name) => objects.has(name),
    satisfies: (name, condition) => name === condition || (supertypes.get(name)?.has(condition) ?? false),
    keys: (type, service) => keys.get(`${service} ${type}`) ?? [],
    nameIn: (service, type) => {
      if (members.has(`${service} ${type}`)) return type;
      return interfaceObjects.get(service)?.find((name) => supertypes.get(type)?.has(name)) ?? type;
    },
    varies: createVariance(supergraph, (name) => leaves.has(name)),
    requiredWithArguments,
    typesWithRequirements: new Set([...withRequirements].map((place) => place.slice(0, place.indexOf('.')))),
    hasRequirements: (type, field) => withRequirements.has(`${type}.${field}`),
    probes,
  };
}

/** Finds the fields whose shape is not the same everywhere among the members of an interface or a union. */
function createVariance(supergraph: DocumentNode, isLeaf: (name: string) => boolean): (type: string, field: string) => boolean {
  const shapes = new Map<string, Map<string, Set<string>>>();
  const members = new Map<string, string[]>();
  const join = (abstract: string, type: string): void => void members.set(abstract, [...(members.get(abstract) ?? [abstract]), type]);
  for (const definition of supergraph.definitions) {
    if (definition.kind === Kind.UNION_TYPE_DEFINITION) for (const member of definition.types ?? []) join(definition.name.value, member.name.value);
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const parent of definition.interfaces ?? []) join(parent.name.value, definition.name.value);
    const fields = new Map<string, Set<string>>();
    for (const field of definition.fields ?? []) {
      const types = [print(field.type), ...(field.directives ?? []).map((directive) => argument(directive, 'type'))].filter((type) => type !== undefined);
      // Objects of two types can always stand in one place: only lists and nullability count for them.
      fields.set(field.name.value, new Set(types.map((type) => type.replace(/[A-Za-z_][A-Za-z0-9_]*/, (name) => (isLeaf(name) ? name : '*')))));
    }
    shapes.set(definition.name.value, fields);
  }
  const varying = new Set<string>();
  for (const group of members.values()) {
    const together = new Map<string, Set<string>>();
    for (const type of group) for (const [field, own] of shapes.get(type) ?? []) together.set(field, new Set([...(together.get(field) ?? []), ...own]));
    for (const [field, all] of together) if (all.size > 1) for (const type of group) if (shapes.get(type)?.has(field)) varying.add(`${type}.${field}`);
  }
  return (type, field) => varying.has(`${type}.${field}`);
}

function argument(directive: ConstDirectiveNode, name: string): string | undefined {
  const value = directive.arguments?.find((candidate) => candidate.name.value === name)?.value;
  if (value?.kind === Kind.STRING || value?.kind === Kind.ENUM) return value.value;
  if (value?.kind === Kind.BOOLEAN) return String(value.value);
  return undefined;
}

function parseKey(key: string): readonly KeyField[] {
  const [definition] = parse(`{${key}}`, { noLocation: true }).definitions;
  return definition?.kind === Kind.OPERATION_DEFINITION ? toKeyFields(definition.selectionSet) : [];
}

function toKeyFields(selectionSet: SelectionSetNode): readonly KeyField[] {
  const fields: KeyField[] = [];
  visit(selectionSet, {
    Field(node) {
      fields.push({ name: node.name.value, fields: node.selectionSet ? toKeyFields(node.selectionSet) : [] });
      return false;
    },
  });
  return fields;
}
