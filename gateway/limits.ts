import { GraphQLError, Kind } from 'graphql';
import type { ASTVisitor, DirectiveNode, FragmentDefinitionNode, SelectionSetNode, ValidationContext, ValidationRule } from 'graphql';
import { refuse } from '../kit/graph/errors.ts';

/** What one request may ask for. Sizes in bytes, times in milliseconds. */
export const LIMITS = {
  /** The body of a GraphQL request. */
  graphqlBody: 1_048_576,
  /** A batch of events, unzipped; also one line of a stream. */
  ingestBody: 10_485_760,
  /** Bodies with events that may be in memory at once, before they are durable, one large one apart; further ones are answered 503. */
  waitingBytes: 4_194_304,
  /** Requests with events that may wait at once. */
  waitingRequests: 1_000,
  /** Lexical tokens of a document. */
  tokens: 5_000,
  /** Brackets of a document inside each other, of any kind. */
  nesting: 200,
  /** Nested selection sets of an operation, fragments counted in. */
  depth: 20,
  /** Aliases of an operation, counted once for each place a fragment is spread. */
  aliases: 200,
  /** Directives of an operation, its fragments' and variables' counted in, once for each place a fragment is spread. */
  directives: 200,
  /** Directives of one field, fragment, variable or operation. */
  directivesAtOnce: 10,
  /** Objects that an answer can have, by the lengths that are asked for or assumed of its lists (`cost.ts`). */
  cost: 1_000_000,
  /** Fields that an operation selects, counted once for each place a fragment is spread. */
  fields: 2_000,
  /** From the first byte of a body to its last; imports, which stream, are free of it. */
  bodyTime: 30_000,
  /** The whole of an operation. */
  operationTime: 30_000,
  /** One request to a subgraph. */
  fetchTime: 15_000,
  /** The answer of a subgraph elsewhere to one request: a tenth of it is a hundred thousand values. */
  subgraphAnswer: 33_554_432,
  /** From a connection's opening to the end of the request's headers. */
  headerTime: 15_000,
  /** How long an idle connection is kept: longer than the 5 s after which OpenLineage clients come again. */
  keepAlive: 72_000,
} as const;

interface Size {
  readonly depth: number;
  readonly aliases: number;
  readonly fields: number;
  readonly directives: number;
  /** The most directives in one place. */
  readonly directivesAtOnce: number;
}

const NOTHING: Size = { depth: 0, aliases: 0, fields: 0, directives: 0, directivesAtOnce: 0 };

const countOf = ({ directives }: { readonly directives?: readonly DirectiveNode[] | undefined }): number => directives?.length ?? 0;

/** Adds the directives of one place to what is measured there. */
const withDirectives = (size: Size, count: number): Size =>
  count === 0 ? size : { ...size, directives: size.directives + count, directivesAtOnce: Math.max(size.directivesAtOnce, count) };

/** Measures a selection set; each fragment once, so that fragments that spread each other doubly cost nothing. */
function measure(set: SelectionSetNode | undefined, context: ValidationContext, fragments: Map<FragmentDefinitionNode, Size>): Size {
  let { depth, aliases, fields, directives, directivesAtOnce } = NOTHING;
  for (const selection of set?.selections ?? []) {
    let inner = NOTHING;
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const fragment = context.getFragment(selection.name.value);
      if (fragment) {
        const known = fragments.get(fragment);
        // A cycle, which another rule reports, ends here.
        if (known === undefined) fragments.set(fragment, NOTHING);
        inner = known ?? withDirectives(measure(fragment.selectionSet, context, fragments), countOf(fragment));
        fragments.set(fragment, inner);
      }
    } else {
      inner = measure(selection.selectionSet, context, fragments);
      if (selection.kind === Kind.FIELD) {
        inner = {
          ...inner,
          depth: inner.depth + 1,
          aliases: inner.aliases + (selection.alias ? 1 : 0),
          fields: inner.fields + 1,
        };
      }
    }
    inner = withDirectives(inner, countOf(selection));
    depth = Math.max(depth, inner.depth);
    aliases += inner.aliases;
    fields += inner.fields;
    directives += inner.directives;
    directivesAtOnce = Math.max(directivesAtOnce, inner.directivesAtOnce);
  }
  return { depth, aliases, fields, directives, directivesAtOnce };
}

/** Refuses `__schema` and `__type`, with INTROSPECTION_OFF; `__typename` tells nothing that an answer does not. */
export const noIntrospection: ValidationRule = (context): ASTVisitor => ({
  Field({ name }) {
    if (name.value !== '__schema' && name.value !== '__type') return;
    context.reportError(refuse('INTROSPECTION_OFF', `This server does not tell its schema to everyone, so ${name.value} cannot be asked; ask its administrators for /schema.graphql.`));
  },
});

/** Refuses kinds of operation of which the schema has none, which graphql-js' own rules let through without looking at their fields. */
export const knownOperationTypes: ValidationRule = (context): ASTVisitor => ({
  OperationDefinition(node) {
    if (context.getSchema().getRootType(node.operation)) return;
    const message = `The schema has no type for a ${node.operation}: only queries are answered here; facts are sent to routes of their own, such as POST /events.`;
    context.reportError(new GraphQLError(message, { nodes: node }));
  },
});

/** Refuses operations that nest, repeat or select more than LIMITS allows, with QUERY_TOO_DEEP or QUERY_TOO_COMPLEX. */
export const operationLimits: ValidationRule = (context): ASTVisitor => {
  const fragments = new Map<FragmentDefinitionNode, Size>();
  return {
    OperationDefinition(operation) {
      const places = [operation, ...(operation.variableDefinitions ?? [])];
      const size = places.map(countOf).reduce(withDirectives, measure(operation.selectionSet, context, fragments));
      const { depth, aliases, fields, directives, directivesAtOnce } = size;
      if (depth > LIMITS.depth) {
        context.reportError(refuse('QUERY_TOO_DEEP', `The operation nests ${depth} fields deep; at most ${LIMITS.depth} are allowed. Ask in several operations.`));
      }
      const counted = [
        ['aliases', aliases, LIMITS.aliases], ['fields', fields, LIMITS.fields],
        ['directives', directives, LIMITS.directives], ['directives in one place', directivesAtOnce, LIMITS.directivesAtOnce],
      ] as const;
      for (const [what, came, allowed] of counted) {
        if (came > allowed) {
          context.reportError(refuse('QUERY_TOO_COMPLEX', `The operation has ${came} ${what}; at most ${allowed} are allowed. Ask in several operations.`));
        }
      }
    },
  };
};
