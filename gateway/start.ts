import { createServer as createProbe } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Importer } from '../importers/importer.ts';
import type { Send } from '../importers/runner.ts';
import { createPseudonym } from '../kit/ingest/pseudonym.ts';
import { projectPath } from '../kit/project.ts';
import { openStore } from '../kit/store/open.ts';
import type { StoreOptions } from '../kit/store/open.ts';
import type { Store } from '../kit/store/port.ts';
import { cloudEventTypesOf } from '../kit/subgraph.ts';
import type { Subgraph, Surroundings } from '../kit/subgraph.ts';
import { createErrorFormat } from './faults/error-format.ts';
import { createFailures } from './faults/failures.ts';
import type { Failures } from './faults/failures.ts';
import type { Gateway } from './gateway.ts';
import { createGraph } from './graph/graph.ts';
import type { Graph, GraphSource, Served } from './graph/graph.ts';
import { startPolling, type Polling } from './graph/polling.ts';
import { createIngest } from './ingest/ingest.ts';
import type { Ingest } from './ingest/ingest.ts';
import { createIntroduction, createPassports, type Introduce } from './identity/passports.ts';
import { createTokenVerifier } from './identity/tokens.ts';
import { loadPseudonymKey } from './pseudonym-key.ts';
import { loadQuestions, type Questions } from './questions/questions.ts';
import { checkReadiness } from './readiness.ts';
import { gatewayMarks, markSample, needsSample } from './sample-state.ts';
import { createServer } from './server.ts';
import { createMetrics } from './watch/metrics.ts';
import { watchIngest } from './watch/watched-ingest.ts';
import type { Settings } from './settings.ts';
import { watchStore } from './watch/watched-store.ts';
import type { WatchedStore } from './watch/watched-store.ts';
import { loadSupergraphConfig } from './graph/supergraph-config.ts';
import type { RemoteSubgraph } from './graph/supergraph-config.ts';

/** Fills an empty store with the sample; `onProgress` takes one line for a person. */
export type LoadSample = (send: Send, onProgress: (line: string) => void) => Promise<void>;

/** What a process is made of, beside its settings. */
export interface Parts {
  /** Every subgraph that is known; which of them run is a setting. */
  readonly subgraphs: readonly Subgraph[];
  readonly importers: readonly Importer[];
  /** Nothing fills an empty store where it is not given. */
  readonly loadSample?: LoadSample;
  readonly logger: Logger;
  /** Takes one line for a person: what is being done before the server answers. */
  readonly say: (line: string) => void;
  /** Where saved questions lie; the project's own folder where it is not given. */
  readonly questionsFolder?: string;
  /** Passed to the store: tests end the process at a step of a commit. */
  readonly onStep?: NonNullable<StoreOptions['onStep']>;
  /** The present; the clock where it is not given. */
  readonly now?: () => number;
}

/** A process that answers. */
export interface Running {
  /** Such as `http://127.0.0.1:4000`. */
  readonly address: string;
  readonly app: FastifyInstance;
  readonly gateway: Gateway;
  readonly store: Store | null;
  readonly failures: Failures;
  /** Answers what is being asked, then lets go of the store. May be called twice. */
  close(): Promise<void>;
}

/** Which subgraphs run here: as was said, else none beside a composed file, else all that the configuration leaves. */
export function chooseLocals(settings: Settings, known: readonly Subgraph[], remotes: readonly RemoteSubgraph[]): readonly Subgraph[] {
  const { subgraphs: names } = settings;
  if (names !== null) return known.filter(({ name }) => names.includes(name));
  if (settings.supergraph !== null) return [];
  return known.filter(({ name }) => !remotes.some((remote) => remote.name === name));
}

/** The store of this process and what its subgraphs stand on; null where it runs none. */
export interface Grounds {
  readonly store: Store;
  readonly surroundings: Surroundings;
  readonly watched: WatchedStore;
}

/** Opens the store of these subgraphs. @throws StoreError, StartFault */
export async function openGrounds(
  settings: Settings,
  subgraphs: readonly Subgraph[],
  now: () => number = Date.now,
  options: StoreOptions = {},
  trace: (store: Store) => Store = (store) => store,
): Promise<Grounds> {
  // A missing key is told before anything is made.
  if (!settings.store.startsWith('lmdb:')) loadPseudonymKey(settings);
  const watched = watchStore(trace(await openStore(settings.store, [...subgraphs.flatMap((each) => each.collections), gatewayMarks], options)), now);
  const { store } = watched;
  try {
    return { store, watched, surroundings: { store, pseudonym: createPseudonym(loadPseudonymKey(settings)), now } };
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function fillStore(loadSample: LoadSample, say: Parts['say'], store: Store, subgraphs: readonly Subgraph[], ingest: Ingest): Promise<void> {
  if (!(await needsSample(store, subgraphs.flatMap((each) => each.collections)))) return;
  say('The store is empty: loading the sample (SAMPLE=off leaves it empty).');
  await markSample(store, 'loading');
  await loadSample(ingest.sendOwn, say);
  await markSample(store, 'loaded');
}

/** Finds out that a port is taken before the sample is loaded, not a minute later. @throws the system's error */
function probePort({ host, port }: Settings): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createProbe();
    probe.once('error', reject);
    probe.listen({ host, port }, () => probe.close(() => resolve()));
  });
}

