import type { PlanNode } from '@graphql-hive/router-query-planner';
import { Kind } from 'graphql';
import type { ConstDirectiveNode, DefinitionNode, DocumentNode } from 'graphql';
import { directivesOf, readArgument, readServices } from './join-directives.ts';

/** A supergraph whose services have names that the planner can work with. */
export interface OrderedSupergraph {
  readonly supergraph: DocumentNode;
  /** Puts the services' own names into a plan. */
  restore(node: PlanNode): void;
}

/**
 * Gives the services of a supergraph names by whose alphabet one that has an interface comes before one that has the interface's object.
 * The planner finds no way from the object to the types behind it where the object's service comes first. Where two services
 * have an object of each other's interface, one of them has to. Without interface objects nothing is changed.
 */
export function orderServices(supergraph: DocumentNode): OrderedSupergraph {
  const services = readServices(supergraph);
  const before = findPrecedence(supergraph);
  if (before.size === 0) return { supergraph, restore: () => undefined };

  const ordered: string[] = [];
  const visited = new Set<string>();
  const visit = (graph: string): void => {
    if (visited.has(graph)) return;
    visited.add(graph);
    for (const earlier of before.get(graph) ?? []) visit(earlier);
    ordered.push(graph);
  };
  for (const graph of services.keys()) visit(graph);

  const given = new Map(ordered.map((graph, index) => [graph, `${String(index).padStart(6, '0')}-${services.get(graph) ?? graph}`]));
  const own = new Map([...given].map(([graph, name]) => [name, services.get(graph) ?? graph]));
  const restore = (node: PlanNode): void => {
    if ('serviceName' in node) node.serviceName = own.get(node.serviceName) ?? node.serviceName;
    else if (node.kind === 'Sequence' || node.kind === 'Parallel') node.nodes.forEach(restore);
    else if (node.kind === 'Flatten') restore(node.node);
    else if (node.kind === 'Condition') for (const clause of [node.ifClause, node.elseClause]) if (clause) restore(clause);
  };
  return { supergraph: { ...supergraph, definitions: supergraph.definitions.map((definition) => rename(definition, given)) }, restore };
}

/** By graph with an interface's object, the graphs that have the interface. */
function findPrecedence(supergraph: DocumentNode): ReadonlyMap<string, ReadonlySet<string>> {
  const before = new Map<string, Set<string>>();
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    const joins = directivesOf(definition, 'join__type');
    const graphs = (isObject: boolean): string[] => joins.flatMap((join) => ((readArgument(join, 'isInterfaceObject') === 'true') === isObject ? (readArgument(join, 'graph') ?? []) : []));
    for (const graph of graphs(true)) before.set(graph, new Set([...(before.get(graph) ?? []), ...graphs(false)]));
  }
  return before;
}

function rename(definition: DefinitionNode, names: ReadonlyMap<string, string>): DefinitionNode {
  if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== 'join__Graph') return definition;
  const values = (definition.values ?? []).map((value) => ({ ...value, directives: (value.directives ?? []).map((directive) => renameIn(directive, names.get(value.name.value))) }));
  return { ...definition, values };
}

function renameIn(directive: ConstDirectiveNode, name: string | undefined): ConstDirectiveNode {
  if (directive.name.value !== 'join__graph' || name === undefined) return directive;
  return { ...directive, arguments: (directive.arguments ?? []).map((argument) => (argument.name.value === 'name' ? { ...argument, value: { kind: Kind.STRING, value: name } } : argument)) };
}
