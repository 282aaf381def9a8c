import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Socket } from 'node:net';
import { STATUS_CODES } from 'node:http';
import type { ErrorCode } from '../../kit/graph/errors.ts';

interface Fault {
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: string;
}

const toBody = ({ code, message }: Fault): { readonly error: Omit<Fault, 'status'> } => ({ error: { code, message } });

/** What of a connection's faults its client is told; the parser's own words say nothing to whoever sent the bytes. */
function toFault(error: NodeJS.ErrnoException): Fault {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return { status: 431, code: 'BODY_TOO_LARGE', message: 'The address and the headers are larger than 16 KiB; send a long document by POST.' };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, code: 'BODY_TIMEOUT', message: 'The request did not arrive in time; send it again.' };
    default:
      return { status: 400, code: 'BODY_UNREADABLE', message: 'The bytes are no HTTP/1.1 request.' };
  }
}

/** Answers what is not even a request, in the form of every other refusal, and closes the connection. */
export function answerConnectionFault(error: NodeJS.ErrnoException, socket: Socket): void {
  // Nobody is left to read an answer.
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const fault = toFault(error);
  const body = JSON.stringify(toBody(fault));
  if (socket.writable) {
    socket.write(
      `HTTP/1.1 ${fault.status} ${STATUS_CODES[fault.status] ?? ''}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    );
  }
  socket.destroy(error);
}

/** Answers an address that is not percent-encoded as addresses are. */
export function answerBadUrl(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const fault: Fault = { status: 400, code: 'NOT_FOUND', message: `Expected a path with % only before two hexadecimal digits, got ${request.url.split('?')[0]}.` };
  return reply.code(fault.status).send(toBody(fault));
}

const toPattern = (url: string): RegExp => new RegExp(`^${url.replaceAll(/:[a-zA-Z]+/g, '[^/]+')}/?$`);

/** Answers what no route takes: 405 with the methods that the path has, or 404. Is to be called before the routes are made. */
export function answerUnrouted(app: FastifyInstance): void {
  const routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    routes.push({ pattern: toPattern(url), methods: [method].flat() });
  });
  app.setNotFoundHandler(async (request, reply) => {
    const [path = ''] = request.url.split('?');
    const allowed = [...new Set(routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods))];
    const what = `Nothing answers ${request.method} ${path}`;
    if (allowed.length === 0) return reply.code(404).send(toBody({ status: 404, code: 'NOT_FOUND', message: `${what}; ask POST /graphql.` }));
    const methods = allowed.join(', ');
    return reply.code(405).header('allow', methods).send(toBody({ status: 405, code: 'NOT_FOUND', message: `${what}; this path takes ${methods}.` }));
  });
}
