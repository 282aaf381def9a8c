import { QueryPlanner } from '@graphql-hive/router-query-planner';
import type { FetchNode, FlattenNodePathSegment, PlanNode, RequiresSelection } from '@graphql-hive/router-query-planner';
import { Kind, parse, print } from 'graphql';
import type { DocumentNode, GraphQLSchema } from 'graphql';
import { BoundedCache } from './bounded-cache.ts';
import { createEntityPath } from './entity-path.ts';
import type { EntityPath } from './entity-path.ts';
import { EXISTENCE_ALIAS } from './operation-folding.ts';
import { mendPlan } from './plan-mending.ts';
import { createRepresenter, isRenamed, widenRequires } from './representation.ts';
import type { Representation } from './representation.ts';
import { createResponseShape, renameInShape } from './response-shape.ts';
import type { ResponseObject, ResponseShape } from './response-shape.ts';
import { parseRewrite } from './rewrites.ts';
import type { Rewrite } from './rewrites.ts';
import { orderServices } from './service-order.ts';
import { createStageGraph, STAGE_SERVICE } from './stage-graph.ts';
import { cutOperation } from './stages.ts';
import type { StageRoot } from './stages.ts';
import type { SubgraphClient } from './subgraph-client.ts';
import { createSubgraphFields } from './subgraph-fields.ts';
import type { SupergraphTypes } from './supergraph-types.ts';

/** A request that a plan makes, ready to be sent. */
export interface PlannedRequest {
  readonly client: SubgraphClient;
  readonly query: string;
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  readonly isMutation: boolean;
  /** The client's variables that the operation uses. */
  readonly variables: readonly string[];
  /** Internal aliases and the keys that they stand for, to put errors at the client's path. */
  readonly renames: ReadonlyMap<string, string>;
}

/** A group of entities that one `_entities` field of a request asks for. */
export interface EntityGroup {
  readonly alias: string;
  readonly variable: string;
  readonly paths: readonly EntityPath[];
  readonly represent: (entity: ResponseObject) => Representation | null;
  readonly rewrites: readonly Rewrite[];
  readonly shape: ResponseShape;
  /** A key that this group fetches for the client, to place an error where the whole fetch failed. */
  readonly firstKey: string | undefined;
  /** True where the subgraph owns the entities, so that its null means that there is none. */
  readonly provesExistence: boolean;
  /** True where entities are asked that the client may not have asked about: what goes wrong with those is nobody's business. */
  readonly isWidened: boolean;
}

export type PlanStep =
  | { readonly kind: 'sequence' | 'parallel'; readonly steps: readonly PlanStep[] }
  /** A plan over entities that are there: they stand at its root under these keys. */
  | { readonly kind: 'stage'; readonly roots: readonly (Omit<StageRoot, 'path'> & { readonly path: EntityPath })[]; readonly step: PlanStep }
  | { readonly kind: 'condition'; readonly variable: string; readonly met: PlanStep | null; readonly unmet: PlanStep | null }
  /** `asked`: the keys that an answer has, before rewrites. */
  | { readonly kind: 'root'; readonly request: PlannedRequest; readonly shape: ResponseShape; readonly rewrites: readonly Rewrite[]; readonly asked: readonly string[] }
  | { readonly kind: 'entities'; readonly request: PlannedRequest; readonly groups: readonly EntityGroup[] };

/** Plans operations over one supergraph. */
export interface Planner {
  /**
   * Throws where the operation cannot be planned; the message is the planner's.
   * @param typenamesLeftOut true where objects' types must be asked that the operation does not ask.
   */
  plan(document: DocumentNode, typenamesLeftOut?: boolean): PlanStep | null;
}

/** How often an operation is cut before it is given up; each cut leaves less below it. */
const MOST_CUTS = 16;

/** Query planners hold memory that the garbage collector does not see: a supergraph that is loaded again gets the one that it had. */
const planners = new BoundedCache<string, QueryPlanner>(2);

function openPlanner(supergraphSdl: string): QueryPlanner {
  let planner = planners.get(supergraphSdl);
  if (!planner) planners.set(supergraphSdl, (planner = new QueryPlanner(supergraphSdl)));
  return planner;
}

