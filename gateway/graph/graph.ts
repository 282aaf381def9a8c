import type { Subgraph, Surroundings } from '../../kit/subgraph.ts';
import type { SubgraphClient } from '../execution/subgraph-client.ts';
import { createSupergraph } from '../execution/supergraph.ts';
import type { Supergraph } from '../execution/supergraph.ts';
import { callerIn } from '../identity/caller.ts';
import type { Introduce } from '../identity/passports.ts';
import { LIMITS } from '../limits.ts';
import { createLocal, createLocalNode } from './local-subgraph.ts';
import type { LocalSubgraph } from './local-subgraph.ts';
import type { RemoteSubgraph } from './supergraph-config.ts';
import { composeGraph, DEFAULT_BASE, readBuilt, readSupergraph, toSubgraphUrl } from './supergraph-text.ts';
import { readMembers } from './supergraph-urls.ts';

/** All that this process can be asked, as one supergraph has it. Never changes: what comes after is another one. */
export interface Served {
  readonly supergraphSdl: string;
  readonly supergraph: Supergraph;
  readonly locals: ReadonlyMap<string, LocalSubgraph>;
  /** URLs of the subgraphs that other processes run, by name. */
  readonly remotes: ReadonlyMap<string, string>;
  /** How each subgraph is reached, here or elsewhere, by name. */
  readonly clients: ReadonlyMap<string, SubgraphClient>;
}

/** Where the supergraph comes from. */
export type GraphSource =
  | { readonly kind: 'compose'; readonly remotes: readonly RemoteSubgraph[] }
  /** A file that somebody composed. */
  | { readonly kind: 'file'; readonly path: string };

/** What is served at the moment. Another supergraph can take its place while operations run: they end on the one they began on. */
export interface Graph {
  readonly served: () => Served;
  /**
   * Prepares the supergraph of a source: what it would serve, and how to serve it; null where that is what is served.
   * @throws CompositionError, StartFault: what is served goes on.
   */
  prepare(source: GraphSource): Promise<{ readonly next: Served; readonly serve: () => void } | null>;
  /** Calls with what is served from now on, each time that changes. */
  onServed(listener: (served: Served) => void): void;
  close(): Promise<void>;
}

export interface GraphOptions {
  /** The subgraphs that this process runs. */
  readonly subgraphs: readonly Subgraph[];
  /** What they stand on; null where this process runs none. */
  readonly surroundings: Surroundings | null;
  readonly source: GraphSource;
  /** Says to the processes of remote subgraphs who asks; nothing is said where it is not given. */
  readonly introduce?: Introduce;
  /** Puts something around each subgraph's client, such as what measures it. */
  readonly watchClient?: (client: SubgraphClient) => SubgraphClient;
}

/** Clients of remote subgraphs, kept for as long as a supergraph needs them: a new supergraph asks through the same connections. */
function createRemoteClients(introduce: Introduce) {
  const clients = new Map<string, SubgraphClient>();
  return {
    async provide(remotes: ReadonlyMap<string, string>): Promise<[string, SubgraphClient][]> {
      if (remotes.size === 0) return [];
      // Its connection pool is half of what a process in one piece would load in vain.
      const { createHttpClient } = await import('../execution/http-client.ts');
      return [...remotes].map(([name, url]) => {
        const key = `${name} ${url}`;
        const client = clients.get(key) ?? createHttpClient(name, url, { headers: (context) => introduce(callerIn(context)), caller: callerIn, maxResponseBytes: LIMITS.subgraphAnswer });
        clients.set(key, client);
        return [name, client];
      });
    },
    async close(): Promise<void> {
      await Promise.all([...clients.values()].map((client) => client.close?.()));
    },
  };
}

/**
 * Puts together what this process serves.
 * @throws CompositionError where the subgraphs do not compose; StartFault where a file cannot be served.
 */
export async function createGraph({ subgraphs, surroundings, source: first, introduce = async () => ({}), watchClient = (client) => client }: GraphOptions): Promise<Graph> {
  const own = new Map<string, LocalSubgraph>();
  for (const subgraph of surroundings === null ? [] : subgraphs) own.set(subgraph.name, createLocal(subgraph, surroundings as Surroundings));
  const clients = createRemoteClients(introduce);
  const listeners: ((served: Served) => void)[] = [];

  /** The text of a source's supergraph, and the gateway's own subgraph in it; null in a file, where somebody else's is. */
  async function read(source: GraphSource): Promise<{ supergraphSdl: string; node: () => LocalSubgraph | null }> {
    if (source.kind === 'file') return { supergraphSdl: await readSupergraph(source.path), node: () => null };
    const remotes = source.remotes.filter(({ name }) => !own.has(name));
    const members = [...subgraphs.map(({ name, typeDefs }) => ({ name, url: toSubgraphUrl(DEFAULT_BASE, name), typeDefs })), ...remotes];
    const built = remotes.length === 0 ? await readBuilt(subgraphs) : null;
    return { supergraphSdl: built ?? composeGraph(members), node: () => createLocalNode(members.map((each) => each.typeDefs)) };
  }

  async function make(source: GraphSource, present: string | null): Promise<Served | null> {
    const { supergraphSdl, node: createNode } = await read(source);
    // A planner is dear, so that the same supergraph is not made twice.
    if (supergraphSdl === present) return null;
    const node = createNode();
    const locals = new Map(node === null ? own : [...own, [node.name, node]]);
    const remotes = new Map(readMembers(supergraphSdl).filter(({ name }) => !locals.has(name)).map(({ name, url }) => [name, url]));
    const all = [...[...locals].map(([name, { client }]): [string, SubgraphClient] => [name, client]), ...(await clients.provide(remotes))];
    const known: ReadonlyMap<string, SubgraphClient> = new Map(all.map(([name, client]) => [name, watchClient(client)]));
    return {
      supergraphSdl,
      supergraph: createSupergraph(supergraphSdl, known, { fetchTimeoutMs: LIMITS.fetchTime, operationTimeoutMs: LIMITS.operationTime }),
      locals,
      remotes,
      clients: known,
    };
  }

  let served = (await make(first, null)) as Served;
  return {
    served: () => served,
    async prepare(source) {
      const next = await make(source, served.supergraphSdl);
      if (next === null) return null;
      return {
        next,
        serve() {
          served = next;
          for (const listener of listeners) listener(next);
        },
      };
    },
    onServed: (listener) => {
      listeners.push(listener);
    },
    close: () => clients.close(),
  };
}
