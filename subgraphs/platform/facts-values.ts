import { isJsonObject } from '../../kit/ingest/json-object.ts';
import { isCalendarDate, parseInstant } from '../../kit/ingest/time.ts';

/** The values of facets, read leniently: what has not the form that is looked for is as good as absent. */
export type Body = Readonly<Record<string, unknown>>;

export const textOf = (value: unknown): string | null => (typeof value === 'string' && value.trim() !== '' ? value.trim() : null);
export const countOf = (value: unknown): number | null => (Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : null);
export const numberOf = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);
export const membersOf = (value: unknown): readonly (readonly [name: string, value: unknown])[] => (isJsonObject(value) ? Object.entries(value) : []);
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const dateOf = (value: unknown): string | null => (typeof value === 'string' && isCalendarDate(value) ? value : null);
/** Milliseconds of an instant, or of the first moment of a day in UTC. */
export const momentOf = (value: unknown): number | null => {
  if (typeof value !== 'string') return null;
  return parseInstant(isCalendarDate(value) ? `${value}T00:00Z` : value)?.ms ?? null;
};
/** True for a facet by which its sender takes an earlier one back. */
export const isDeletion = (value: unknown): boolean => isJsonObject(value) && value['_deleted'] === true;
