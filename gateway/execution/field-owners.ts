import { Kind } from 'graphql';
import type { DocumentNode } from 'graphql';
import { directivesOf, readArgument, readServices } from './join-directives.ts';

/** Who answers which field of a supergraph. */
export interface FieldOwners {
  /** The one of these subgraphs that can have answered a field; null where several can. */
  find(type: string, field: string, asked: ReadonlySet<string>): string | null;
}

/** Reads a supergraph's join directives (https://specs.apollo.dev/join/v0.3). */
export function createFieldOwners(supergraph: DocumentNode): FieldOwners {
  const services = readServices(supergraph);
  const owners = new Map<string, ReadonlySet<string>>();
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    const holders = directivesOf(definition, 'join__type');
    for (const field of definition.fields ?? []) {
      const joins = directivesOf(field, 'join__field');
      // A field without the directive is in every subgraph that has the type; an external one is provided by whoever has it so.
      const named = (joins.length === 0 ? holders : joins).flatMap((directive) => services.get(readArgument(directive, 'graph') ?? '') ?? []);
      owners.set(`${definition.name.value}.${field.name.value}`, new Set(named));
    }
  }
  return {
    find(type, field, asked) {
      const [first, second] = [...(owners.get(`${type}.${field}`) ?? [])].filter((service) => asked.has(service));
      return first !== undefined && second === undefined ? first : null;
    },
  };
}
