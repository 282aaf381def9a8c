import { Kind } from 'graphql';
import type { DocumentNode, ObjectTypeDefinitionNode } from 'graphql';
import { createLeafTest, directivesOf, isPlain, readArgument, readQueryType, readServices } from './join-directives.ts';

/**
 * For each type that implements Node in a subgraph, a plain field that only the owner answers: whether it answers shows whether an entity
 * exists. The owner is the subgraph that says `implements Node`, and of several the one that answers most fields. A type without
 * such a field is left out, and `node(id:)` takes every id of it for an entity's. Empty where another subgraph answers `Query.node`:
 * that one knows what exists.
 * @param nodeSubgraph the gateway's own subgraph, whose stubs own nothing.
 */
export function findExistenceProbes(supergraph: DocumentNode, nodeSubgraph: string): ReadonlyMap<string, string> {
  const isLeaf = createLeafTest(supergraph);
  const services = readServices(supergraph);
  const probes = new Map<string, string>();
  if (!isAnsweredBy(supergraph, services, nodeSubgraph)) return probes;
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    const owners = directivesOf(definition, 'join__implements').flatMap((directive) => {
      const graph = readArgument(directive, 'graph');
      return readArgument(directive, 'interface') === 'Node' && graph !== undefined && services.get(graph) !== nodeSubgraph ? [graph] : [];
    });
    const [owner] = owners.sort((a, b) => fieldsOf(definition, b).length - fieldsOf(definition, a).length);
    const probe = owner === undefined ? undefined : fieldsOf(definition, owner).find(({ field, isShared }) => !isShared && isPlain(field, isLeaf));
    if (probe) probes.set(definition.name.value, probe.field.name.value);
  }
  return probes;
}

/** True where `Query.node` is of this service and of no other. */
function isAnsweredBy(supergraph: DocumentNode, services: ReadonlyMap<string, string>, service: string): boolean {
  const query = readQueryType(supergraph);
  return supergraph.definitions.some((definition) => {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION || definition.name.value !== query) return false;
    const graphs = directivesOf(definition, 'join__type').flatMap((directive) => readArgument(directive, 'graph') ?? []);
    return (definition.fields ?? []).some((field) => {
      if (field.name.value !== 'node') return false;
      const joins = directivesOf(field, 'join__field').flatMap((directive) => readArgument(directive, 'graph') ?? []);
      const all = joins.length > 0 ? joins : graphs;
      return all.length > 0 && all.every((graph) => services.get(graph) === service);
    });
  });
}

/** The fields that a graph answers by itself. */
function fieldsOf(definition: ObjectTypeDefinitionNode, graph: string) {
  const graphs = directivesOf(definition, 'join__type').map((directive) => readArgument(directive, 'graph'));
  return (definition.fields ?? []).flatMap((field) => {
    const joins = directivesOf(field, 'join__field');
    // A field without the directive is answered by every graph that has the type.
    if (joins.length === 0) return graphs.includes(graph) ? [{ field, isShared: graphs.length > 1 }] : [];
    const own = joins.some((join) => readArgument(join, 'graph') === graph && readArgument(join, 'external') !== 'true' && readArgument(join, 'requires') === undefined);
    return own ? [{ field, isShared: joins.length > 1 }] : [];
  });
}
