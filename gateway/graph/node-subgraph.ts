import { Kind, parse } from 'graphql';
import type { ConstDirectiveNode } from 'graphql';
import { HIGHEST_FEDERATION_VERSION } from './composition.ts';

/** The gateway's own subgraph: it answers `Query.node`, which no two subgraphs could share. */
export interface NodeSubgraph {
  readonly name: 'node';
  readonly typeDefs: string;
  readonly resolvers: object;
}

/** `<Type>:` and 22 characters of base64url, as entities' ids are made; a partition's id holds its parts and is longer. */
const ID = /^([A-Za-z][A-Za-z0-9_]*):[A-Za-z0-9_-]{1,512}$/;

/**
 * Makes the subgraph `node` for what other subgraphs have: every entity that implements Node and has the key `id` gets a stub. The
 * stub says nothing of whether the entity exists; the supergraph's execution asks the entity's owner, and gives null where there is none.
 */
export function createNodeSubgraph(typeDefs: readonly string[]): NodeSubgraph {
  const names = new Set(typeDefs.flatMap(findNodeTypes));
  const stubs = [...names].sort().map((name) => `type ${name} implements Node @key(fields: "id", resolvable: false) {\n  id: ID!\n}\n`);
  return {
    name: 'node',
    typeDefs: `extend schema @link(url: "https://specs.apollo.dev/federation/v${HIGHEST_FEDERATION_VERSION}", import: ["@key"])

"Anything that \`node(id:)\` finds."
interface Node {
  "Opaque, stable: the same entity has the same id on every machine and in every store."
  id: ID!
}

type Query {
  "The entity with this id, of whichever subgraph; null where the id is malformed, of an unknown type, or of nothing that is known."
  node("As any entity's \`id\` gives it." id: ID!): Node
}

${stubs.join('\n')}`,
    resolvers: {
      Query: {
        node: (_root: unknown, { id }: { id: string }) => {
          const type = ID.exec(id)?.[1];
          return type !== undefined && names.has(type) ? { __typename: type, id } : null;
        },
      },
    },
  };
}

function findNodeTypes(typeDefs: string): string[] {
  return parse(typeDefs, { noLocation: true }).definitions.flatMap((definition) => {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.OBJECT_TYPE_EXTENSION) return [];
    const isNode = definition.interfaces?.some((parent) => parent.name.value === 'Node') ?? false;
    return isNode && definition.directives?.some(isIdKey) ? [definition.name.value] : [];
  });
}

function isIdKey(directive: ConstDirectiveNode): boolean {
  if (directive.name.value !== 'key' && directive.name.value !== 'federation__key') return false;
  const fields = directive.arguments?.find((argument) => argument.name.value === 'fields')?.value;
  return fields?.kind === Kind.STRING && fields.value.trim() === 'id';
}
