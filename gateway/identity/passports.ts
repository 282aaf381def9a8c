import { z } from 'zod';
import { ROLES, type Caller } from './caller.ts';

/** The header in which a gateway tells a subgraph's process who asks. */
export const PASSPORT_HEADER = 'x-loopgraph-caller';

/** How long a passport is good for, and how long one is used again, in seconds: clocks differ. */
const LIFETIME_S = 120;
const REUSED_S = 30;

/** Signs and reads who asks, between processes that share a secret. */
export interface Passports {
  /** A token that says who asks; the same one again for a while. */
  issue(caller: Caller): Promise<string>;
  /** Whoever a token speaks for; null where it was not signed with this secret, or is out of time. */
  read(token: string): Promise<Caller | null>;
}

/** A gateway that speaks for itself: it asks for schemas, and hands on events whose senders it has checked. */
export const GATEWAY: Caller = { name: 'gateway', grants: [{ role: 'read', scope: null }, { role: 'emit', scope: null }] };

/** Headers that say to a subgraph's process who asks; none where no secret is shared with it. */
export type Introduce = (caller: Caller) => Promise<Readonly<Record<string, string>>>;

export function createIntroduction(passports: Passports | null): Introduce {
  return async (caller) => (passports === null ? {} : { [PASSPORT_HEADER]: await passports.issue(caller) });
}

const claims = z.object({
  sub: z.string(),
  grants: z.array(z.object({ role: z.enum(ROLES), scope: z.string().nullable() })),
});

/** Passports are JSON Web Tokens by HS256 of issuer `loopgraph`, so that a subgraph in any language can read them. */
export function createPassports(secret: string): Passports {
  const key = new TextEncoder().encode(secret);
  const issued = new WeakMap<Caller, { readonly token: Promise<string>; readonly until: number }>();
  const loading = import('jose');
  return {
    issue(caller) {
      const known = issued.get(caller);
      if (known !== undefined && known.until > performance.now()) return known.token;
      const token = loading.then(({ SignJWT }) =>
        new SignJWT({ grants: [...caller.grants] }).setProtectedHeader({ alg: 'HS256' }).setIssuer('loopgraph').setSubject(caller.name).setIssuedAt().setExpirationTime(`${LIFETIME_S}s`).sign(key),
      );
      issued.set(caller, { token, until: performance.now() + REUSED_S * 1000 });
      return token;
    },
    async read(token) {
      const { jwtVerify, errors } = await loading;
      try {
        const { payload } = await jwtVerify(token, key, { issuer: 'loopgraph', algorithms: ['HS256'] });
        const { sub, grants } = claims.parse(payload);
        return { name: sub, grants };
      } catch (error) {
        if (error instanceof errors.JOSEError || error instanceof z.ZodError) return null;
        throw error;
      }
    },
  };
}
