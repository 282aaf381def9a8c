import type { FetchNodePathSegment, FetchRewrite } from '@graphql-hive/router-query-planner';
import { isResponseObject } from './response-shape.ts';
import type { ResponseObject } from './response-shape.ts';
import type { SupergraphTypes } from './supergraph-types.ts';

/** A planner's order to rename a key or to set a value, at the end of a path of keys and types. */
export interface Rewrite {
  readonly path: readonly (string | { readonly types: readonly string[] })[];
  readonly key: string;
  readonly change: { readonly kind: 'rename'; readonly to: string } | { readonly kind: 'set'; readonly value: string };
}

/** Reads a planner's rewrite. Throws for a form that this version does not know. */
export function parseRewrite(rewrite: FetchRewrite): Rewrite {
  if ('KeyRenamer' in rewrite) return { ...toPath(rewrite.KeyRenamer.path), change: { kind: 'rename', to: rewrite.KeyRenamer.renameKeyTo } };
  const setter = 'ValueSetter' in rewrite ? rewrite.ValueSetter : rewrite;
  return { ...toPath(setter.path), change: { kind: 'set', value: setter.setValueTo } };
}

function toPath(segments: readonly FetchNodePathSegment[]): Pick<Rewrite, 'path' | 'key'> {
  const path = segments.map((segment) => ('Key' in segment ? segment.Key : { types: segment.TypenameEquals }));
  const key = path.pop();
  if (typeof key !== 'string') throw new Error(`Expected a rewrite whose path ends in a key, got ${JSON.stringify(segments)}.`);
  return { path, key };
}

/** Applies a rewrite in place, in every element of a list. */
export function applyRewrite(value: unknown, rewrite: Rewrite, types: SupergraphTypes, at = 0): void {
  if (Array.isArray(value)) {
    for (const element of value) applyRewrite(element, rewrite, types, at);
    return;
  }
  if (!isResponseObject(value)) return;
  const step = rewrite.path[at];
  if (step === undefined) change(value, rewrite);
  else if (typeof step === 'string') applyRewrite(value[step], rewrite, types, at + 1);
  else {
    const typename = value['__typename'];
    if (typeof typename !== 'string' || step.types.some((type) => types.satisfies(typename, type))) applyRewrite(value, rewrite, types, at + 1);
  }
}

function change(object: ResponseObject, { key, change: made }: Rewrite): void {
  if (made.kind === 'set') object[key] = made.value;
  else if (key in object) {
    object[made.to] = object[key];
    delete object[key];
  }
}
