import { Kind, parse } from 'graphql';
import type { ConstDirectiveNode, DefinitionNode, DocumentNode, FieldDefinitionNode, ObjectTypeDefinitionNode, SelectionNode } from 'graphql';
import { directivesOf, parseFieldSet, readArgument, readQueryType } from './join-directives.ts';

/** The service that a plan names where it begins at entities that are already there. */
export const STAGE_SERVICE = 'loopgraph-stage';
const STAGE_GRAPH = 'LOOPGRAPH_STAGE';
const ROOT_PREFIX = '_stage_';

/** A supergraph in which a plan can begin at entities that have been fetched. */
export interface StageGraph {
  readonly supergraph: DocumentNode;
  /** The fields by which an entity that has been fetched is taken up again; undefined for a type that cannot be. */
  keySelections(type: string): readonly SelectionNode[] | undefined;
  /** The root field whose value is the entities of a type. */
  rootField(type: string): string;
  /** The type of a root field's entities; undefined for other fields. */
  typeOfRoot(field: string): string | undefined;
}

/**
 * Adds a graph of the gateway's own to a supergraph: a root field for each given type, whose entities are known by their keys and nothing
 * else. The planner fails on some fields with `@requires` deep in an operation, but not near its root; with this graph the
 * executor can begin again at such a field.
 */
export function createStageGraph(supergraph: DocumentNode, types: ReadonlySet<string>): StageGraph {
  const keys = new Map<string, readonly string[]>();
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION || !types.has(definition.name.value)) continue;
    const all = directivesOf(definition, 'join__type').flatMap((directive) => (readArgument(directive, 'resolvable') === 'false' ? [] : (readArgument(directive, 'key') ?? [])));
    // The objects in a nested key would have to be in the stage's graph as well.
    const flat = [...new Set(all)].filter((key) => !key.includes('{'));
    if (flat.length > 0) keys.set(definition.name.value, flat);
  }
  const query = readQueryType(supergraph);

  const stage = (definition: DefinitionNode): DefinitionNode => {
    if (definition.kind === Kind.ENUM_TYPE_DEFINITION && definition.name.value === 'join__Graph') {
      const [extra] = parse(`enum E { ${STAGE_GRAPH} @join__graph(name: "${STAGE_SERVICE}", url: "") }`, { noLocation: true }).definitions;
      return { ...definition, values: [...(definition.values ?? []), ...(extra?.kind === Kind.ENUM_TYPE_DEFINITION ? (extra.values ?? []) : [])] };
    }
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) return definition;
    if (definition.name.value === query) {
      const roots = parseObject(`type T @join__type(graph: ${STAGE_GRAPH}) { ${[...keys.keys()].map((type) => `${ROOT_PREFIX}${type}: [${type}] @join__field(graph: ${STAGE_GRAPH})`).join(' ')} }`);
      return extend(definition, roots.directives ?? [], roots.fields ?? [], new Set());
    }
    const key = keys.get(definition.name.value);
    if (key === undefined) return definition;
    const own = parseObject(`type T ${key.map((each) => `@join__type(graph: ${STAGE_GRAPH}, key: ${JSON.stringify(each)}, resolvable: false)`).join(' ')}`);
    return extend(definition, own.directives ?? [], [], new Set(key.flatMap(parseFieldSet).flatMap((selection) => (selection.kind === Kind.FIELD ? [selection.name.value] : []))));
  };
  return {
    supergraph: keys.size === 0 ? supergraph : { kind: Kind.DOCUMENT, definitions: supergraph.definitions.map(stage) },
    keySelections: (type) => keys.get(type)?.flatMap(parseFieldSet),
    rootField: (type) => ROOT_PREFIX + type,
    typeOfRoot: (field) => (field.startsWith(ROOT_PREFIX) && keys.has(field.slice(ROOT_PREFIX.length)) ? field.slice(ROOT_PREFIX.length) : undefined),
  };
}

/** Joins a type to the stage's graph with some of its fields; the others stay where they were. */
function extend(definition: ObjectTypeDefinitionNode, directives: readonly ConstDirectiveNode[], added: readonly FieldDefinitionNode[], shared: ReadonlySet<string>): ObjectTypeDefinitionNode {
  const graphs = directivesOf(definition, 'join__type').flatMap((directive) => readArgument(directive, 'graph') ?? []);
  const fields = (definition.fields ?? []).map((field): FieldDefinitionNode => {
    const joins = directivesOf(field, 'join__field');
    // Without the directive a field is in all graphs of its type, which the stage's is not to be.
    const stated = joins.length > 0 ? [] : graphs.map(joinField);
    const staged = shared.has(field.name.value) ? [joinField(STAGE_GRAPH)] : [];
    return { ...field, directives: [...(field.directives ?? []), ...stated, ...staged] };
  });
  return { ...definition, directives: [...(definition.directives ?? []), ...directives], fields: [...fields, ...added] };
}

function joinField(graph: string): ConstDirectiveNode {
  return {
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: 'join__field' },
    arguments: [{ kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: 'graph' }, value: { kind: Kind.ENUM, value: graph } }],
  };
}

function parseObject(sdl: string): ObjectTypeDefinitionNode {
  const [definition] = parse(sdl, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OBJECT_TYPE_DEFINITION) throw new Error(`Expected an object type, got ${sdl}.`);
  return definition;
}
