import { composeServices } from '@theguild/federation-composition';
import { GraphQLError, Kind, parse } from 'graphql';
import type { DocumentNode } from 'graphql';
import { markInterfaceObjectExternals } from './interface-object-externals.ts';

/** A subgraph to compose. */
export interface SubgraphSource {
  readonly name: string;
  /** Where it answers; written into the supergraph. */
  readonly url: string;
  readonly typeDefs: string;
}

/** One thing that keeps subgraphs from composing. */
export interface CompositionProblem {
  /** The composer's own code, such as `INVALID_FIELD_SHARING`. */
  readonly code: string;
  /** Names the subgraph, the type and the field that it is about, where it is about one. */
  readonly message: string;
}

/** Thrown where subgraphs do not compose; its message has one line for each problem. */
export class CompositionError extends Error {
  readonly code = 'COMPOSITION_FAILED';
  readonly problems: readonly CompositionProblem[];

  constructor(problems: readonly CompositionProblem[]) {
    super(`The subgraphs do not compose:\n${problems.map((problem) => `- ${problem.message}`).join('\n')}`);
    this.name = 'CompositionError';
    this.problems = problems;
  }
}

/** The newest version of the federation specification that the composer takes. */
export const HIGHEST_FEDERATION_VERSION = '2.9';

/** @throws CompositionError that names every one of these schemas that is not GraphQL */
export function checkTypeDefs(subgraphs: readonly SubgraphSource[]): void {
  const problems = subgraphs.map(({ name, typeDefs }) => parseTypeDefs(name, typeDefs)).filter((each) => 'code' in each);
  if (problems.length > 0) throw new CompositionError(problems);
}

/** Composes subgraphs into a Federation 2 supergraph. Throws a `CompositionError` that lists every problem. */
export function composeSubgraphs(subgraphs: readonly SubgraphSource[]): { supergraphSdl: string } {
  const problems: CompositionProblem[] = [];
  const services = subgraphs.flatMap(({ name, url, typeDefs }) => {
    const parsed = parseTypeDefs(name, typeDefs);
    if ('code' in parsed) {
      problems.push(parsed);
      return [];
    }
    const tooNew = findNewerVersion(parsed);
    if (tooNew === null) return [{ name, url, typeDefs: parsed }];
    problems.push({
      code: 'UNSUPPORTED_FEDERATION_VERSION',
      message: `[${name}] links federation v${tooNew}, and the highest version taken here is v${HIGHEST_FEDERATION_VERSION}: write @link(url: "https://specs.apollo.dev/federation/v${HIGHEST_FEDERATION_VERSION}") in the subgraph ${name}, or set its server to that version.`,
    });
    return [];
  });
  const seen = new Set<string>();
  for (const { name } of subgraphs) {
    if (seen.has(name)) problems.push({ code: 'SUBGRAPH_NAME_TAKEN', message: `[${name}] is the name of two subgraphs: rename one of them.` });
    seen.add(name);
  }
  if (problems.length > 0) throw new CompositionError(problems);
  let result: ReturnType<typeof composeServices>;
  try {
    result = composeServices(services);
  } catch (thrown) {
    // The composer throws for some subgraphs that are no valid GraphQL.
    throw new CompositionError([{ code: 'UNKNOWN', message: thrown instanceof Error ? thrown.message : String(thrown) }]);
  }
  if (result.errors) throw new CompositionError(result.errors.map(toProblem));
  return { supergraphSdl: markInterfaceObjectExternals(result.supergraphSdl, services) };
}

function parseTypeDefs(name: string, typeDefs: string): DocumentNode | CompositionProblem {
  try {
    return parse(typeDefs);
  } catch (thrown) {
    const [location] = thrown instanceof GraphQLError ? (thrown.locations ?? []) : [];
    const place = location ? ` at line ${location.line}, column ${location.column}` : '';
    return { code: 'INVALID_GRAPHQL', message: `[${name}] is not GraphQL${place}: ${thrown instanceof Error ? thrown.message : String(thrown)}` };
  }
}

function findNewerVersion(typeDefs: DocumentNode): string | null {
  const [, highestMinor] = HIGHEST_FEDERATION_VERSION.split('.').map(Number) as [number, number];
  for (const definition of typeDefs.definitions) {
    if (definition.kind !== Kind.SCHEMA_DEFINITION && definition.kind !== Kind.SCHEMA_EXTENSION) continue;
    for (const directive of definition.directives ?? []) {
      const url = directive.arguments?.find((argument) => argument.name.value === 'url')?.value;
      const version = url?.kind === Kind.STRING ? /^https:\/\/specs\.apollo\.dev\/federation\/v(\d+)\.(\d+)/.exec(url.value) : null;
      if (version && (Number(version[1]) > 2 || (Number(version[1]) === 2 && Number(version[2]) > highestMinor))) return `${version[1]}.${version[2]}`;
    }
  }
  return null;
}

function toProblem(error: GraphQLError): CompositionProblem {
  const { code } = error.extensions;
  return { code: typeof code === 'string' ? code : 'UNKNOWN', message: error.message };
}