/** Makes a planner for one supergraph. Throws where it is none. */
export function createPlanner(supergraph: DocumentNode, schema: GraphQLSchema, types: SupergraphTypes, clients: ReadonlyMap<string, SubgraphClient>): Planner {
  const stages = createStageGraph(supergraph, types.typesWithRequirements);
  const ordered = orderServices(stages.supergraph);
  const planner = openPlanner(print(ordered.supergraph));
  // No progressive @override: no labels, and a percentage that no label reaches.
  const labels = new Set<string>();
  const fields = createSubgraphFields(stages.supergraph);

  /** Throws where the planner cannot plan it, or gives things that are required names of its own, which it cannot do without confusing them. */
  function planWhole(document: DocumentNode, typenamesLeftOut: boolean): PlanStep | null {
    const { node } = planner.plan(print(document), null, labels, 0);
    if (!node) return null;
    if (targetsOf(node).some(({ requires }) => isRenamed(requires))) throw new ConfusedPlanError();
    ordered.restore(node);
    mendPlan(node, document, rootOf(document), fields, types, typenamesLeftOut);
    return createStep(node, types, clients);
  }

  function rootOf({ definitions }: DocumentNode): string {
    const operation = definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
    return (operation && schema.getRootType(operation.operation)?.name) ?? '';
  }

  function planInStages(document: DocumentNode, typenamesLeftOut: boolean, cuts: number): PlanStep | null {
    try {
      return planWhole(document, typenamesLeftOut);
    } catch (thrown) {
      const staged = cuts < MOST_CUTS ? cutOperation(document, schema, types, stages, thrown instanceof ConfusedPlanError) : null;
      if (!staged) throw thrown;
      const first = planWhole(staged.first, typenamesLeftOut);
      const further = staged.further.flatMap((each): PlanStep[] => {
        const step = planInStages(each.document, typenamesLeftOut, cuts + 1);
        return step ? [{ kind: 'stage', roots: each.roots.map((root) => ({ ...root, path: createEntityPath(root.path, types) })), step }] : [];
      });
      return { kind: 'sequence', steps: [...(first ? [first] : []), ...(further.length > 1 ? [{ kind: 'parallel' as const, steps: further }] : further)] };
    }
  }
  return { plan: (document, typenamesLeftOut = false) => planInStages(document, typenamesLeftOut, 0) };
}

/** A plan by which a subgraph may be given for a field what was fetched with another's arguments. */
class ConfusedPlanError extends Error {
  constructor() {
    super('Fields of one object require one field of another subgraph with different arguments, and they cannot be planned apart.');
    this.name = 'ConfusedPlanError';
  }
}

function targetsOf(node: PlanNode): readonly { readonly requires: readonly RequiresSelection[] }[] {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return node.nodes.flatMap(targetsOf);
    case 'Flatten':
      return node.node.kind === 'Fetch' ? [{ requires: node.node.requires ?? [] }] : [];
    case 'BatchFetch':
      return node.entityBatch.aliases;
    default:
      return [];
  }
}

function createStep(node: PlanNode, types: SupergraphTypes, clients: ReadonlyMap<string, SubgraphClient>): PlanStep {
  const step = (child: PlanNode): PlanStep => createStep(child, types, clients);
  switch (node.kind) {
    case 'Sequence':
      return { kind: 'sequence', steps: node.nodes.map(step) };
    case 'Parallel':
      return { kind: 'parallel', steps: node.nodes.map(step) };
    case 'Condition':
      return { kind: 'condition', variable: node.condition, met: node.ifClause ? step(node.ifClause) : null, unmet: node.elseClause ? step(node.elseClause) : null };
    case 'Fetch': {
      // The entities at a stage's root are there.
      if (node.serviceName === STAGE_SERVICE) return { kind: 'sequence', steps: [] };
      const rewrites = (node.outputRewrites ?? []).map(parseRewrite);
      const document = parse(node.operation, { noLocation: true });
      const shape = createResponseShape(document);
      const asked = [...shape.keys].filter((key) => key !== '__typename');
      teach(shape, rewrites);
      return { kind: 'root', request: createRequest(node, document, rewrites, clients), shape, rewrites, asked };
    }
    case 'Flatten': {
      if (node.node.kind !== 'Fetch') throw unknownNode(`Flatten of ${node.node.kind}`);
      const { requires, inputRewrites, outputRewrites } = node.node;
      const target = { alias: '_entities', representationsVariableName: 'representations', paths: [node.path], requires: requires ?? [], inputRewrites, outputRewrites };
      return createEntitiesStep(node.node, [target], types, clients);
    }
    case 'BatchFetch':
      return createEntitiesStep(node, node.entityBatch.aliases, types, clients);
    default:
      throw unknownNode(node.kind);
  }
}

