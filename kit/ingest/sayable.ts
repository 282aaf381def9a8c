/** How deep an event may nest: what a store takes, less what documents put around it. */
export const DEEPEST_EVENT = 64;

/** Whether a value nests deeper than so many levels. */
export function isTooDeep(value: unknown, deepest: number = DEEPEST_EVENT): boolean {
  if (typeof value !== 'object' || value === null) return false;
  // The depth is bounded, so that calling itself overflows nothing, whatever came.
  return deepest === 0 || Object.values(value).some((item) => isTooDeep(item, deepest - 1));
}

/** What of a value no document can say, by its path: too many levels, half a character, a number without an end. */
export interface Unsayable {
  /** Names and places with dots between; null where it is the value itself, or too deep to be named. */
  readonly field: string | null;
  readonly message: string;
}

/** Looks for what JSON's readers let through and no store keeps; null where there is nothing of it. */
export function findUnsayable(value: unknown): Unsayable | null {
  return isSayable(value, DEEPEST_EVENT) ? null : describe(value, []);
}

function isSayable(value: unknown, left: number): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  if (left === 0) return false;
  for (const name in value) {
    if (!name.isWellFormed() || !isSayable((value as Record<string, unknown>)[name], left - 1)) return false;
  }
  return true;
}

function describe(value: unknown, path: readonly string[]): Unsayable | null {
  const field = path.length === 0 ? null : path.join('.');
  if (typeof value === 'string') return value.isWellFormed() ? null : { field, message: 'expected text of whole characters, got half a surrogate pair' };
  if (typeof value === 'number') return Number.isFinite(value) ? null : { field, message: 'expected a number that a double holds, got one that is too large' };
  if (typeof value !== 'object' || value === null) return null;
  if (path.length === DEEPEST_EVENT) return { field: path[0] ?? null, message: `expected at most ${DEEPEST_EVENT} levels of nesting, got more` };
  for (const [name, item] of Object.entries(value)) {
    if (!name.isWellFormed()) return { field, message: 'expected names of whole characters, got one with half a surrogate pair' };
    const found = describe(item, [...path, name]);
    if (found !== null) return found;
  }
  return null;
}
