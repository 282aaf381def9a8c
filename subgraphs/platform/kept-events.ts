import { isJsonObject } from '../../kit/ingest/json-object.ts';
import type { NamedDataset } from './documents.ts';
import { type Body, isDeletion, listOf } from './facts-values.ts';

/**
 * A facet's body out of an event as it is kept, of a dataset that the event reads (`inputs`) or writes (`outputs`). Where both
 * places have it, that of the reading or writing is taken, as it was when the event was folded in.
 */
export function facetIn(event: unknown, side: 'inputs' | 'outputs', { namespace, name }: NamedDataset, facet: string): Body | null {
  const named = listOf(isJsonObject(event) ? event[side] : null).filter(isJsonObject).filter((dataset) => dataset['namespace'] === namespace && dataset['name'] === name);
  const own = side === 'inputs' ? 'inputFacets' : 'outputFacets';
  const bodies = named.flatMap((dataset) => [dataset['facets'], dataset[own]]).flatMap((facets) => {
    const body = isJsonObject(facets) && Object.hasOwn(facets, facet) ? facets[facet] : null;
    return isJsonObject(body) ? [body] : [];
  });
  const last = bodies.at(-1) ?? null;
  return isDeletion(last) ? null : last;
}
