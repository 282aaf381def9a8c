import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Refusal } from './faults/refusal.ts';

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;

/** True for a host to listen on that only this machine reaches. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || isLoopbackAddress(host);
}

/** True for a socket address of this machine. */
function isLoopbackAddress(address: string | undefined): boolean {
  return address !== undefined && LOOPBACK.test(address);
}

/** True for a caller on this machine itself, not one that a proxy on it speaks for. */
export function isLocalCaller(request: FastifyRequest): boolean {
  const isForwarded = request.headers.forwarded !== undefined || request.headers['x-forwarded-for'] !== undefined;
  return !isForwarded && isLoopbackAddress(request.raw.socket.remoteAddress);
}

export interface AccessOptions {
  /** The address that the server listens on. */
  readonly host: string;
  /** Origins whose pages may call; `*` for any. */
  readonly corsOrigins: readonly string[];
  /** Requests a second of each caller; null for any number. */
  readonly rateLimit: number | null;
}

const LOCAL_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Seconds for which a browser remembers that it may ask: the longest that Chromium takes. */
const PREFLIGHT_AGE = '7200';

/**
 * Routes that only take: players run in pages of any origin and cannot tell who is told what. A page can add reports to
 * them, which name no person and nothing but their own sessions, and learns nothing by it. Where CORS_ORIGINS names origins, these
 * alone may.
 */
const OPEN_TO_PAGES = new Set(['/cmcd']);

const pathOf = (url: string): string => url.replace(/[?#].*$/, '').replace(/(?<=.)\/$/, '');

const hostnameOf = (host: string): string => host.replace(/:\d+$/, '').toLowerCase();

/**
 * Guards every route: a server on loopback answers only to loopback's names, so that a page cannot rebind its own
 * name to this machine; a page of another origin is told what CORS_ORIGINS allows, and cannot send facts without it but
 * where players do.
 */
export function guardAccess(app: FastifyInstance, { host, corsOrigins }: AccessOptions): void {
  const isLocal = isLoopbackHost(host);
  const isNamed = (origin: string): boolean => corsOrigins.includes('*') || corsOrigins.includes(origin);

  app.addHook('onRequest', async (request, reply) => {
    const asked = request.headers.host ?? '';
    if (isLocal && asked !== '' && !LOCAL_NAMES.has(hostnameOf(asked)) && hostnameOf(asked) !== host) {
      throw new Refusal(403, 'HOST_NOT_ALLOWED', `This server listens on ${host} only and does not answer for "${asked}".`);
    }
    const { origin } = request.headers;
    if (origin === undefined) return;
    const mayCall = isNamed(origin) || (corsOrigins.length === 0 && OPEN_TO_PAGES.has(pathOf(request.url)));
    const isOwn = URL.canParse(origin) && new URL(origin).host === asked;
    if (mayCall) {
      void reply.header('access-control-allow-origin', corsOrigins.includes('*') ? '*' : origin).header('vary', 'origin').header('access-control-expose-headers', 'retry-after');
    }
    if (request.method === 'OPTIONS') {
      if (mayCall) {
        void reply
          .header('access-control-allow-methods', 'GET, POST')
          .header('access-control-allow-headers', request.headers['access-control-request-headers'] ?? 'content-type')
          .header('access-control-max-age', PREFLIGHT_AGE);
      }
      return reply.code(204).send();
    }
    // A page may send text without asking first, so what it sends is refused here and not by its browser.
    if (request.method === 'POST' && !isOwn && !mayCall) {
      throw new Refusal(403, 'ORIGIN_NOT_ALLOWED', `Pages of ${origin} may not call this address; CORS_ORIGINS names the ones that may.`);
    }
    return undefined;
  });
}
