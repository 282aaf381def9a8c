import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isJsonType } from '../../importers/cloud-event.ts';
import type { Gateway } from '../gateway.ts';
import { Refusal } from '../faults/refusal.ts';
import { isBinaryEvent, readBinaryEvent } from '../ingest/binary-event.ts';
import { takeCloudEvents } from '../ingest/cloud-events.ts';
import { ingestFor } from '../ingest/sources.ts';
import { parseRecorded } from '../ingest/unreadable.ts';
import { LIMITS } from '../limits.ts';
import { readBody } from '../request-body.ts';

const RECEIVER = 'CLOUDEVENTS';

const EXPECTED = 'application/cloudevents+json, application/cloudevents-batch+json, or the headers ce-id, ce-source, ce-type and ce-specversion with the data as the body';

type Mode = 'structured' | 'batch' | 'binary';

/** How a request carries its events, by section 3 of the CloudEvents HTTP binding. @throws Refusal 415 */
function findMode({ headers }: FastifyRequest): Mode {
  const type = headers['content-type'] ?? '';
  const [media = '', ...parameters] = type.split(';').map((part) => part.trim().toLowerCase());
  if (media.startsWith('application/cloudevents')) {
    const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length).replaceAll('"', '');
    if (charset !== undefined && charset !== 'utf-8' && charset !== 'us-ascii') throw new Refusal(415, 'BODY_UNREADABLE', `Expected JSON in UTF-8, got the charset ${charset}.`);
    if (media === 'application/cloudevents+json') return 'structured';
    if (media === 'application/cloudevents-batch+json') return 'batch';
  } else if (isBinaryEvent(headers)) return 'binary';
  throw new Refusal(415, 'BODY_UNREADABLE', `Expected a CloudEvent as ${EXPECTED}; got ${type === '' ? 'no content-type' : type}.`);
}

/** Serves CloudEvents 1.0, structured, batch and binary. */
export async function serveEvents(app: FastifyInstance, { ingest, cloudEventTypes }: Gateway): Promise<void> {
  /** One event: 201 where it is kept, or was before; 400 with the field where it is none. */
  const takeOne = async (event: unknown, { caller }: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { repeated, unclaimed, failed: [failure] } = await takeCloudEvents([event], cloudEventTypes, ingestFor(ingest, caller));
    if (failure !== undefined) {
      const { code, field, message } = failure;
      return reply.code(400).send({ error: { code, field, message } });
    }
    return reply.code(201).send({ status: repeated > 0 ? 'repeated' : 'accepted', unclaimed: unclaimed > 0 });
  };

  /** A bare array, perhaps empty. The good part is kept; 200 says that all of it is, 400 names each event that is not. */
  const takeBatch = async (events: readonly unknown[], { caller }: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { failed, ...counts } = await takeCloudEvents(events, cloudEventTypes, ingestFor(ingest, caller));
    const summary = { ...counts, failed: failed.length };
    const [first] = failed;
    if (first === undefined) return reply.code(200).send({ status: 'success', summary, failed_events: [] });
    const { code, field } = first;
    const message = `${failed.length} of ${events.length} events were not taken, the others were; the first is at index ${first.index}: ${first.message}`;
    return reply.code(400).send({
      status: failed.length < events.length ? 'partial_success' : 'failure',
      error: { code, field, message },
      summary,
      failed_events: failed.map((each) => ({ index: each.index, code: each.code, field: each.field, reason: each.message })),
    });
  };

  const takeBinary = async (request: FastifyRequest, bytes: Buffer, reply: FastifyReply): Promise<FastifyReply> => {
    const type = request.headers['content-type'];
    // Bytes that promise JSON and are none: it says at which offset, and records them.
    if (type !== undefined && isJsonType(type) && bytes.length > 0) await parseRecorded(bytes, RECEIVER, ingest);
    return takeOne(readBinaryEvent(request.headers, bytes), request, reply);
  };

  app.post('/events', { config: { needs: ['emit'] } }, async (request, reply) => {
    const mode = findMode(request);
    const bytes = await readBody(request.raw, LIMITS.ingestBody);
    if (mode === 'binary') return takeBinary(request, bytes, reply);
    const body = await parseRecorded(bytes, RECEIVER, ingest);
    if (mode === 'structured') return takeOne(body, request, reply);
    if (!Array.isArray(body)) throw new Refusal(400, 'EVENT_INVALID', 'Expected a JSON array of CloudEvents; a single one goes as application/cloudevents+json.');
    return takeBatch(body, request, reply);
  });
}
