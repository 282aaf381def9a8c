import type { FastifyInstance } from 'fastify';
import type { Gateway } from '../gateway.ts';

/** Serves what this process measures of itself, for Prometheus to read. */
export async function serveMetrics(app: FastifyInstance, { metrics }: Gateway): Promise<void> {
  app.get('/metrics', { config: { needs: ['read'] } }, async (_request, reply) => {
    const { contentType, text } = await metrics.render();
    return reply.header('content-type', contentType).send(text);
  });
}
