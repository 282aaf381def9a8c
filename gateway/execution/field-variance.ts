import { Kind, print } from 'graphql';
import type { DocumentNode } from 'graphql';
import { createLeafTest, directivesOf, readArgument } from './join-directives.ts';

/**
 * Finds the fields whose shape (lists, nullability, leaf type) is not the same in all subgraphs and all types that can stand at one
 * place. GraphQL lets nobody ask such fields under one key, in the supergraph or in any subgraph.
 */
export function createFieldVariance(supergraph: DocumentNode): (type: string, field: string) => boolean {
  const isLeaf = createLeafTest(supergraph);
  const shapes = new Map<string, Map<string, Set<string>>>();
  const groups = new Map<string, string[]>();
  const join = (abstract: string, type: string): void => void groups.set(abstract, [...(groups.get(abstract) ?? [abstract]), type]);
  for (const definition of supergraph.definitions) {
    if (definition.kind === Kind.UNION_TYPE_DEFINITION) for (const member of definition.types ?? []) join(definition.name.value, member.name.value);
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const parent of definition.interfaces ?? []) join(parent.name.value, definition.name.value);
    const fields = new Map<string, Set<string>>();
    for (const field of definition.fields ?? []) {
      const types = [print(field.type), ...directivesOf(field, 'join__field').flatMap((directive) => readArgument(directive, 'type') ?? [])];
      // Objects of two types can always stand in one place: only lists and nullability count for them.
      fields.set(field.name.value, new Set(types.map((type) => type.replace(/[A-Za-z_][A-Za-z0-9_]*/, (name) => (isLeaf(name) ? name : '*')))));
    }
    shapes.set(definition.name.value, fields);
  }
  const varying = new Set<string>();
  for (const group of groups.values()) {
    const together = new Map<string, Set<string>>();
    for (const type of group) for (const [field, own] of shapes.get(type) ?? []) together.set(field, new Set([...(together.get(field) ?? []), ...own]));
    for (const [field, all] of together) if (all.size > 1) for (const type of group) if (shapes.get(type)?.has(field)) varying.add(`${type}.${field}`);
  }
  return (type, field) => varying.has(`${type}.${field}`);
}
