import { Kind, parse } from 'graphql';
import type { ConstDirectiveNode, DocumentNode, FieldDefinitionNode, SelectionNode } from 'graphql';

/** An argument of a join directive as text: strings, enum values and booleans; undefined where it is not given. */
export function readArgument(directive: ConstDirectiveNode, name: string): string | undefined {
  const value = directive.arguments?.find((candidate) => candidate.name.value === name)?.value;
  if (value?.kind === Kind.STRING || value?.kind === Kind.ENUM) return value.value;
  if (value?.kind === Kind.BOOLEAN) return String(value.value);
  return undefined;
}

/** The directives of one name. */
export function directivesOf(node: { readonly directives?: readonly ConstDirectiveNode[] | undefined }, name: string): ConstDirectiveNode[] {
  return (node.directives ?? []).filter((directive) => directive.name.value === name);
}

/** The names of the services by the enum values that stand for them. */
export function readServices(supergraph: DocumentNode): Map<string, string> {
  const services = new Map<string, string>();
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== 'join__Graph') continue;
    for (const value of definition.values ?? []) {
      const [graph] = directivesOf(value, 'join__graph');
      services.set(value.name.value, (graph && readArgument(graph, 'name')) ?? value.name.value);
    }
  }
  return services;
}

/** The name of the query type. */
export function readQueryType(supergraph: DocumentNode): string {
  const types = supergraph.definitions.flatMap((definition) => (definition.kind === Kind.SCHEMA_DEFINITION ? definition.operationTypes : []));
  return types.find(({ operation }) => operation === 'query')?.type.name.value ?? 'Query';
}

/** The selections of a field set, such as a key's. */
export function parseFieldSet(fields: string): readonly SelectionNode[] {
  const [definition] = parse(`{${fields}}`, { noLocation: true }).definitions;
  return definition?.kind === Kind.OPERATION_DEFINITION ? definition.selectionSet.selections : [];
}

/** True for a scalar or an enum, of the specification or of this supergraph. */
export function createLeafTest(supergraph: DocumentNode): (type: string) => boolean {
  const leaves = new Set(['Int', 'Float', 'String', 'Boolean', 'ID']);
  for (const definition of supergraph.definitions) {
    if (definition.kind === Kind.SCALAR_TYPE_DEFINITION || definition.kind === Kind.ENUM_TYPE_DEFINITION) leaves.add(definition.name.value);
  }
  return (type) => leaves.has(type);
}

/** True for a field that a client can ask with nothing but its name, and that it may see. */
export function isPlain(field: FieldDefinitionNode, isLeaf: (type: string) => boolean): boolean {
  const type = field.type.kind === Kind.NON_NULL_TYPE ? field.type.type : field.type;
  return type.kind === Kind.NAMED_TYPE && isLeaf(type.name.value) && (field.arguments ?? []).length === 0 && directivesOf(field, 'inaccessible').length === 0;
}
