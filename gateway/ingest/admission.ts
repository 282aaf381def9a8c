import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { refuseForNow } from '../faults/refusal.ts';
import { LIMITS } from '../limits.ts';
import { meterBody } from '../request-body.ts';

/** What waits in this process to be durable, which memory must hold meanwhile. */
export interface Admission {
  /** Requests with events that are not answered yet. */
  readonly requests: () => number;
  /** Bytes of their bodies as read, unzipped; of one request no more than a batch may have. */
  readonly bytes: () => number;
}

export interface AdmissionBounds {
  readonly requests: number;
  readonly bytes: number;
}

interface Admitted {
  bytes: number;
}

const busy = () =>
  refuseForNow('OVERLOADED', 'More events wait here than the store takes in time. Send these again: what was taken of them is not counted twice.');

/** Questions have limits of their own; all else that is posted brings events. */
function bringsEvents({ method, routeOptions }: FastifyRequest): boolean {
  return method === 'POST' && routeOptions.url !== undefined && routeOptions.config.isGraphql !== true;
}

/**
 * Bounds what waits: beyond it a request with events is answered 503 with Retry-After before its body is read, or as soon as its
 * body passes what is left. Of those that pass it, one at a time is taken all the same, so that a large batch gets its turn
 * among small ones; so memory holds the bound and one batch more. A request counts until it is answered, gone or not, so that
 * senders who do not wait for answers cannot fill memory either.
 */
export function boundAdmission(app: FastifyInstance, bounds: AdmissionBounds = { requests: LIMITS.waitingRequests, bytes: LIMITS.waitingBytes }): Admission {
  const admitted = new Map<IncomingMessage, Admitted>();
  let bytes = 0;
  /** The one that passed the bound; what it brings is beside what is bounded. */
  let large: IncomingMessage | null = null;

  const release = (request: IncomingMessage): void => {
    if (large === request) large = null;
    else bytes -= admitted.get(request)?.bytes ?? 0;
    admitted.delete(request);
  };

  app.addHook('onRequest', async (request) => {
    if (!bringsEvents(request)) return;
    if (admitted.size >= bounds.requests || bytes >= bounds.bytes) throw busy();
    const own: Admitted = { bytes: 0 };
    admitted.set(request.raw, own);
    meterBody(request.raw, (count) => {
      if (!admitted.has(request.raw)) return;
      // A stream's lines are sent in batches, so it holds no more than a batch.
      const more = Math.min(own.bytes + count, LIMITS.ingestBody) - own.bytes;
      if (large !== request.raw && bytes + more > bounds.bytes) {
        if (large !== null) throw busy();
        large = request.raw;
        bytes -= own.bytes;
      }
      own.bytes += more;
      if (large !== request.raw) bytes += more;
    });
    request.raw.once('close', () => {
      if (!request.raw.complete) release(request.raw);
    });
  });
  app.addHook('onSend', async (request) => release(request.raw));
  return { requests: () => admitted.size, bytes: () => bytes + ((large && admitted.get(large)?.bytes) ?? 0) };
}
