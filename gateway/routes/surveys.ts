import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { FileError } from '../../importers/importer.ts';
import { importFile } from '../../importers/runner.ts';
import type { Summary } from '../../importers/runner.ts';
import { isJsonObject } from '../../kit/ingest/json-object.ts';
import { Refusal } from '../faults/refusal.ts';
import type { Gateway } from '../gateway.ts';
import { ingestFor } from '../ingest/sources.ts';
import { parseRecorded } from '../ingest/unreadable.ts';
import { LIMITS } from '../limits.ts';
import { readBody } from '../request-body.ts';

const RECEIVER = 'SURVEYS';

/** What names an edition of a survey. */
interface SurveyKey {
  readonly namespace: string;
  readonly name: string;
  readonly edition: string;
}

const badName = (came: string): Refusal =>
  new Refusal(400, 'EVENT_INVALID', `Expected /surveys/NAMESPACE:NAME:EDITION/responses, each part percent-encoded where it holds a colon or a slash, got ${came}.`);

/**
 * Reads the edition from the path as it was sent: its three parts are percent-encoded by themselves, or all together where none holds
 * a colon. @throws Refusal 400
 */
export function parseSurveyPath(url: string): SurveyKey {
  const segment = /^\/surveys\/([^/?]*)\/responses/.exec(url)?.[1] ?? '';
  try {
    const parts = segment.includes(':') ? segment.split(':').map(decodeURIComponent) : decodeURIComponent(segment).split(':');
    const [namespace = '', name = '', edition = '', ...rest] = parts;
    if (rest.length === 0 && namespace !== '' && name !== '' && edition !== '') return { namespace, name, edition };
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
  }
  throw badName(segment);
}

const toParameters = (query: Readonly<Record<string, string | string[]>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(query).map(([name, value]) => {
      if (typeof value === 'string') return [name, value];
      throw new FileError('FILE_BAD_PARAMETER', `expected the parameter ${name} once, got it ${value.length} times`);
    }),
  );

/** Serves survey answers: an export as a file, streamed, or one response. */
export async function serveSurveys(app: FastifyInstance, { importers, ingest }: Gateway): Promise<void> {
  const importer = importers.find(({ kind }) => kind === 'survey');

  /** A file is answered as `/import` answers it: a summary that names the rows that were not taken. */
  const takeExport = async (request: FastifyRequest, key: SurveyKey): Promise<Summary> => {
    if (importer === undefined) throw new Refusal(404, 'NOT_FOUND', 'This process reads no survey exports.');
    const parameters = { ...toParameters(request.query as Record<string, string | string[]>), ...key };
    // Zipped or not, as its first bytes say: its reader tells of damage as it does for any file.
    const own = ingestFor(ingest, request.caller);
    const bytes = request.raw.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
    return importFile(importer, bytes, parameters, (kind, events) => own.send(kind, events, RECEIVER));
  };

  /** One response: 201 where it is kept, or was before; 400 with the field where it is none. */
  const takeResponse = async (request: FastifyRequest, reply: FastifyReply, survey: SurveyKey): Promise<FastifyReply> => {
    const response = await parseRecorded(await readBody(request.raw, LIMITS.ingestBody), RECEIVER, ingest);
    // What is no object is refused by the owner of the kind, with the reason that it gives for every such event.
    const event = isJsonObject(response) ? { ...response, survey } : response;
    const { repeated, rejected: [rejection] } = await ingestFor(ingest, request.caller).send('survey-response', [event], RECEIVER);
    if (rejection !== undefined) {
      const { code, field, message } = rejection;
      return reply.code(400).send({ error: { code, field, message } });
    }
    return reply.code(201).send({ status: repeated > 0 ? 'repeated' : 'accepted' });
  };

  app.post('/surveys/:survey/responses', { config: { needs: ['emit', 'own'] } }, async (request, reply): Promise<Summary | FastifyReply> => {
    const key = parseSurveyPath(request.raw.url ?? '');
    const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
    if (type === 'text/csv' || type === 'text/tab-separated-values') return takeExport(request, key);
    if (type === 'application/json') return takeResponse(request, reply, key);
    throw new Refusal(415, 'BODY_UNREADABLE', `Expected an export as text/csv (or text/tab-separated-values), or one response as application/json, got ${type === '' ? 'no content-type' : type}.`);
  });
}
