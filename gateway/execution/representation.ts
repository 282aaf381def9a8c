import type { RequiresSelection } from '@graphql-hive/router-query-planner';
import { isResponseObject } from './response-shape.ts';
import type { ResponseObject } from './response-shape.ts';
import { applyRewrite } from './rewrites.ts';
import type { Rewrite } from './rewrites.ts';
import type { KeyField, SupergraphTypes } from './supergraph-types.ts';

/** What a subgraph is told of an entity, and what makes it the same as another. */
export interface Representation {
  readonly value: ResponseObject;
  readonly identity: string;
}

interface Read {
  /** The key in the response so far. */
  readonly from: string;
  /** The field's name in the representation. */
  readonly to: string;
  readonly nested: readonly RequiresSelection[] | null;
}

interface TypePlan {
  /** What the subgraph calls the type. */
  readonly typename: string;
  readonly reads: readonly Read[];
  readonly flat: boolean;
  /** The keys that the reads hold whole; one of them must be without null. */
  readonly keys: readonly (readonly KeyField[])[];
}

/**
 * Widens fragments on the types of an interface to the interface, for a subgraph that has the interface's object: where a plan asks it
 * for entities of two types together, the planner keeps the condition of one of them and the others would stay without their fields.
 */
export function widenRequires(requires: readonly RequiresSelection[], service: string, types: SupergraphTypes): { requires: readonly RequiresSelection[]; widened: boolean } {
  let widened = false;
  const wide = requires.map((selection) => {
    if (selection.kind !== 'InlineFragment') return selection;
    const typeCondition = types.nameIn(service, selection.typeCondition);
    widened ||= typeCondition !== selection.typeCondition;
    return { ...selection, typeCondition };
  });
  return { requires: wide, widened };
}

/** True where something is to be given under another name than it was fetched, as where it is required with different arguments. */
export function isRenamed(requires: readonly RequiresSelection[]): boolean {
  return requires.some((selection) => {
    if (selection.kind === 'Field' && selection.alias !== undefined && selection.alias !== selection.name) return true;
    return (selection.kind === 'Field' || selection.kind === 'InlineFragment') && isRenamed(selection.selections ?? []);
  });
}

/**
 * Compiles a plan's `requires` to a function from an entity to its representation; null where the entity is of another type, its key
 * holds null (nobody could find it) or something that is required was not fetched.
 */
export function createRepresenter(
  requires: readonly RequiresSelection[],
  rewrites: readonly Rewrite[],
  service: string,
  types: SupergraphTypes,
): (entity: ResponseObject) => Representation | null {
  const plans = new Map<string, TypePlan | null>();
  const planFor = (typename: string): TypePlan | null => {
    let plan = plans.get(typename);
    if (plan === undefined) plans.set(typename, (plan = createTypePlan(requires, typename, service, types)));
    return plan;
  };
  return (entity) => {
    const typename = entity['__typename'];
    if (typeof typename !== 'string') return null;
    const plan = planFor(typename);
    if (plan === null) return null;
    const value: ResponseObject = { __typename: plan.typename };
    let single: unknown;
    for (const read of plan.reads) {
      const field = entity[read.from];
      if (field === undefined) return null;
      const projected = read.nested === null || field === null ? field : projectNested(field, read.nested, types);
      if (projected === undefined) return null;
      value[read.to] = projected;
      single = projected;
    }
    if (plan.keys.length > 0 && !plan.keys.some((key) => isWhole(value, key))) return null;
    for (const rewrite of rewrites) applyRewrite(value, rewrite, types);
    const identity = plan.flat && typeof single === 'string' ? `${typename}\n${single}` : JSON.stringify(value);
    return { value, identity };
  };
}

function createTypePlan(
  requires: readonly RequiresSelection[], typename: string, service: string, types: SupergraphTypes,
): TypePlan | null {
  const reads = readsOf(requires, typename, types);
  if (reads === null) return null;
  const names = new Set(reads.map((read) => read.to));
  // An interface object's subgraph has its keys on the interface.
  const told = types.nameIn(service, typename);
  const keys = [...new Set([typename, told])].flatMap((type) => types.keys(type, service)).filter((key) => key.every((field) => names.has(field.name)));
  return { typename: told, reads, flat: reads.length === 1 && reads[0]?.nested === null, keys };
}

/** The fields that apply to a type, in order and each once; null where no fragment matches it. */
function readsOf(selections: readonly RequiresSelection[], typename: string | undefined, types: SupergraphTypes): Read[] | null {
  const reads = new Map<string, Read>();
  let matched = false;
  const add = (all: readonly RequiresSelection[]): void => {
    for (const selection of all) {
      if (selection.kind === 'InlineFragment') {
        if (typename === undefined || types.satisfies(typename, selection.typeCondition)) {
          matched = true;
          add(selection.selections);
        }
      } else if (selection.kind === 'Field' && selection.name !== '__typename') {
        matched = true;
        const to = selection.alias ?? selection.name;
        const before = reads.get(to);
        const nested = selection.selections && selection.selections.length > 0 ? selection.selections : null;
        reads.set(to, { from: selection.name, to, nested: before?.nested && nested ? [...before.nested, ...nested] : nested });
      }
    }
  };
  add(selections);
  return matched ? [...reads.values()] : null;
}

function projectNested(value: unknown, selections: readonly RequiresSelection[], types: SupergraphTypes): unknown {
  if (Array.isArray(value)) {
    const elements: unknown[] = [];
    for (const element of value) {
      const projected = element === null ? null : projectNested(element, selections, types);
      if (projected === undefined) return undefined;
      elements.push(projected);
    }
    return elements;
  }
  if (!isResponseObject(value)) return value;
  const typename = typeof value['__typename'] === 'string' ? value['__typename'] : undefined;
  const projected: ResponseObject = typename === undefined ? {} : { __typename: typename };
  for (const read of readsOf(selections, typename, types) ?? []) {
    const field = value[read.from];
    const nested = read.nested === null || field === null || field === undefined ? field : projectNested(field, read.nested, types);
    if (nested === undefined) return undefined;
    projected[read.to] = nested;
  }
  return projected;
}

function isWhole(value: unknown, key: readonly KeyField[]): boolean {
  if (Array.isArray(value)) return value.every((element) => isWhole(element, key));
  if (value === null || value === undefined) return false;
  if (key.length === 0) return true;
  return isResponseObject(value) && key.every((field) => isWhole(value[field.name], field.fields));
}