/** The names of the subgraphs that a plan asks. */
export function collectServices(step: PlanStep): ReadonlySet<string> {
  switch (step.kind) {
    case 'sequence':
    case 'parallel':
      return new Set(step.steps.flatMap((child) => [...collectServices(child)]));
    case 'stage':
      return collectServices(step.step);
    case 'condition':
      return new Set([step.met, step.unmet].flatMap((child) => (child === null ? [] : [...collectServices(child)])));
    case 'root':
    case 'entities':
      return new Set([step.request.client.name]);
  }
}

interface Target {
  readonly alias: string;
  readonly representationsVariableName: string;
  readonly paths: FlattenNodePathSegment[][];
  readonly requires: RequiresSelection[];
  readonly inputRewrites?: FetchNode['inputRewrites'];
  readonly outputRewrites?: FetchNode['outputRewrites'];
}

type RequestNode = Pick<FetchNode, 'serviceName' | 'operation' | 'operationKind' | 'operationName' | 'variableUsages'>;

function createEntitiesStep(node: RequestNode, targets: readonly Target[], types: SupergraphTypes, clients: ReadonlyMap<string, SubgraphClient>): PlanStep {
  const document = parse(node.operation, { noLocation: true });
  const whole = createResponseShape(document);
  const all: Rewrite[] = [];
  const groups = targets.map((target): EntityGroup => {
    const shape = whole.children.get(target.alias);
    if (!shape) throw unknownNode(`a group without its field ${target.alias}`);
    // A rewrite's path may begin at the entities' field; ours begin at the entity.
    const rewrites = (target.outputRewrites ?? []).map(parseRewrite).map((rewrite) => (rewrite.path[0] === target.alias || rewrite.path[0] === '_entities' ? { ...rewrite, path: rewrite.path.slice(1) } : rewrite));
    teach(shape, rewrites);
    all.push(...rewrites);
    const { requires, widened } = widenRequires(target.requires, node.serviceName, types);
    return {
      isWidened: widened,
      alias: target.alias,
      variable: target.representationsVariableName,
      paths: target.paths.map((path) => createEntityPath(path, types)),
      represent: createRepresenter(requires, (target.inputRewrites ?? []).map(parseRewrite), node.serviceName, types),
      rewrites,
      shape,
      firstKey: [...shape.keys].find((key) => key !== '__typename' && !key.startsWith(EXISTENCE_ALIAS)),
      provesExistence: [...shape.keys].some((key) => key.startsWith(EXISTENCE_ALIAS)),
    };
  });
  return { kind: 'entities', request: createRequest(node, document, all, clients), groups };
}

function createRequest(node: RequestNode, document: DocumentNode, rewrites: readonly Rewrite[], clients: ReadonlyMap<string, SubgraphClient>): PlannedRequest {
  const client = clients.get(node.serviceName);
  if (!client) throw new Error(`The supergraph names the subgraph ${node.serviceName}, for which there is no client: there are ${[...clients.keys()].join(', ')}.`);
  return {
    client,
    query: node.operation,
    document,
    operationName: node.operationName ?? undefined,
    isMutation: node.operationKind === 'mutation',
    variables: node.variableUsages ?? [],
    renames: new Map(rewrites.flatMap((rewrite) => (rewrite.change.kind === 'rename' ? [[rewrite.key, rewrite.change.to]] : []))),
  };
}

function teach(shape: ResponseShape, rewrites: readonly Rewrite[]): void {
  for (const { path, key, change } of rewrites) {
    if (change.kind === 'rename') renameInShape(shape, path.filter((step) => typeof step === 'string'), key, change.to);
  }
}

function unknownNode(what: string): Error {
  return new Error(`The query planner made a plan that this gateway does not know: ${what}.`);
}