/**
 * Starts a process: opens the store, fills an empty one, composes, serves.
 * @throws StartFault, StoreError, CompositionError, or the system's error for a port that cannot be had; nothing is left open.
 */
export async function start(settings: Settings, parts: Parts): Promise<Running> {
  const { subgraphs: known, importers, logger, now } = parts;
  const failures = createFailures(logger);
  const metrics = createMetrics(failures.count);
  await probePort(settings);
  const passports = settings.gatewayKey === null ? null : createPassports(settings.gatewayKey);
  const traces = settings.traceEndpoint === null ? null : await (await import('./watch/traces.ts')).startTraces(settings.traceEndpoint);
  const introduction = createIntroduction(passports);
  const introduce: Introduce = async (caller) => ({ ...(await introduction(caller)), ...traces?.headers() });
  const remotes = settings.supergraphConfig === null ? [] : await loadSupergraphConfig(settings.supergraphConfig, { introduce });
  const subgraphs = chooseLocals(settings, known, remotes);
  const source: GraphSource = settings.supergraph === null ? { kind: 'compose', remotes } : { kind: 'file', path: settings.supergraph };
  const options: StoreOptions = { onCommit: metrics.observeCommit, ...(parts.onStep !== undefined && { onStep: parts.onStep }) };
  const grounds = subgraphs.length === 0 ? null : await openGrounds(settings, subgraphs, now, options, traces?.watchStore);
  const store = grounds?.store ?? null;
  const surroundings = grounds?.surroundings ?? null;
  let graph: Graph | null = null;
  let app: FastifyInstance | null = null;
  let polling: Polling | null = null;
  const release = async (): Promise<void> => {
    polling?.stop();
    await app?.close();
    await graph?.close();
    await store?.close();
    await traces?.close();
  };
  try {
    const made = await createGraph({ subgraphs, surroundings, source, introduce, ...(traces !== null && { watchClient: traces.watchClient }) });
    graph = made;
    const plain = createIngest({
      known, locals: new Set(subgraphs.map(({ name }) => name)), surroundings, remotes: () => made.served().remotes, introduce,
      onLost: (count, error) => logger.warn({ count, err: error }, 'refused events could not be kept'),
    });
    const ingest = watchIngest(plain, { known, metrics, now: now ?? Date.now });
    const questionsFolder = parts.questionsFolder ?? projectPath('questions');
    const checkQuestions = async ({ supergraph }: Served): Promise<Questions> => {
      const checked = await loadQuestions(questionsFolder, supergraph.apiSchema);
      for (const [question, problem] of checked.problems) logger.warn({ question, problem }, 'a saved question does not fit the schema and is not served');
      return checked;
    };
    let questions = await checkQuestions(made.served());
    if (settings.supergraphPoll > 0 && (settings.supergraph !== null || settings.supergraphConfig !== null)) {
      polling = startPolling({
        graph: made,
        readSource: async () => (settings.supergraphConfig === null ? source : { kind: 'compose', remotes: await loadSupergraphConfig(settings.supergraphConfig, { introduce, patienceMs: 0 }) }),
        beforeServing: async (next) => {
          questions = await checkQuestions(next);
        },
        everyMs: settings.supergraphPoll * 1_000,
        logger,
      });
    }
    const gateway: Gateway = {
      graph: made, questions: () => questions, ingest, cloudEventTypes: cloudEventTypesOf(known), importers, failures, metrics, traces, logger,
      introspection: settings.introspection, operations: settings.operations,
      formatError: createErrorFormat(failures),
      checkReadiness: () => checkReadiness(made.served(), grounds?.watched ?? null, questions, { introduce, refusedSupergraph: polling?.problem() ?? null }),
    };
    const verifyToken = settings.tokens === null ? null : createTokenVerifier(settings.tokens);
    app = await createServer(gateway, settings, { keys: settings.keys, verifyToken, passports });
    if (store !== null && settings.sample && parts.loadSample !== undefined) await fillStore(parts.loadSample, parts.say, store, subgraphs, ingest);
    const address = await app.listen({ host: settings.host, port: settings.port });
    let closing: Promise<void> | null = null;
    return { address, app, gateway, store, failures, close: () => (closing ??= release()) };
  } catch (error) {
    await release();
    throw error;
  }
}
