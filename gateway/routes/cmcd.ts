import type { FastifyInstance } from 'fastify';
import { Refusal } from '../faults/refusal.ts';
import type { Gateway } from '../gateway.ts';
import { loadCmcdReader } from '../ingest/cmcd-lines.ts';
import { LIMITS } from '../limits.ts';
import { readLines, streamBody } from '../request-body.ts';

const KIND = 'cmcd-report';

/** Where reports come from that do not say it by `?source=`: the namespace of the shows that their content ids name. */
const DEFAULT_SOURCE = 'players';

/** How many reports go to their owner at once. */
const BATCH = 500;

/** True for what the sender's repeating would not mend, and players repeat for ever what is answered 4xx. */
const isFinal = (error: unknown): error is Refusal => error instanceof Refusal && error.status < 500;

/**
 * Serves CMCD version 2 event reports (CTA-5004-B): a dictionary of structured fields a line. What is good is taken, line by
 * line, and the answer is 204 whatever the rest was; 503 where the store cannot take it now.
 */
export async function serveCmcd(app: FastifyInstance, { ingest }: Gateway): Promise<void> {
  app.post<{ Querystring: { source?: string | string[] } }>('/cmcd', async (request, reply) => {
    const source = request.query.source ?? DEFAULT_SOURCE;
    const read = await loadCmcdReader();
    let waiting: unknown[] = [];
    const send = async (): Promise<void> => {
      const events = waiting;
      waiting = [];
      await ingest.send(KIND, events);
    };
    try {
      for await (const line of readLines(streamBody(request.raw, LIMITS.ingestBody))) {
        if (line.every((byte) => byte <= 32)) continue;
        const decoded = read(line);
        if ('report' in decoded) waiting.push({ source, report: decoded.report });
        if (waiting.length >= BATCH) await send();
      }
    } catch (error) {
      if (!isFinal(error)) throw error;
    }
    await send();
    return reply.code(204).send();
  });
}
