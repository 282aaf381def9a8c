import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ErrorCode } from '../../kit/graph/errors.ts';
import { Refusal } from '../faults/refusal.ts';
import type { Gateway } from '../gateway.ts';
import { loadCmcdReader } from '../ingest/cmcd-lines.ts';
import { ingestFor } from '../ingest/sources.ts';
import type { Refused } from '../ingest/refused.ts';
import { onlySource } from '../identity/caller.ts';
import { LIMITS } from '../limits.ts';
import { readLines, streamBody } from '../request-body.ts';

const KIND = 'cmcd-report';
const RECEIVER = 'CMCD';

/** Where reports come from that do not say it by `?source=`, nor by a key of one source: the namespace of the shows that their content ids name. */
const DEFAULT_SOURCE = 'players';

/** Bytes up to this one are white space or none. */
const SPACE = 0x20;

/** How many reports go to their owner at once. */
const BATCH = 500;

/** How many lines of one body are listed when they are refused; a flood of them is counted in the last. */
const MOST_LISTED = 1_000;

/** True for what the sender's repeating would not mend, and players repeat for ever what is answered 4xx. */
const isFinal = (error: unknown): error is Refusal => error instanceof Refusal && error.status < 500;

/** Whatever a body says it is, its lines tell: a type that is none would be answered 415 before any of them was read. */
const ignoreType = async ({ raw }: FastifyRequest): Promise<void> => {
  raw.headers['content-type'] = 'application/cmcd';
};

/**
 * Serves CMCD version 2 event reports (CTA-5004-B): a dictionary of structured fields a line. What is good is taken, line by
 * line, and the answer is 204 whatever the rest was, which is listed with its reason; 503 where the store cannot take it now.
 */
export async function serveCmcd(app: FastifyInstance, { ingest }: Gateway): Promise<void> {
  app.post<{ Querystring: { source?: string | string[] } }>('/cmcd', { config: { needs: ['emit'], takesKeyInAddress: true }, onRequest: ignoreType }, async (request, reply) => {
    const source = request.query.source ?? onlySource(request.caller) ?? DEFAULT_SOURCE;
    const own = ingestFor(ingest, request.caller);
    const read = await loadCmcdReader();
    const refused: Refused[] = [];
    let unlisted = 0;
    const refuse = (code: ErrorCode, message: string, bytes: Uint8Array): void => {
      if (refused.length < MOST_LISTED) refused.push({ receiver: RECEIVER, kind: null, code, field: null, message, came: { bytes } });
      else unlisted += 1;
    };
    let waiting: unknown[] = [];
    const send = async (): Promise<void> => {
      const events = waiting;
      waiting = [];
      await own.send(KIND, events, RECEIVER);
    };
    try {
      for await (const line of readLines(streamBody(request.raw, LIMITS.ingestBody))) {
        if (line.every((byte) => byte <= SPACE)) continue;
        const decoded = read(line);
        if ('report' in decoded) waiting.push({ source, report: decoded.report });
        else refuse('EVENT_INVALID', decoded.message, line);
        if (waiting.length >= BATCH) await send();
      }
    } catch (error) {
      if (!isFinal(error)) throw error;
      refuse(error.code, `${error.message} The whole lines before are taken.`, new Uint8Array());
    }
    await send();
    if (unlisted > 0) refused.push({ receiver: RECEIVER, kind: null, code: 'EVENT_INVALID', field: null, message: `${unlisted} more lines of the same body are no reports`, came: { bytes: new Uint8Array() } });
    await ingest.record(refused);
    return reply.code(204).send();
  });
}
