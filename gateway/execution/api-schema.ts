import { transformSupergraphToPublicSchema } from '@theguild/federation-composition';
import { buildASTSchema, Kind } from 'graphql';
import type { DefinitionNode, DocumentNode, GraphQLSchema, NamedTypeNode } from 'graphql';

/** The schema that clients see: a supergraph without its machinery and without what is inaccessible. */
export function createApiSchema(supergraph: DocumentNode): GraphQLSchema {
  const document = transformSupergraphToPublicSchema(supergraph);
  const names = new Set(document.definitions.flatMap((definition) => ('name' in definition && definition.name ? [definition.name.value] : [])));
  const isThere = (type: NamedTypeNode): boolean => names.has(type.name.value);
  // The transformation removes inaccessible types and leaves them in the unions and interfaces that name them.
  const definitions = document.definitions.map((definition): DefinitionNode => {
    if (definition.kind === Kind.UNION_TYPE_DEFINITION && definition.types) return { ...definition, types: definition.types.filter(isThere) };
    if ((definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION) && definition.interfaces) {
      return { ...definition, interfaces: definition.interfaces.filter(isThere) };
    }
    return definition;
  });
  return buildASTSchema({ kind: Kind.DOCUMENT, definitions }, { assumeValidSDL: true });
}
