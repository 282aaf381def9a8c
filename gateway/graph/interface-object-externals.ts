import { Kind, parse, print } from 'graphql';
import type { ConstDirectiveNode, DocumentNode, FieldDefinitionNode } from 'graphql';

/** A subgraph that has been composed. */
interface Member {
  readonly name: string;
  readonly typeDefs: DocumentNode;
}

/**
 * Says in a supergraph that a field of an interface object is another subgraph's. The composer (0.27) writes such a field as if every
 * subgraph of the interface had it, so that a plan would ask it of the subgraph that marks it `@external`, where it is null.
 */
export function markInterfaceObjectExternals(supergraphSdl: string, members: readonly Member[]): string {
  const externals = members.flatMap(({ name, typeDefs }) => findExternals(typeDefs).map(({ type, field }) => ({ name, place: `${type}.${field}` })));
  if (externals.length === 0) return supergraphSdl;
  const supergraph = parse(supergraphSdl, { noLocation: true });
  const graphs = readGraphs(supergraph);
  const marked = new Map<string, Set<string>>();
  for (const { name, place } of externals) marked.set(place, new Set([...(marked.get(place) ?? []), graphs.get(name) ?? '']));
  const definitions = supergraph.definitions.map((definition) => {
    if (definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) return definition;
    const all = (definition.directives ?? []).filter((directive) => directive.name.value === 'join__type').map(graphOf);
    const fields = (definition.fields ?? []).map((field) => markField(field, [...new Set(all)], marked.get(`${definition.name.value}.${field.name.value}`)));
    return { ...definition, fields };
  });
  return print({ ...supergraph, definitions });
}

function markField(field: FieldDefinitionNode, all: readonly string[], external: ReadonlySet<string> | undefined): FieldDefinitionNode {
  if (!external) return field;
  const joins = (field.directives ?? []).filter((directive) => directive.name.value === 'join__field');
  const others = (field.directives ?? []).filter((directive) => directive.name.value !== 'join__field');
  const present = joins.length > 0 ? joins : all.map((graph) => createJoin(graph, false));
  const kept = present.filter((join) => !external.has(graphOf(join)));
  return { ...field, directives: [...others, ...kept, ...[...external].map((graph) => createJoin(graph, true))] };
}

function findExternals(typeDefs: DocumentNode): { type: string; field: string }[] {
  return typeDefs.definitions.flatMap((definition) => {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.OBJECT_TYPE_EXTENSION) return [];
    if (!has(definition.directives, 'interfaceObject')) return [];
    return (definition.fields ?? []).filter((field) => has(field.directives, 'external')).map((field) => ({ type: definition.name.value, field: field.name.value }));
  });
}

function has(directives: readonly ConstDirectiveNode[] | undefined, name: string): boolean {
  return directives?.some((directive) => directive.name.value === name || directive.name.value === `federation__${name}`) ?? false;
}

function readGraphs(supergraph: DocumentNode): ReadonlyMap<string, string> {
  const graphs = new Map<string, string>();
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== 'join__Graph') continue;
    for (const value of definition.values ?? []) {
      const name = value.directives?.find((directive) => directive.name.value === 'join__graph')?.arguments?.find((argument) => argument.name.value === 'name')?.value;
      if (name?.kind === Kind.STRING) graphs.set(name.value, value.name.value);
    }
  }
  return graphs;
}

function graphOf(directive: ConstDirectiveNode): string {
  const value = directive.arguments?.find((argument) => argument.name.value === 'graph')?.value;
  return value?.kind === Kind.ENUM ? value.value : '';
}

function createJoin(graph: string, external: boolean): ConstDirectiveNode {
  return {
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: 'join__field' },
    arguments: [
      { kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: 'graph' }, value: { kind: Kind.ENUM, value: graph } },
      ...(external ? [{ kind: Kind.ARGUMENT as const, name: { kind: Kind.NAME as const, value: 'external' }, value: { kind: Kind.BOOLEAN as const, value: true } }] : []),
    ],
  };
}
