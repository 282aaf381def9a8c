import type { ExecutionResult, GraphQLError, GraphQLFormattedError } from 'graphql';
import type { Deadline } from './deadline.ts';
import { findPlaces, visitEntities } from './entity-path.ts';
import type { EntityPath } from './entity-path.ts';
import { SubgraphError } from './errors.ts';
import type { ResponsePath, SubgraphFault } from './errors.ts';
import type { EntityGroup, PlannedRequest, PlanStep } from './planner.ts';
import { MISSING } from './projection.ts';
import { isResponseObject, mergeInto, takeOver } from './response-shape.ts';
import type { ResponseObject } from './response-shape.ts';
import { applyRewrite } from './rewrites.ts';
import type { SupergraphTypes } from './supergraph-types.ts';

/** Told of each request to a subgraph, before it is sent. */
export type RequestListener = (request: { readonly subgraph: string; readonly query: string; readonly representations: number }) => void;

/** One operation under way. */
export interface Execution {
  readonly types: SupergraphTypes;
  /** The coerced variables. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: unknown;
  readonly deadline: Deadline;
  readonly onRequest: RequestListener | undefined;
  /** True for an operation that changes nothing. */
  readonly isQuery: boolean;
  /** Root fields of a mutation that may not be null: where one is, the mutations after it are not made. */
  readonly nonNullRoots: ReadonlySet<string>;
  /** What has been answered so far, by source key. */
  readonly data: ResponseObject;
  readonly faults: SubgraphFault[];
  scope: Map<string, unknown>;
  /** True once a fetch failed as a whole, which its one error stands for. */
  failed: boolean;
  stopped: boolean;
}

type Pending = Promise<void> | undefined;

/** Runs a plan to its end, filling `data` and `errors`. Never rejects for what a subgraph does. */
export function runPlan(step: PlanStep, execution: Execution): Pending {
  switch (step.kind) {
    case 'sequence':
      return runSequence(step.steps, 0, execution);
    case 'parallel': {
      const pending: Promise<void>[] = [];
      for (const child of step.steps) {
        const promise = runPlan(child, execution);
        if (promise) pending.push(promise);
      }
      return pending.length === 0 ? undefined : pending.length === 1 ? pending[0] : Promise.all(pending).then(() => undefined);
    }
    case 'condition': {
      const next = execution.variables[step.variable] === true ? step.met : step.unmet;
      return next ? runPlan(next, execution) : undefined;
    }
    case 'stage':
      return runStage(step, execution);
    case 'root':
      return fetchRoot(step, execution);
    case 'entities':
      return fetchEntities(step.request, step.groups, execution);
  }
}

function runSequence(steps: readonly PlanStep[], from: number, execution: Execution): Pending {
  for (let index = from; index < steps.length; index++) {
    if (execution.stopped) return undefined;
    const promise = runPlan(steps[index] as PlanStep, execution);
    if (promise) return promise.then(() => runSequence(steps, index + 1, execution));
  }
  return undefined;
}

/** Runs a plan whose root is entities that are there, or what stands for them; what goes wrong is told at their places. */
function runStage({ roots, step }: PlanStep & { kind: 'stage' }, execution: Execution): Pending {
  const data: ResponseObject = {};
  const originals = new Map<ResponseObject, ResponseObject>();
  for (const { alias, path, apart } of roots) {
    const entities: ResponseObject[] = [];
    visitEntities(execution.data, path, (entity) => {
      // What is fetched for one stage must not be taken for what another needs.
      const own = apart ? Object.fromEntries(apart.known.flatMap((key) => (key in entity ? [[key, entity[key]]] : []))) : entity;
      originals.set(own, entity);
      entities.push(own);
    });
    data[alias] = entities;
  }
  const stage: Execution = { ...execution, data, faults: [] };
  const end = (): void => {
    execution.failed ||= stage.failed;
    const places = new Map<string, Map<ResponseObject, ResponsePath>>();
    for (const fault of stage.faults) {
      const [alias, index, ...rest] = fault.path;
      const root = roots.find((candidate) => candidate.alias === alias);
      const entities = root && data[root.alias];
      const entity: unknown = Array.isArray(entities) && typeof index === 'number' ? entities[index] : undefined;
      if (root && !places.has(root.alias)) places.set(root.alias, findPlaces(execution.data, root.path));
      const original = isResponseObject(entity) ? originals.get(entity) : undefined;
      const place = root && original ? places.get(root.alias)?.get(original) : undefined;
      execution.faults.push({ ...fault, path: place ? [...place, ...rest] : [] });
    }
    for (const { alias, apart } of roots) for (const own of apart ? (data[alias] as ResponseObject[]) : []) for (const key of apart?.taken ?? []) takeOver(originals.get(own) ?? {}, key, own[key]);
  };
  const pending = runPlan(step, stage);
  if (pending) return pending.then(end);
  end();
  return undefined;
}

