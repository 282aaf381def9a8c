import type { FlattenNodePathSegment } from '@graphql-hive/router-query-planner';
import type { ResponsePath } from './errors.ts';
import { isResponseObject } from './response-shape.ts';
import type { ResponseObject } from './response-shape.ts';
import type { SupergraphTypes } from './supergraph-types.ts';

/** Where a plan finds its entities: keys to follow and types to pass. Lists are always walked through, nested ones too. */
export interface EntityPath {
  readonly steps: readonly (string | TypeStep)[];
}

interface TypeStep {
  readonly names: readonly string[];
  readonly passes: (typename: string) => boolean;
}

/** Reads a planner's path. */
export function createEntityPath(segments: readonly FlattenNodePathSegment[], types: SupergraphTypes): EntityPath {
  const steps: (string | TypeStep)[] = [];
  for (const segment of segments) {
    if (segment === '@') continue;
    if ('Field' in segment) steps.push(segment.Field);
    else {
      const names = segment.TypeCondition;
      const known = new Map<string, boolean>();
      steps.push({
        names,
        passes: (typename) => {
          let passes = known.get(typename);
          if (passes === undefined) known.set(typename, (passes = names.some((name) => types.satisfies(typename, name))));
          return passes;
        },
      });
    }
  }
  return { steps };
}

/** Calls `visit` for every object at the path, in the response's order. */
export function visitEntities(root: ResponseObject, path: EntityPath, visit: (entity: ResponseObject) => void): void {
  walk(root, path.steps, 0, visit);
}

function walk(value: unknown, steps: EntityPath['steps'], at: number, visit: (entity: ResponseObject) => void): void {
  if (value === null || typeof value !== 'object') return;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) walk(value[index], steps, at, visit);
    return;
  }
  const object = value as ResponseObject;
  const step = steps[at];
  if (step === undefined) visit(object);
  else if (typeof step === 'string') walk(object[step], steps, at + 1, visit);
  else if (typeof object['__typename'] === 'string' && step.passes(object['__typename'])) walk(object, steps, at + 1, visit);
}

/** The place of every object at the path, for errors; slower than `visitEntities`, so only used where there are some. */
export function findPlaces(root: ResponseObject, path: EntityPath): Map<ResponseObject, ResponsePath> {
  const places = new Map<ResponseObject, ResponsePath>();
  const find = (value: unknown, at: number, place: ResponsePath): void => {
    if (Array.isArray(value)) value.forEach((element, index) => find(element, at, [...place, index]));
    if (!isResponseObject(value)) return;
    const step = path.steps[at];
    if (step === undefined) places.set(value, place);
    else if (typeof step === 'string') find(value[step], at + 1, [...place, step]);
    else if (typeof value['__typename'] === 'string' && step.passes(value['__typename'])) find(value, at + 1, place);
  };
  find(root, 0, []);
  return places;
}
