import type { FastifyInstance } from 'fastify';
import { Refusal } from '../faults/refusal.ts';
import type { Gateway } from '../gateway.ts';
import { parseWanted, resend } from '../ingest/resend.ts';
import type { Resent } from '../ingest/resend.ts';
import { LIMITS } from '../limits.ts';
import { parseJson, readBody } from '../request-body.ts';

/** Serves the sending again of what was refused or unclaimed, to administrators. */
export async function serveRefusals(app: FastifyInstance, { graph, ingest, cloudEventTypes: types }: Gateway): Promise<void> {
  app.post('/refusals/resend', { config: { needs: ['admin'] } }, async (request): Promise<Resent> => {
    const wanted = parseWanted(parseJson(await readBody(request.raw, LIMITS.graphqlBody)));
    const client = graph.served().clients.get('intake');
    if (client === undefined) throw new Refusal(404, 'NOT_FOUND', 'No subgraph of this graph keeps what was refused; serve the subgraph intake here or name its URL.');
    return resend(wanted, { client, ingest, types });
  });
}
