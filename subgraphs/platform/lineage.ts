export type Direction = 'downstream' | 'upstream';

/** A walk that a request asks for: its start, direction and how many edges to follow. */
export interface Walk {
  readonly start: string;
  readonly direction: Direction;
  readonly depth: number;
}

/** What a walk reached, nearest first, by the kind of node. */
export interface Reached {
  readonly byKind: ReadonlyMap<string, readonly string[]>;
  /** How many edges from the start each node is, the start among them; nodes beyond the bound of their list too. */
  readonly levels: ReadonlyMap<string, number>;
  readonly truncated: boolean;
}

/** Lists of a lineage are no longer than this. */
export const LINEAGE_BOUND = 1_000;

/** The neighbours of nodes in one direction, in the order of the nodes: jobs' datasets and datasets' jobs. One store command a kind of node. */
export type Neighbours = (nodes: readonly string[], direction: Direction) => Promise<readonly (readonly string[])[]>;

/**
 * Walks of one request, in lockstep and breadth first: each level costs one look-up for all of them, however many they are.
 */
export async function walkAll(walks: readonly Walk[], neighbours: Neighbours, kindOf: (node: string) => string): Promise<Reached[]> {
  const states = walks.map(({ start }) => ({ levels: new Map([[start, 0]]), frontier: [start], byKind: new Map<string, string[]>(), truncated: false }));
  const deepest = Math.max(0, ...walks.map(({ depth }) => depth));
  const known = new Map<string, readonly string[]>();
  for (let level = 0; level < deepest; level++) {
    for (const direction of ['downstream', 'upstream'] as const) {
      const wanted = new Set<string>();
      walks.forEach((walk, place) => {
        if (walk.direction !== direction || level >= walk.depth) return;
        for (const node of states[place]?.frontier ?? []) if (!known.has(`${direction} ${node}`)) wanted.add(node);
      });
      const nodes = [...wanted];
      if (nodes.length === 0) continue;
      const found = await neighbours(nodes, direction);
      nodes.forEach((node, place) => known.set(`${direction} ${node}`, found[place] ?? []));
    }
    walks.forEach(({ direction, depth }, place) => {
      const state = states[place];
      if (state === undefined || level >= depth) return;
      const next: string[] = [];
      for (const node of state.frontier) {
        for (const neighbour of known.get(`${direction} ${node}`) ?? []) {
          if (state.levels.has(neighbour)) continue;
          state.levels.set(neighbour, level + 1);
          const list = state.byKind.get(kindOf(neighbour)) ?? [];
          state.byKind.set(kindOf(neighbour), list);
          if (list.length >= LINEAGE_BOUND) {
            state.truncated = true;
            continue;
          }
          list.push(neighbour);
          next.push(neighbour);
        }
      }
      state.frontier = next;
    });
    if (states.every(({ frontier }) => frontier.length === 0)) break;
  }
  return states.map(({ byKind, levels, truncated, frontier }) => ({
    byKind,
    levels,
    // Where the last level reached something new, its neighbours were not looked at.
    truncated: truncated || frontier.length > 0,
  }));
}
