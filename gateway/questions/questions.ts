import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GraphQLError, Kind, parse, validate } from 'graphql';
import type { DirectiveNode, DocumentNode, FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode, SelectionSetNode } from 'graphql';
import type { Finish } from './finished-rows.ts';

/** A saved question: one GraphQL operation in `questions/<name>.graphql`. */
export interface Question {
  /** The file's name without its ending. */
  readonly name: string;
  /** The operation's own name, under which the text is executed. */
  readonly operationName: string;
  /** The document as it stands in the file, without the directives that say how its rows are finished: what is planned and run. */
  readonly text: string;
  /** What is done to the finished rows; null where the operation asks for nothing. */
  readonly finish: Finish | null;
}

/** Questions that can be asked, and why the others cannot. */
export interface Questions {
  /** The question of a file's or an operation's name. */
  find(name: string): Question | undefined;
  readonly names: readonly string[];
  /** By file name, in one line each. */
  readonly problems: ReadonlyMap<string, string>;
}

/** The arguments that each finishing directive takes; `?` marks those that may be left out. */
const DIRECTIVES: Readonly<Record<string, Readonly<Record<string, 'String' | 'Boolean?'>>>> = {
  rows: { path: 'String' },
  sum: { path: 'String', as: 'String' },
  sort: { by: 'String', descending: 'Boolean?' },
};

function argumentsOf(directive: DirectiveNode): Record<string, string | boolean> {
  const expected = DIRECTIVES[directive.name.value] ?? {};
  const values: Record<string, string | boolean> = {};
  for (const argument of directive.arguments ?? []) {
    const name = argument.name.value;
    const type = expected[name];
    const { value } = argument;
    if (type === undefined) throw new GraphQLError(`@${directive.name.value} takes ${Object.keys(expected).join(' and ')}, not ${name}`);
    if (type === 'String' && value.kind === Kind.STRING) values[name] = value.value;
    else if (type === 'Boolean?' && value.kind === Kind.BOOLEAN) values[name] = value.value;
    else throw new GraphQLError(`@${directive.name.value}(${name}:) takes a plain ${type.replace('?', '')}`);
  }
  for (const [name, type] of Object.entries(expected)) {
    if (!type.endsWith('?') && values[name] === undefined) throw new GraphQLError(`@${directive.name.value} lacks its argument ${name}`);
  }
  return values;
}

/** The selection set under a path of response keys; null where the path is not selected, undefined where it ends in a leaf. */
function selectionAt(set: SelectionSetNode | undefined, path: readonly string[], fragments: ReadonlyMap<string, FragmentDefinitionNode>): SelectionSetNode | undefined | null {
  const [key, ...rest] = path;
  if (key === undefined) return set;
  for (const selection of set?.selections ?? []) {
    if (selection.kind === Kind.FIELD) {
      if ((selection.alias ?? selection.name).value !== key) continue;
      const found = selectionAt(selection.selectionSet, rest, fragments);
      if (found !== null) return found;
    } else {
      const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection.selectionSet : fragments.get(selection.name.value)?.selectionSet;
      const found = selectionAt(inner, path, fragments);
      if (found !== null) return found;
    }
  }
  return null;
}

function readFinish(document: DocumentNode, operation: OperationDefinitionNode, directives: readonly DirectiveNode[]): Finish | null {
  const byName = new Map<string, Record<string, string | boolean>>();
  for (const directive of directives) {
    if (byName.has(directive.name.value)) throw new GraphQLError(`an operation has at most one @${directive.name.value}`);
    byName.set(directive.name.value, argumentsOf(directive));
  }
  const [rows, sum, sort] = [byName.get('rows'), byName.get('sum'), byName.get('sort')];
  if (rows === undefined) {
    if (sum === undefined && sort === undefined) return null;
    throw new GraphQLError('@sum and @sort need @rows(path:), the list whose rows they are about, such as @rows(path: "failures.nodes")');
  }
  const fragments = new Map(document.definitions.flatMap((each) => (each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each]] : [])));
  const keys = (text: unknown): string[] => String(text).split('.');
  const list = selectionAt(operation.selectionSet, keys(rows.path), fragments);
  if (list === null || list === undefined) throw new GraphQLError(`@rows(path: "${String(rows.path)}") names no list that the operation selects`);
  const isOwnSum = sort !== undefined && sum !== undefined && sort.by === sum.as;
  for (const [name, path] of [['sum', sum?.path], ['sort', isOwnSum ? undefined : sort?.by]] as const) {
    if (path !== undefined && selectionAt(list, keys(path), fragments) !== undefined) {
      throw new GraphQLError(`@${name} names "${String(path)}", which is no figure that each row selects`);
    }
  }
  return {
    rows: keys(rows.path),
    sum: sum === undefined ? null : { path: keys(sum.path), as: String(sum.as) },
    sort: sort === undefined ? null : { by: isOwnSum ? null : keys(sort.by), descending: sort.descending === true },
  };
}

/**
 * Reads a question's document.
 * @throws GraphQLError where it does not parse, is no single query, or asks for rows that it does not select.
 */
export function parseQuestion(name: string, source: string): Question {
  const document = parse(source);
  const operations = document.definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION);
  const [operation] = operations;
  if (operation === undefined || operations.length > 1) throw new GraphQLError(`expected one operation, got ${operations.length}`);
  if (operation.name === undefined) throw new GraphQLError('the operation has no name');
  if (operation.operation !== 'query') throw new GraphQLError(`a question is a query, not a ${operation.operation}`);
  const finishing = (operation.directives ?? []).filter((each) => Object.hasOwn(DIRECTIVES, each.name.value));
  // Cut out rather than printed anew, so that the author's comments and layout stay for whoever opens it.
  const text = finishing.reduceRight(
    (rest, { loc }) => (loc === undefined ? rest : `${rest.slice(0, loc.start).trimEnd()} ${rest.slice(loc.end).trimStart()}`),
    source,
  );
  return { name, operationName: operation.name.value, text, finish: readFinish(document, operation, finishing) };
}

/** Reads every question of a folder and checks it against the schema; none of its faults is thrown. */
export async function loadQuestions(folder: string, schema: GraphQLSchema): Promise<Questions> {
  const files = await readdir(folder).catch(() => []);
  const byName = new Map<string, Question>();
  const byOperation = new Map<string, Question>();
  const problems = new Map<string, string>();
  for (const file of files.filter((each) => each.endsWith('.graphql')).toSorted()) {
    const name = file.slice(0, -'.graphql'.length);
    try {
      const question = parseQuestion(name, await readFile(join(folder, file), 'utf8'));
      const [error] = validate(schema, parse(question.text));
      if (error !== undefined) throw error;
      byName.set(name, question);
      byOperation.set(question.operationName, question);
    } catch (error) {
      problems.set(name, error instanceof Error ? error.message : String(error));
    }
  }
  return { find: (name) => byName.get(name) ?? byOperation.get(name), names: [...byName.keys()], problems };
}
