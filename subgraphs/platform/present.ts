import { toNameId } from '../../kit/graph/id.ts';
import type { Connection } from '../../kit/graph/connection.ts';
import type { Attribution } from './documents.ts';
import type { TeamReference } from './references.ts';

/** A claim as `TeamAttribution` shows it. */
export function toTeamAttribution(attribution: Attribution | null): {
  team: TeamReference | null;
  basis: Attribution['basis'] | null;
  evidence: string | null;
  claimedName: string | null;
  rule: string | null;
} {
  if (attribution === null) return { team: null, basis: null, evidence: null, claimedName: null, rule: null };
  const { team, basis, evidence, rule } = attribution;
  return { team: { id: toNameId('Team', team) }, basis, evidence, claimedName: team, rule };
}

/** The documents of these ids; one that is not there is a fault of the store. */
export async function loadAll<D>(
  loader: { loadMany(ids: readonly string[]): Promise<(D | null | Error)[]> },
  ids: readonly string[],
): Promise<D[]> {
  const found = await loader.loadMany(ids);
  return found.flatMap((each) => {
    if (each instanceof Error) throw each;
    return each === null ? [] : [each];
  });
}

/** The document of an id that another document holds. @throws Error where there is none. */
export async function loadHeld<D>(loader: { load(id: string): Promise<D | null> }, id: string): Promise<D> {
  const document = await loader.load(id);
  if (document === null) throw new Error(`expected ${id} beside what refers to it, got nothing`);
  return document;
}

/** A page with each node turned into another; null drops the edge. */
export async function mapConnection<T, U>(page: Connection<T>, map: (node: T) => U | null | Promise<U | null>): Promise<Connection<U>> {
  const nodes = await Promise.all(page.nodes.map(map));
  const edges = page.edges.flatMap(({ cursor }, place) => {
    const node = nodes[place] ?? null;
    return node === null ? [] : [{ cursor, node }];
  });
  return { ...page, edges, nodes: edges.map(({ node }) => node) };
}
