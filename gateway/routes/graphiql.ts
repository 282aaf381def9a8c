import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Gateway } from '../gateway.ts';
import { refuseUnsaved } from './saved-only.ts';

/** True for a browser that opens the address, and not for a client that asks for JSON. */
export function prefersPage(request: FastifyRequest): boolean {
  const accepted = request.headers.accept ?? '';
  return request.method === 'GET' && accepted.includes('text/html') && !accepted.includes('json');
}

/**
 * The page carries its own code, which is all inline: a browser that holds to this loads nothing from elsewhere. Its
 * editor's workers are blobs.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'unsafe-inline' 'unsafe-eval' blob:",
  'worker-src blob:',
  "style-src 'unsafe-inline'",
  'img-src data:',
  'font-src data:',
  "connect-src 'self'",
  "frame-ancestors 'none'",
].join('; ');

const WELCOME = `# loopgraph: what shows, jobs and people say, in one graph.
# The book to the left lists everything that can be asked. Saved questions open by name: /graphql?question=NAME
{
  __schema {
    queryType {
      fields {
        name
        description
      }
    }
  }
}
`;

/** What the page opens with where the schema is not told: its own book stays empty. */
const WELCOME_BLIND = `# loopgraph: what shows, jobs and people say, in one graph.
# This server does not tell its schema. Saved questions open by name: /graphql?question=NAME
{
  __typename
}
`;

const pages = new Map<string, Promise<Buffer>>();

/** Reads GraphiQL only when somebody opens it: it is 9 MB of text. */
async function loadPage(defaultQuery: string): Promise<Buffer> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  return Buffer.from(renderGraphiQL({ title: 'loopgraph', endpoint: '/graphql', defaultQuery }).trimStart());
}

/**
 * Serves GraphiQL; `?question=NAME` leads to it with a saved question.
 * @throws Refusal 403 where only saved questions are run, since the page sends documents
 */
export async function servePage({ questions, introspection, operations }: Gateway, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  if (operations === 'saved') throw refuseUnsaved(questions().names);
  const { searchParams } = new URL(request.url, 'http://localhost');
  const asked = searchParams.get('question');
  const question = asked === null ? undefined : questions().find(asked);
  // The page itself reads only a document from its address, and keeps what was open in other tabs.
  if (question !== undefined) return reply.redirect(`/graphql?query=${encodeURIComponent(question.text)}`, 302);
  const welcome = introspection ? WELCOME : WELCOME_BLIND;
  const page = pages.get(welcome) ?? loadPage(welcome);
  pages.set(welcome, page);
  return reply
    .header('content-type', 'text/html; charset=utf-8')
    .header('content-security-policy', POLICY)
    .header('cache-control', 'no-cache')
    .send(await page);
}
