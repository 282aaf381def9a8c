import { Kind, parse } from 'graphql';

/** A subgraph as a composed supergraph names it. */
export interface SupergraphMember {
  readonly name: string;
  readonly url: string;
}

const JOIN_GRAPH = /(@join__graph\(name: "([^"]+)", url: ")([^"]*)("\))/g;

/** The subgraphs of a composed supergraph and where they answer, in its order. @throws GraphQLError where it does not parse */
export function readMembers(supergraphSdl: string): readonly SupergraphMember[] {
  const text = (argument: { kind: Kind; value?: unknown } | undefined): string => (argument?.kind === Kind.STRING ? String(argument.value) : '');
  return parse(supergraphSdl, { noLocation: true }).definitions.flatMap((definition) =>
    definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== 'join__Graph'
      ? []
      : (definition.values ?? []).flatMap(({ directives }) => {
          const join = directives?.find((each) => each.name.value === 'join__graph');
          const of = (name: string) => text(join?.arguments?.find((each) => each.name.value === name)?.value);
          return join === undefined ? [] : [{ name: of('name'), url: of('url') }];
        }),
  );
}

/** The supergraph with other URLs, as `urlOf` gives them from a subgraph's name and its present one. */
export function replaceUrls(supergraphSdl: string, urlOf: (name: string, url: string) => string): string {
  return supergraphSdl.replaceAll(JOIN_GRAPH, (_, head: string, name: string, url: string, tail: string) => `${head}${urlOf(name, url)}${tail}`);
}
