import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Metrics } from './metrics.ts';
import { createTally, runWithTally } from './tally.ts';
import type { Tally } from './tally.ts';

/** Stands for all addresses that no route takes, so that they are one label. */
const NO_ROUTE = '(none)';

interface Watch {
  readonly startedAt: number;
  readonly tally: Tally;
}

/** How much of a connection's bytes belonged to its earlier requests. */
const read = new WeakMap<Socket, number>();

/** What came for this request, head and body, in bytes as sent. */
function takeBytes({ raw: { socket } }: FastifyRequest): number {
  const before = read.get(socket) ?? 0;
  read.set(socket, socket.bytesRead);
  return socket.bytesRead - before;
}

/**
 * Measures every request and writes one line of the log for it, at level `info`. The line holds the route's pattern and
 * counts: neither the address that was asked nor anything that the caller wrote. Is to be called before the routes are made.
 */
export function watchRequests(app: FastifyInstance, metrics: Metrics, logger: Logger): void {
  const watches = new WeakMap<FastifyRequest, Watch>();

  app.addHook('onRequest', (request, _reply, done) => {
    const tally = createTally();
    watches.set(request, { startedAt: performance.now(), tally });
    runWithTally(tally, done);
  });

  app.addHook('onResponse', async (request, reply) => {
    const watch = watches.get(request);
    if (watch === undefined) return;
    const { method } = request;
    const route = request.is404 ? NO_ROUTE : (request.routeOptions.url ?? NO_ROUTE);
    const { statusCode: status } = reply;
    const durationMs = performance.now() - watch.startedAt;
    const { isReceiver, accepted, repeated, rejected, code } = watch.tally;
    metrics.observeRequest({ method, route, status, durationMs, code });
    logger.info(
      {
        method, route, status,
        ms: Math.round(durationMs * 10) / 10,
        bytesIn: takeBytes(request),
        ...(code !== null && { code }),
        ...(isReceiver && { accepted, repeated, rejected }),
      },
      'answered',
    );
  });
}
