import { Kind } from 'graphql';
import type { DocumentNode, FragmentDefinitionNode, SelectionSetNode } from 'graphql';
import type { SupergraphTypes } from './supergraph-types.ts';

/** An object of a response while it is being put together. */
export type ResponseObject = Record<string, unknown>;

/** Which keys of a subgraph's answer hold objects; the others are leaves, whose values (a JSON scalar's objects) are never changed. */
export interface ResponseShape {
  readonly children: Map<string, ResponseShape>;
  /** Every key that is selected. */
  readonly keys: Set<string>;
}

/** The shape of the answer to a plan's operation. */
export function createResponseShape(document: DocumentNode): ResponseShape {
  const fragments = new Map<string, FragmentDefinitionNode>();
  let root: SelectionSetNode | undefined;
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    else if (definition.kind === Kind.OPERATION_DEFINITION) root = definition.selectionSet;
  }
  const shape = createEmptyShape();
  const add = (into: ResponseShape, selectionSet: SelectionSetNode): void => {
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = fragments.get(selection.name.value);
        if (fragment) add(into, fragment.selectionSet);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) add(into, selection.selectionSet);
      else {
        const key = selection.alias?.value ?? selection.name.value;
        into.keys.add(key);
        if (selection.selectionSet) add(childShape(into, key), selection.selectionSet);
      }
    }
  };
  if (root) add(shape, root);
  return shape;
}

function createEmptyShape(): ResponseShape {
  return { children: new Map(), keys: new Set() };
}

function childShape(shape: ResponseShape, key: string): ResponseShape {
  let child = shape.children.get(key);
  if (!child) shape.children.set(key, (child = createEmptyShape()));
  return child;
}

/** Teaches a shape that `from` is renamed `to` at the end of `path`. */
export function renameInShape(shape: ResponseShape, path: readonly string[], from: string, to: string): void {
  let parent = shape;
  for (const key of path) parent = childShape(parent, key);
  parent.keys.add(to);
  const moved = parent.children.get(from);
  if (!moved) return;
  const absorb = (into: ResponseShape, other: ResponseShape): void => {
    for (const key of other.keys) into.keys.add(key);
    for (const [key, child] of other.children) absorb(childShape(into, key), child);
  };
  absorb(childShape(parent, to), moved);
}

/**
 * Merges what a subgraph answered into what is there. Lists of one field are the same list and are merged element by element, never
 * joined; null does not replace a value, since it may only mean that this subgraph failed.
 * `copy` leaves `source` untouched and unshared, for an answer that belongs in several places.
 */
export function mergeInto(target: ResponseObject, source: ResponseObject, shape: ResponseShape, types: SupergraphTypes, copy: boolean): void {
  for (const key in source) {
    const value = source[key];
    const existing = target[key];
    if (value === null || value === undefined) {
      if (existing === undefined) target[key] = null;
      continue;
    }
    const child = shape.children.get(key);
    if (child === undefined) {
      // An interface object's subgraph knows the interface's name only: it does not hide the type that another subgraph told.
      if (key !== '__typename' || typeof existing !== 'string' || types.isObject(value as string)) target[key] = value;
    } else if (existing === null || existing === undefined) target[key] = copy ? copyValue(value, child) : value;
    else mergeValues(existing, value, child, types, copy);
  }
}

function mergeValues(existing: unknown, value: unknown, shape: ResponseShape, types: SupergraphTypes, copy: boolean): void {
  if (Array.isArray(existing)) {
    if (!Array.isArray(value)) return;
    const length = Math.min(existing.length, value.length);
    for (let index = 0; index < length; index++) {
      const element: unknown = value[index];
      if (element === null || element === undefined) continue;
      if (existing[index] === null || existing[index] === undefined) existing[index] = copy ? copyValue(element, shape) : element;
      else mergeValues(existing[index], element, shape, types, copy);
    }
  } else if (isResponseObject(existing) && isResponseObject(value)) mergeInto(existing, value, shape, types, copy);
}

function copyValue(value: unknown, shape: ResponseShape): unknown {
  if (Array.isArray(value)) return value.map((element) => copyValue(element, shape));
  if (!isResponseObject(value)) return value;
  const copied: ResponseObject = {};
  for (const key in value) {
    const child = shape.children.get(key);
    copied[key] = child === undefined ? value[key] : copyValue(value[key], child);
  }
  return copied;
}

/** Sets a value under a key, or adds what it holds beyond the one that is there. */
export function takeOver(target: Record<string | number, unknown>, key: string | number, value: unknown): void {
  const existing = target[key];
  if (existing === undefined || existing === null || typeof existing !== 'object') {
    if (value !== undefined && (value !== null || existing === undefined)) target[key] = value;
  } else if (Array.isArray(existing) && Array.isArray(value)) for (const [index, element] of value.entries()) takeOver(existing as unknown as Record<number, unknown>, index, element);
  else if (isResponseObject(existing) && isResponseObject(value)) for (const [name, field] of Object.entries(value)) takeOver(existing, name, field);
}

/** True for an object that is neither null nor a list. */
export function isResponseObject(value: unknown): value is ResponseObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
