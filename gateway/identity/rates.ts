import type { FastifyInstance } from 'fastify';
import { Refusal } from '../faults/refusal.ts';
import { RateCounts } from './rate-counts.ts';

/** A caller's requests are counted over so long, in milliseconds. */
const STRETCH_MS = 10_000;

/**
 * Lets each caller send so many requests a second, taken over ten seconds. An emitter above it is told 503, since the clients of
 * OpenLineage send again what was answered 503 and lose what was answered 429.
 */
export async function guardRates(app: FastifyInstance, requestsASecond: number): Promise<void> {
  const { default: rateLimit } = await import('@fastify/rate-limit');
  await app.register(rateLimit, { global: false, store: RateCounts });
  const max = requestsASecond * (STRETCH_MS / 1000);
  const count = app.createRateLimit({ max, timeWindow: STRETCH_MS, keyGenerator: ({ caller, ip }) => (caller.grants.length === 0 ? `from ${ip}` : caller.name) });
  app.addHook('onRequest', async (request) => {
    const limit = await count(request);
    if (limit.isAllowed || !limit.isExceeded) return;
    const status = request.routeOptions.config.needs?.includes('emit') === true ? 503 : 429;
    const message = `Expected at most ${requestsASecond} requests a second of ${request.caller.name}, got more; send this one again in ${limit.ttlInSeconds} s.`;
    throw new Refusal(status, 'RATE_LIMITED', message, { 'retry-after': String(limit.ttlInSeconds) });
  });
}
