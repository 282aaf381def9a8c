import type { EntityPath } from './entity-path.ts';
import type { PlanStep } from './planner.ts';

/** How an operation is executed, as clients are told who ask: which subgraph is asked what, in which order. JSON. */
export type PlanDescription =
  | { readonly kind: 'sequence' | 'parallel'; readonly steps: readonly PlanDescription[] }
  | { readonly kind: 'condition'; readonly variable: string; readonly met: PlanDescription | null; readonly unmet: PlanDescription | null }
  /** Steps whose roots are the objects at `paths`. */
  | { readonly kind: 'stage'; readonly paths: readonly string[]; readonly step: PlanDescription }
  /** One request. Where it has `paths` it asks for the entities found there, all in one. */
  | { readonly kind: 'fetch'; readonly subgraph: string; readonly operation: string; readonly paths?: readonly string[] };

/** Keys with dots between, as the operations of the plan alias them; where only some types are meant, these in angle brackets. */
const describePath = ({ steps }: EntityPath): string => steps.map((step) => (typeof step === 'string' ? step : `<${step.names.join('|')}>`)).join('.');

/** Describes a plan without addresses, variables or anything that was fetched. */
export function describePlan(plan: PlanStep): PlanDescription {
  switch (plan.kind) {
    case 'sequence':
    case 'parallel':
      return { kind: plan.kind, steps: plan.steps.map(describePlan) };
    case 'condition':
      return { kind: 'condition', variable: plan.variable, met: plan.met && describePlan(plan.met), unmet: plan.unmet && describePlan(plan.unmet) };
    case 'stage':
      return { kind: 'stage', paths: plan.roots.map(({ path }) => describePath(path)), step: describePlan(plan.step) };
    case 'root':
      return { kind: 'fetch', subgraph: plan.request.client.name, operation: plan.request.query };
    case 'entities':
      return { kind: 'fetch', subgraph: plan.request.client.name, operation: plan.request.query, paths: plan.groups.flatMap(({ paths }) => paths.map(describePath)) };
  }
}
