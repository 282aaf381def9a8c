import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Rejection } from '../../kit/subgraph.ts';
import type { Gateway } from '../gateway.ts';
import { LIMITS } from '../limits.ts';
import { Refusal } from '../faults/refusal.ts';
import type { Ingest } from '../ingest/ingest.ts';
import { ingestFor } from '../ingest/sources.ts';
import { parseRecorded } from '../ingest/unreadable.ts';
import { readBody } from '../request-body.ts';

const KIND = 'openlineage';
const RECEIVER = 'OPENLINEAGE';

const toReason = ({ field, message }: Rejection): string => (field === null ? message : `${field}: ${message}`);

/** Serves the OpenLineage endpoints as its clients and its specification have them. */
export async function serveLineage(app: FastifyInstance, { ingest }: Gateway): Promise<void> {
  /** One event: 201 where it is kept, or was before; 400 with the field where it is none. */
  const takeOne = async (event: unknown, own: Ingest, reply: FastifyReply): Promise<FastifyReply> => {
    const { repeated, rejected } = await own.send(KIND, [event], RECEIVER);
    const [rejection] = rejected;
    if (rejection !== undefined) {
      const { code, field, message } = rejection;
      return reply.code(400).send({ error: { code, field, message } });
    }
    return reply.code(201).send({ status: repeated > 0 ? 'repeated' : 'accepted' });
  };

  /** A bare array, perhaps empty: the specification's summary, the good part kept. */
  const takeBatch = async (events: readonly unknown[], own: Ingest, reply: FastifyReply): Promise<FastifyReply> => {
    const { rejected, repeated } = await own.send(KIND, events, RECEIVER);
    return reply.code(200).send({
      status: rejected.length === 0 ? 'success' : 'partial_success',
      summary: {
        received: events.length,
        successful: events.length - rejected.length,
        failed: rejected.length,
        retriable: 0,
        non_retriable: rejected.length,
        repeated,
      },
      failed_events: rejected.map((each) => ({ index: each.index, reason: toReason(each), code: each.code, field: each.field, retriable: false })),
    });
  };

  const read = async (request: FastifyRequest): Promise<unknown> => parseRecorded(await readBody(request.raw, LIMITS.ingestBody), RECEIVER, ingest);

  app.post('/api/v1/lineage', { config: { needs: ['emit'] } }, async (request, reply) => {
    const body = await read(request);
    const own = ingestFor(ingest, request.caller);
    return Array.isArray(body) ? takeBatch(body, own, reply) : takeOne(body, own, reply);
  });

  app.post('/api/v1/lineage/batch', { config: { needs: ['emit'] } }, async (request, reply) => {
    const body = await read(request);
    if (!Array.isArray(body)) throw new Refusal(400, 'EVENT_INVALID', 'Expected a JSON array of events; a single event goes to /api/v1/lineage.');
    return takeBatch(body, ingestFor(ingest, request.caller), reply);
  });
}
