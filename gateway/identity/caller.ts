/** What a caller may do. `admin` may do everything; `own` is for those who keep a team's surveys and questions. */
export const ROLES = ['read', 'emit', 'own', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** A role, perhaps bound: `emit` to one source of events, `own` to one team. */
export interface Grant {
  readonly role: Role;
  /** The source or the team; null where the role is not bound. */
  readonly scope: string | null;
}

/** Whoever sent a request. */
export interface Caller {
  /** The name of the key, or the subject of the token; `local` for anyone on this machine where there are no keys. */
  readonly name: string;
  readonly grants: readonly Grant[];
}

/** Whoever nobody was told of. */
export const NOBODY: Caller = { name: 'nobody', grants: [] };

/** The caller in an operation's context, as the server put it there. */
export function callerIn(context: unknown): Caller {
  const { caller = NOBODY } = (context ?? {}) as { readonly caller?: Caller };
  return caller;
}

/** Reads `read`, `admin`, `emit`, `emit:SOURCE`, `own` or `own:TEAM`; null for anything else. */
export function parseGrant(text: string): Grant | null {
  const [, name = '', scope] = /^([a-z]+)(?::(.+))?$/s.exec(text) ?? [];
  const role = ROLES.find((each) => each === name);
  if (role === undefined || (scope !== undefined && role !== 'emit' && role !== 'own')) return null;
  return { role, scope: scope ?? null };
}

/** Whether a caller has a role, bound or not. */
export function hasRole({ grants }: Caller, role: Role): boolean {
  return grants.some((grant) => grant.role === role || grant.role === 'admin');
}

/** The sources that a caller may emit for; null for any. */
export function emittableSources({ grants }: Caller): ReadonlySet<string> | null {
  const emitting = grants.filter(({ role }) => role === 'emit' || role === 'admin');
  return emitting.some(({ scope }) => scope === null) ? null : new Set(emitting.flatMap(({ scope }) => scope ?? []));
}

/** The source of a caller that may only emit, and for one source; null for any other. Its key may stand in the address that a player reports to. */
export function onlySource({ grants }: Caller): string | null {
  const [grant] = grants;
  return grants.length === 1 && grant?.role === 'emit' ? grant.scope : null;
}
