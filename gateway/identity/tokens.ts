import { z } from 'zod';
import { parseGrant, type Caller } from './caller.ts';

/** Whose tokens are taken. */
export interface TokenOptions {
  /** Where the issuer publishes its keys. */
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
}

/** Gives the caller that a token speaks for; null for a token that is not of this issuer, for this audience, signed and in time. */
export type VerifyToken = (token: string) => Promise<Caller | null>;

/** Algorithms with a public key: a token signed by a secret that the issuer's page shows would be anyone's. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

/** jose's codes for a key set that could not be had, which says nothing about the token. */
const OUTAGES = new Set(['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC']);

const claims = z.object({ sub: z.string().min(1), roles: z.array(z.string()).optional(), scope: z.string().optional() });

/** Verifies JSON Web Tokens against the issuer's key set. Roles are in the claim `roles`, or in `scope` with spaces between; others in there are not ours. */
export function createTokenVerifier({ jwksUrl, issuer, audience }: TokenOptions): VerifyToken {
  const loading = import('jose').then((jose) => ({ jose, keySet: jose.createRemoteJWKSet(new URL(jwksUrl)) }));
  return async (token) => {
    const { jose, keySet } = await loading;
    try {
      const { payload } = await jose.jwtVerify(token, keySet, { issuer, audience, algorithms: ALGORITHMS });
      const { sub, roles, scope } = claims.parse(payload);
      return { name: sub, grants: (roles ?? scope?.split(' ') ?? []).flatMap((text) => parseGrant(text) ?? []) };
    } catch (error) {
      if (error instanceof jose.errors.JOSEError && !OUTAGES.has(error.code)) return null;
      if (error instanceof z.ZodError) return null;
      throw error;
    }
  };
}

