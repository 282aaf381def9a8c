import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { buildSubgraphSchema } from '@apollo/subgraph';
import type { GraphQLResolverMap } from '@apollo/subgraph';
import { parse } from 'graphql';
import type { GraphQLSchema } from 'graphql';
import { projectPath } from '../../kit/project.ts';
import type { Subgraph, Surroundings } from '../../kit/subgraph.ts';
import { checkTypeDefs, composeSubgraphs } from './composition.ts';
import { createLocalClient } from '../execution/local-client.ts';
import type { SubgraphClient } from '../execution/subgraph-client.ts';
import { createSupergraph } from '../execution/supergraph.ts';
import type { Supergraph } from '../execution/supergraph.ts';
import { LIMITS } from '../limits.ts';
import { createNodeSubgraph } from './node-subgraph.ts';
import { callerIn } from '../identity/caller.ts';
import type { Introduce } from '../identity/passports.ts';
import { StartFault } from '../settings.ts';
import type { RemoteSubgraph } from './supergraph-config.ts';
import { readMembers } from './supergraph-urls.ts';

/** One request to a subgraph may take so long, in milliseconds. */
const FETCH_TIME = 15_000;

/** Where `npm run build` leaves the supergraph of all local subgraphs. */
const BUILT_SUPERGRAPH = projectPath('dist', 'supergraph.graphql');

/** The address that a supergraph names where nobody said another. */
export const DEFAULT_BASE = 'http://127.0.0.1:4000';

/** Where a process at `base` answers for one of its subgraphs. */
export function toSubgraphUrl(base: string, name: string): string {
  return `${base}/subgraphs/${name}/graphql`;
}

/** A subgraph that this process runs. */
export interface LocalSubgraph {
  readonly name: string;
  readonly schema: GraphQLSchema;
  readonly client: SubgraphClient;
  /** The subgraph as its folder exports it; null for the gateway's own. */
  readonly subgraph: Subgraph | null;
}

/** All that this process can be asked. */
export interface Graph {
  readonly supergraphSdl: string;
  readonly supergraph: Supergraph;
  readonly locals: ReadonlyMap<string, LocalSubgraph>;
  /** URLs of the subgraphs that other processes run, by name. */
  readonly remotes: ReadonlyMap<string, string>;
  /** How each subgraph is reached, here or elsewhere, by name. */
  readonly clients: ReadonlyMap<string, SubgraphClient>;
  close(): Promise<void>;
}

/** Where the supergraph comes from. */
export type GraphSource =
  | { readonly kind: 'compose'; readonly remotes: readonly RemoteSubgraph[] }
  /** A file that somebody composed. */
  | { readonly kind: 'file'; readonly path: string };

function createSchema(typeDefs: string, resolvers: object): GraphQLSchema {
  return buildSubgraphSchema([{ typeDefs: parse(typeDefs), resolvers: resolvers as GraphQLResolverMap<unknown> }]);
}

function createLocal(subgraph: Subgraph, surroundings: Surroundings): LocalSubgraph {
  const { name } = subgraph;
  const schema = createSchema(subgraph.typeDefs, subgraph.resolvers);
  const client = createLocalClient(name, schema, () => ({ ...surroundings, loaders: subgraph.createLoaders(surroundings) }));
  return { name, schema, client, subgraph };
}

/** What the supergraph of these subgraphs depends on. */
function digestOf(typeDefs: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(typeDefs)).digest('hex');
}

const HEAD = '# composed by loopgraph from subgraphs of sha256 ';

/** Composes the subgraphs with the gateway's own; the first line says from what. @throws CompositionError */
export function composeGraph(members: readonly { readonly name: string; readonly url: string; readonly typeDefs: string }[], base = DEFAULT_BASE): string {
  checkTypeDefs(members);
  const typeDefs = members.map((each) => each.typeDefs);
  const node = createNodeSubgraph(typeDefs);
  const { supergraphSdl } = composeSubgraphs([...members, { name: node.name, url: toSubgraphUrl(base, node.name), typeDefs: node.typeDefs }]);
  return `${HEAD}${digestOf(typeDefs)}\n${supergraphSdl}`;
}

/** The supergraph that the build composed, where it is of exactly these subgraphs. */
async function readBuilt(subgraphs: readonly Subgraph[]): Promise<string | null> {
  const text = await readFile(BUILT_SUPERGRAPH, 'utf8').catch(() => '');
  return text.startsWith(`${HEAD}${digestOf(subgraphs.map((each) => each.typeDefs))}\n`) ? text : null;
}

async function readSupergraph(path: string): Promise<string> {
  try {
    const text = await readFile(path, 'utf8');
    if (readMembers(text).length === 0) throw new Error('it has no join__Graph, so it is no composed supergraph');
    return text;
  } catch (error) {
    throw new StartFault(`SUPERGRAPH ${path} cannot be served: ${error instanceof Error ? error.message : String(error)}; give a file that npm run compose wrote, or leave it out`);
  }
}

export interface GraphOptions {
  /** The subgraphs that this process runs. */
  readonly subgraphs: readonly Subgraph[];
  /** What they stand on; null where this process runs none. */
  readonly surroundings: Surroundings | null;
  readonly source: GraphSource;
  /** Says to the processes of remote subgraphs who asks; nothing is said where it is not given. */
  readonly introduce?: Introduce;
}

/**
 * Puts together what this process serves.
 * @throws CompositionError where the subgraphs do not compose; StartFault where a file cannot be served.
 */
export async function createGraph({ subgraphs, surroundings, source, introduce = async () => ({}) }: GraphOptions): Promise<Graph> {
  const locals = new Map<string, LocalSubgraph>();
  for (const subgraph of surroundings === null ? [] : subgraphs) locals.set(subgraph.name, createLocal(subgraph, surroundings as Surroundings));
  let supergraphSdl: string;
  if (source.kind === 'file') {
    supergraphSdl = await readSupergraph(source.path);
  } else {
    const remotes = source.remotes.filter(({ name }) => !locals.has(name));
    const members = [
      ...subgraphs.map(({ name, typeDefs }) => ({ name, url: toSubgraphUrl(DEFAULT_BASE, name), typeDefs })),
      ...remotes,
    ];
    const built = remotes.length === 0 ? await readBuilt(subgraphs) : null;
    supergraphSdl = built ?? composeGraph(members);
    const node = createNodeSubgraph(members.map((each) => each.typeDefs));
    const schema = createSchema(node.typeDefs, node.resolvers);
    locals.set(node.name, { name: node.name, schema, client: createLocalClient(node.name, schema, () => ({})), subgraph: null });
  }
  const remotes = new Map(readMembers(supergraphSdl).filter(({ name }) => !locals.has(name)).map(({ name, url }) => [name, url]));
  const clients = new Map<string, SubgraphClient>();
  for (const [name, local] of locals) clients.set(name, local.client);
  if (remotes.size > 0) {
    // Its connection pool is half of what a process in one piece would load in vain.
    const { createHttpClient } = await import('../execution/http-client.ts');
    for (const [name, url] of remotes) clients.set(name, createHttpClient(name, url, { headers: (context) => introduce(callerIn(context)) }));
  }
  return {
    supergraphSdl,
    supergraph: createSupergraph(supergraphSdl, clients, { fetchTimeoutMs: FETCH_TIME, operationTimeoutMs: LIMITS.operationTime }),
    locals,
    remotes,
    clients,
    async close() {
      await Promise.all([...clients.values()].map((client) => client.close?.()));
    },
  };
}