/** Hands the answer, or what went wrong, to `take`: at once where the client answers at once. */
function send(request: PlannedRequest, variables: Record<string, unknown>, representations: number, execution: Execution, take: (result: ExecutionResult | null, cause: unknown) => void): Pending {
  for (const name of request.variables) if (Object.hasOwn(execution.variables, name)) variables[name] = execution.variables[name];
  execution.onRequest?.({ subgraph: request.client.name, query: request.query, representations });
  return execution.deadline.run(
    request.client.name,
    (signal) => request.client.execute(
      { query: request.query, operationName: request.operationName, variables, document: request.document },
      { signal, context: execution.context, scope: execution.scope, mayShare: execution.isQuery },
    ),
    take,
  );
}

function fetchRoot({ request, shape, rewrites, asked }: PlanStep & { kind: 'root' }, execution: Execution): Pending {
  return send(request, {}, 0, execution, (result, cause) => {
    if (result === null) {
      execution.failed = true;
      for (const key of shape.keys) {
        if (key === '__typename') continue;
        execution.faults.push({ service: request.client.name, path: [key], said: null, cause });
      }
    } else {
      for (const error of result.errors ?? []) {
        execution.faults.push({ service: request.client.name, path: toSourcePath(error.path ?? [], request), said: error, cause: null });
      }
      const data = result.data;
      if (isResponseObject(data)) {
        for (const key of asked) {
          if (data[key] !== undefined || tells(result.errors, key)) continue;
          execution.faults.push({ service: request.client.name, path: toSourcePath([key], request), said: null, cause: malformed(request, `left out ${key}`) });
        }
        for (const rewrite of rewrites) applyRewrite(data, rewrite, execution.types);
        mergeInto(execution.data, data, shape, execution.types, false);
      }
    }
    if (request.isMutation) {
      execution.scope = new Map();
      for (const key of shape.keys) {
        if (execution.nonNullRoots.has(key) && (execution.data[key] === null || execution.data[key] === undefined)) execution.stopped = true;
      }
    }
  });
}

/** The entities of one group, by the representation that they share. */
interface Gathered {
  readonly group: EntityGroup;
  readonly targets: ResponseObject[][];
}

function fetchEntities(request: PlannedRequest, groups: readonly EntityGroup[], execution: Execution): Pending {
  const variables: Record<string, unknown> = {};
  const gathered: Gathered[] = [];
  let count = 0;
  for (const group of groups) {
    const { targets, representations } = gather(group, execution.data);
    variables[group.variable] = representations;
    gathered.push({ group, targets });
    count += representations.length;
  }
  if (count === 0) return undefined;
  return send(request, variables, count, execution, (result, cause) => {
    if (result === null) {
      execution.failed = true;
      for (const { group, targets } of gathered) {
        const first = targets[0]?.[0];
        if (first) execution.faults.push({ service: request.client.name, path: placeOfFailure(first, group, request, execution), said: null, cause });
      }
      return;
    }
    if (result.errors && result.errors.length > 0) relocateErrors(result.errors, request, gathered, execution);
    for (const { group, targets } of gathered) mergeEntities(result, group, targets, request, execution);
  });
}

function gather(group: EntityGroup, data: ResponseObject): { targets: ResponseObject[][]; representations: ResponseObject[] } {
  const targets: ResponseObject[][] = [];
  const representations: ResponseObject[] = [];
  const byIdentity = new Map<string, ResponseObject[]>();
  const add = (entity: ResponseObject): void => {
    const representation = group.represent(entity);
    if (representation === null) return;
    const known = byIdentity.get(representation.identity);
    if (known) {
      known.push(entity);
      return;
    }
    const places = [entity];
    byIdentity.set(representation.identity, places);
    targets.push(places);
    representations.push(representation.value);
  };
  for (const path of group.paths) visitEntities(data, path, add);
  return { targets, representations };
}

