import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Refusal, refuseForNow } from '../faults/refusal.ts';
import { isLocalCaller } from '../access.ts';
import { hasRole, NOBODY, onlySource, type Caller, type Role } from './caller.ts';
import { findKey, type Keys } from './keys.ts';
import { PASSPORT_HEADER, type Passports } from './passports.ts';
import type { VerifyToken } from './tokens.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Roles of which a caller needs one; none for what anyone may ask. A route that says nothing is for administrators. */
    needs?: readonly Role[];
    /** Takes a write-only key in the address, as `?key=`: a player cannot send headers. */
    takesKeyInAddress?: boolean;
    /** Is for gateways, which say who asks by a passport. */
    isForGateways?: boolean;
  }
  interface FastifyRequest {
    /** Whoever sent it; known once the route is. */
    caller: Caller;
  }
}

export interface IdentityOptions {
  /** Null where there are none. */
  readonly keys: Keys | null;
  readonly verifyToken: VerifyToken | null;
  /** Null where this process shares no secret with gateways. */
  readonly passports: Passports | null;
}

/** Anyone on this machine, where the server listens on loopback and has no keys. */
const LOCAL: Caller = { name: 'local', grants: [{ role: 'admin', scope: null }] };
/** Whoever a proxy on this machine speaks for, there. */
const PROXIED: Caller = { name: 'proxied', grants: [{ role: 'read', scope: null }, { role: 'emit', scope: null }] };

const CHALLENGE = { 'www-authenticate': 'Bearer' };

/** The key or token of a request; null where it brings none. */
function credentialOf(request: FastifyRequest): string | null {
  const { authorization, 'x-api-key': apiKey } = request.headers;
  if (typeof apiKey === 'string' && apiKey !== '') return apiKey;
  return /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1] ?? null;
}

function keyInAddress(request: FastifyRequest): string | null {
  return new URL(request.url, 'http://localhost').searchParams.get('key');
}

/** Finds out who calls, and lets them do only what they may. To be called before the routes are made. */
export function guardRoles(app: FastifyInstance, { keys, verifyToken, passports }: IdentityOptions): void {
  const isOpen = keys === null && verifyToken === null;

  const find = async (credential: string): Promise<Caller> => {
    const known = keys === null ? null : findKey(keys, credential);
    if (known !== null) return known;
    if (verifyToken !== null && credential.split('.').length === 3) {
      const caller = await verifyToken(credential).catch(() => {
        throw refuseForNow('IDENTITY_UNAVAILABLE', "The issuer's keys cannot be had, so nobody can be told by a token; try again.");
      });
      if (caller !== null) return caller;
    }
    throw new Refusal(401, 'UNAUTHENTICATED', 'Expected a key or token of this server, got one that it does not know, or that is out of time.', CHALLENGE);
  };

  const identify = async (request: FastifyRequest): Promise<Caller> => {
    const { isForGateways = false, takesKeyInAddress = false } = request.routeOptions.config;
    const passport = request.headers[PASSPORT_HEADER];
    if (isForGateways && passports !== null && typeof passport === 'string') {
      const caller = await passports.read(passport);
      if (caller !== null) return caller;
      throw new Refusal(401, 'UNAUTHENTICATED', `Expected in ${PASSPORT_HEADER} what a gateway with the same GATEWAY_KEY signed a moment ago, got something else.`);
    }
    if (isOpen) return isLocalCaller(request) ? LOCAL : PROXIED;
    const credential = credentialOf(request);
    if (credential !== null) {
      const caller = await find(credential);
      // Nobody but an administrator asks a subgraph past the gateway and its limits.
      return isForGateways && !hasRole(caller, 'admin') ? NOBODY : caller;
    }
    const key = takesKeyInAddress ? keyInAddress(request) : null;
    if (key === null) return NOBODY;
    const caller = await find(key);
    if (onlySource(caller) !== null) return caller;
    throw new Refusal(403, 'FORBIDDEN', 'Expected in an address only a key that may emit for one source and nothing else: addresses are written down in many places.');
  };

  app.decorateRequest('caller');
  app.addHook('onRequest', async (request) => {
    request.caller = NOBODY;
    if (request.is404) return;
    const { needs = ['admin'] } = request.routeOptions.config;
    request.caller = await identify(request);
    if (needs.length === 0 || needs.some((role) => hasRole(request.caller, role))) return;
    if (request.caller === NOBODY) throw new Refusal(401, 'UNAUTHENTICATED', 'Expected a key, as `Authorization: Bearer KEY` or `x-api-key: KEY`, got none.', CHALLENGE);
    if (request.caller === PROXIED) throw new Refusal(403, 'LOOPBACK_ONLY', 'Without keys this route is for callers on the same machine, not for those that a proxy speaks for; set API_KEYS.');
    throw new Refusal(403, 'FORBIDDEN', `Expected a caller with the role ${needs.join(' or ')}, got ${request.caller.name}, who has not.`);
  });
}
