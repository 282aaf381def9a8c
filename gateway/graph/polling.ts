import type { Logger } from 'pino';
import type { Graph, GraphSource, Served } from './graph.ts';

/** Keeps what is served at what its source says. */
export interface Polling {
  /** Why the newest of the source is not served; null where it is. */
  readonly problem: () => string | null;
  /** Looks once, now; resolves when what is new is served or refused. */
  look(): Promise<void>;
  stop(): void;
}

export interface PollingOptions {
  readonly graph: Graph;
  /** Reads the source as it is now. @throws where it cannot be read */
  readonly readSource: () => Promise<GraphSource>;
  /** Is given what would be served, before it is. */
  readonly beforeServing: (next: Served) => Promise<void>;
  readonly everyMs: number;
  readonly logger: Logger;
}

/**
 * Looks for another supergraph again and again. One that cannot be read or does not compose is not served: the one before
 * goes on, and what is wrong is told once.
 */
export function startPolling({ graph, readSource, beforeServing, everyMs, logger }: PollingOptions): Polling {
  let problem: string | null = null;
  let looking: Promise<void> | null = null;

  async function lookOnce(): Promise<void> {
    try {
      const prepared = await graph.prepare(await readSource());
      if (prepared !== null) {
        await beforeServing(prepared.next);
        prepared.serve();
        logger.info({ subgraphs: [...prepared.next.locals.keys(), ...prepared.next.remotes.keys()] }, 'another supergraph is served');
      }
      problem = null;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (message !== problem) logger.error({ problem: message }, 'the supergraph of before goes on: another one cannot be served');
      problem = message;
    }
  }

  const look = (): Promise<void> =>
    (looking ??= lookOnce().finally(() => {
      looking = null;
    }));
  const timer = setInterval(() => void look(), everyMs);
  timer.unref();
  return { problem: () => problem, look, stop: () => clearInterval(timer) };
}
