import { Kind } from 'graphql';
import type { DocumentNode, ObjectTypeDefinitionNode } from 'graphql';
import { createLeafTest, directivesOf, isPlain, readArgument, readServices } from './join-directives.ts';

/**
 * For each type that implements Node in a subgraph, a plain field that only the owner answers: whether it answers shows whether an entity
 * exists. The owner is the subgraph that says `implements Node`, and of several the one that answers most fields. A type without
 * such a field is left out, and `node(id:)` takes every id of it for an entity's.
 * @param nodeSubgraph the gateway's own subgraph, whose stubs own nothing.
 */
export function findExistenceProbes(supergraph: DocumentNode, nodeSubgraph: string): ReadonlyMap<string, string> {
  const isLeaf = createLeafTest(supergraph);
  const services = readServices(supergraph);
  const probes = new Map<string, string>();
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
