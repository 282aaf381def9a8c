import type { Served } from './graph/graph.ts';
import { GATEWAY, type Introduce } from './identity/passports.ts';
import type { Questions } from './questions/questions.ts';
import { markProbe } from './sample-state.ts';
import type { StoreTrouble, WatchedStore } from './watch/watched-store.ts';

/** Whether one subgraph can answer. */
export interface SubgraphState {
  readonly state: 'ready' | 'unavailable';
  /** `here` in this process, `elsewhere` over HTTP. */
  readonly runs: 'here' | 'elsewhere';
}

/** One thing that is wrong. */
export interface Problem {
  /** `store`, `supergraph`, or `subgraph` and its name. */
  readonly what: string;
  readonly message: string;
  /** An instant; null where nobody knows. */
  readonly since: string | null;
  /** What the store itself said, for those who administer; null where it said nothing. */
  readonly reason: string | null;
}

export interface Readiness {
  /** True while this process can answer: its store does and takes writes, and at least one subgraph answers. */
  readonly ready: boolean;
  /** What is wrong, the store first; empty where nothing is. */
  readonly problems: readonly Problem[];
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

async function probeRemote(url: string, introduce: Introduce): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(await introduce(GATEWAY)) },
    body: '{"query":"{__typename}"}',
    signal: AbortSignal.timeout(PROBE_TIME),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`it answers ${response.status}`);
}

/**
 * What is wrong with the store. One that did not take a write is asked to take another, since without a readiness that
 * comes back nothing would be sent that could show that there is room again.
 */
async function findStoreProblem({ store, trouble, forget }: WatchedStore, answers: boolean): Promise<Problem | null> {
  if (!answers) return { what: 'store', message: 'The store does not answer.', since: toInstant(trouble()), reason: trouble()?.reason ?? null };
  if (trouble() === null) return null;
  if (await answersInTime(markProbe(store))) forget();
  const still = trouble();
  return still === null ? null : { what: 'store', message: 'The store answers questions and takes no writes.', since: toInstant(still), reason: still.reason };
}

const toInstant = (trouble: StoreTrouble | null): string | null => (trouble === null ? null : new Date(trouble.since).toISOString());

/** What readiness needs to know beside. */
interface Surroundings {
  readonly introduce: Introduce;
  /** Why the newest supergraph is not served; null where it is. */
  readonly refusedSupergraph: string | null;
}

/** Asks the store and every remote subgraph whether they answer. */
export async function checkReadiness({ locals, remotes }: Served, watched: WatchedStore | null, questions: Questions, { introduce, refusedSupergraph }: Surroundings): Promise<Readiness> {
  const store = watched?.store ?? null;
  const states = await Promise.all([
    ...[...locals.values()].map(async ({ name, subgraph }): Promise<[string, SubgraphState]> => {
      const [collection] = subgraph?.collections ?? [];
      const isReady = store === null || collection === undefined || (await answersInTime(store.get(collection, ['readiness'])));
      return [name, { state: isReady ? 'ready' : 'unavailable', runs: 'here' }];
    }),
    ...[...remotes].map(async ([name, url]): Promise<[string, SubgraphState]> => {
      return [name, { state: (await answersInTime(probeRemote(url, introduce))) ? 'ready' : 'unavailable', runs: 'elsewhere' }];
    }),
  ]);
  const all = states.map(([, state]) => state);
  const answers = all.every(({ state, runs }) => runs === 'elsewhere' || state === 'ready');
  const storeProblem = watched === null ? null : await findStoreProblem(watched, answers);
  const away = states.filter(([, { state, runs }]) => state === 'unavailable' && runs === 'elsewhere');
  const problems = [
    ...(storeProblem === null ? [] : [storeProblem]),
    ...(refusedSupergraph === null ? [] : [{ what: 'supergraph', message: 'The newest one cannot be served; the one before goes on.', since: null, reason: refusedSupergraph }]),
    ...away.map(([name]): Problem => ({ what: `subgraph ${name}`, message: 'It runs elsewhere and does not answer.', since: null, reason: null })),
  ];
  return {
    ready: storeProblem === null && answers && all.some(({ state }) => state === 'ready'),
    problems,
    subgraphs: Object.fromEntries(states),
    questions: { ready: questions.names.length, invalid: Object.fromEntries(questions.problems) },
  };
}
