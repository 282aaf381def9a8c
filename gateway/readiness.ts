import type { Store } from '../kit/store/port.ts';
import type { Graph } from './graph/graph.ts';
import type { Questions } from './questions/questions.ts';

/** Whether one subgraph can answer. */
export interface SubgraphState {
  readonly state: 'ready' | 'unavailable';
  /** `here` in this process, `elsewhere` over HTTP. */
  readonly runs: 'here' | 'elsewhere';
}

export interface Readiness {
  /** True while this process can answer: its store does, and at least one subgraph. */
  readonly ready: boolean;
  readonly subgraphs: Readonly<Record<string, SubgraphState>>;
  readonly questions: { readonly ready: number; readonly invalid: Readonly<Record<string, string>> };
}

/** A probe that has no answer by then counts as none, in milliseconds. */
const PROBE_TIME = 2_000;

async function answersInTime(probe: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, PROBE_TIME, false);
  });
  const outcome = await Promise.race([probe.then(() => true, () => false), late]);
  clearTimeout(timer);
  return outcome;
}

async function probeRemote(url: string): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query":"{__typename}"}',
    signal: AbortSignal.timeout(PROBE_TIME),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`it answers ${response.status}`);
}

/** Asks the store and every remote subgraph whether they answer. */
export async function checkReadiness(graph: Graph, store: Store | null, questions: Questions): Promise<Readiness> {
  const states = await Promise.all([
    ...[...graph.locals.values()].map(async ({ name, subgraph }): Promise<[string, SubgraphState]> => {
      const [collection] = subgraph?.collections ?? [];
      const isReady = store === null || collection === undefined || (await answersInTime(store.get(collection, ['readiness'])));
      return [name, { state: isReady ? 'ready' : 'unavailable', runs: 'here' }];
    }),
    ...[...graph.remotes].map(async ([name, url]): Promise<[string, SubgraphState]> => {
      return [name, { state: (await answersInTime(probeRemote(url))) ? 'ready' : 'unavailable', runs: 'elsewhere' }];
    }),
  ]);
  const all = states.map(([, state]) => state);
  return {
    ready: all.every(({ state, runs }) => runs === 'elsewhere' || state === 'ready') && all.some(({ state }) => state === 'ready'),
    subgraphs: Object.fromEntries(states),
    questions: { ready: questions.names.length, invalid: Object.fromEntries(questions.problems) },
  };
}
