import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describeFileFault } from '../../kit/file-fault.ts';
import { projectPath } from '../../kit/project.ts';
import type { Subgraph } from '../../kit/subgraph.ts';
import { StartFault } from '../settings.ts';
import { checkTypeDefs, composeSubgraphs } from './composition.ts';
import { createNodeSubgraph } from './node-subgraph.ts';
import { readMembers } from './supergraph-urls.ts';

/** Where `npm run build` leaves the supergraph of all local subgraphs. */
const BUILT_SUPERGRAPH = projectPath('dist', 'supergraph.graphql');

/** The address that a supergraph names where nobody said another. */
export const DEFAULT_BASE = 'http://127.0.0.1:4000';

/** Where a process at `base` answers for one of its subgraphs. */
export function toSubgraphUrl(base: string, name: string): string {
  return `${base}/subgraphs/${name}/graphql`;
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
export async function readBuilt(subgraphs: readonly Subgraph[]): Promise<string | null> {
  const text = await readFile(BUILT_SUPERGRAPH, 'utf8').catch(() => '');
  return text.startsWith(`${HEAD}${digestOf(subgraphs.map((each) => each.typeDefs))}\n`) ? text : null;
}

/** A supergraph that somebody composed. @throws StartFault where there is none */
export async function readSupergraph(path: string): Promise<string> {
  try {
    const text = await readFile(path, 'utf8');
    if (readMembers(text).length === 0) throw new Error('it has no join__Graph, so it is no composed supergraph');
    return text;
  } catch (error) {
    throw new StartFault(`SUPERGRAPH ${path} cannot be served: ${describeFileFault(error)}; give a file that npm run compose wrote, or leave it out`);
  }
}