function mergeEntities(result: ExecutionResult, group: EntityGroup, targets: readonly ResponseObject[][], request: PlannedRequest, execution: Execution): void {
  const entities = result.data?.[group.alias];
  // Of a list that is shorter or longer nobody knows which entity is whose.
  if (!Array.isArray(entities) || entities.length !== targets.length) {
    const first = targets[0]?.[0];
    if (first === undefined || (!Array.isArray(entities) && tells(result.errors, group.alias))) return;
    const came = Array.isArray(entities) ? `${entities.length}` : 'something else';
    const cause = malformed(request, `was asked for a list of ${targets.length} entities and gave ${came}`);
    execution.faults.push({ service: request.client.name, path: placeOfFailure(first, group, request, execution), said: null, cause });
    execution.failed = true;
    return;
  }
  for (let index = 0; index < targets.length; index++) {
    const entity: unknown = entities[index];
    const places = targets[index] as readonly ResponseObject[];
    if (!isResponseObject(entity)) {
      if (entity !== null && !group.isWidened) {
        const cause = malformed(request, 'gave an entity that is no object');
        execution.faults.push({ service: request.client.name, path: placeOfFailure(places[0] as ResponseObject, group, request, execution), said: null, cause });
        continue;
      }
      if (group.provesExistence && !hasErrorAt(result.errors, group.alias, index)) for (const place of places) place[MISSING] = true;
      continue;
    }
    for (const rewrite of group.rewrites) applyRewrite(entity, rewrite, execution.types);
    // The last place may have the answer itself: places must not share objects, since later fetches may tell them apart.
    for (let place = 0; place < places.length; place++) {
      mergeInto(places[place] as ResponseObject, entity, group.shape, execution.types, place < places.length - 1);
    }
  }
}

/** True where a subgraph's errors say why there is nothing under a key of its answer. */
function tells(errors: ExecutionResult['errors'], key: string): boolean {
  return errors?.some((error) => !error.path || error.path.length === 0 || error.path[0] === key) ?? false;
}

function malformed({ client: { name } }: PlannedRequest, what: string): SubgraphError {
  return new SubgraphError('SUBGRAPH_INVALID_RESPONSE', `The subgraph ${name} gave an answer that does not fit what it was asked: it ${what}.`);
}

function hasErrorAt(errors: ExecutionResult['errors'], alias: string, index: number): boolean {
  return errors?.some((error) => !error.path || (error.path[0] === alias && (error.path.length === 1 || error.path[1] === index))) ?? false;
}

function relocateErrors(errors: readonly (GraphQLError | GraphQLFormattedError)[], request: PlannedRequest, gathered: readonly Gathered[], execution: Execution): void {
  const places = new Map<EntityPath, Map<ResponseObject, ResponsePath>>();
  for (const error of errors) {
    const [alias, index, ...rest] = error.path ?? [];
    const found = gathered.find(({ group }) => group.alias === alias);
    const targets = found && typeof index === 'number' ? found.targets[index] : undefined;
    if (!found || !targets) {
      const first = (found ?? gathered.find(({ targets: all }) => all.length > 0))?.targets[0]?.[0];
      const group = found?.group ?? gathered[0]?.group;
      const path = first && group ? placeOfFailure(first, group, request, execution) : [];
      execution.faults.push({ service: request.client.name, path, said: error, cause: null });
      continue;
    }
    for (const target of targets) {
      const place = placeOf(target, found.group, execution.data, places);
      execution.faults.push({ service: request.client.name, path: toSourcePath([...place, ...rest], request), said: error, cause: null, isOptional: found.group.isWidened });
    }
  }
}

function placeOfFailure(first: ResponseObject, group: EntityGroup, request: PlannedRequest, execution: Execution): ResponsePath {
  const place = placeOf(first, group, execution.data, new Map());
  return toSourcePath(group.firstKey === undefined ? place : [...place, group.firstKey], request);
}

function placeOf(entity: ResponseObject, group: EntityGroup, data: ResponseObject, places: Map<EntityPath, Map<ResponseObject, ResponsePath>>): ResponsePath {
  for (const path of group.paths) {
    let known = places.get(path);
    if (!known) places.set(path, (known = findPlaces(data, path)));
    const place = known.get(entity);
    if (place) return place;
  }
  return [];
}

/** Puts the planner's internal aliases back. */
function toSourcePath(path: ResponsePath, request: PlannedRequest): ResponsePath {
  return request.renames.size === 0 ? path : path.map((key) => (typeof key === 'number' ? key : (request.renames.get(key) ?? key)));
}
