import { buildClientSchema, getIntrospectionQuery, getNamedType, type GraphQLField, type GraphQLObjectType, isInterfaceType, isLeafType, isObjectType, isRequiredArgument, type IntrospectionQuery } from 'graphql';
import { openStore } from '../../kit/store/open.ts';
import type { Collection, Document } from '../../kit/store/port.ts';
import { readAll } from '../../kit/store/read-all.ts';
import { subgraphs } from '../../subgraphs/index.ts';
import { datasets, jobs, runs } from '../../subgraphs/platform/collections.ts';

/** Takes away what follows from events, of some collections; its number. */
export async function removeDocuments(folder: string): Promise<number> {
  const store = await openStore(`lmdb:${folder}`, subgraphs.flatMap(({ collections }) => collections));
  let removed = 0;
  const remove = async <D extends Document>(collection: Collection<D>): Promise<void> => {
    for await (const page of readAll(store, collection)) {
      await store.commit(async (transaction) => page.forEach(({ id }) => transaction.remove(collection, id)));
      removed += page.length;
    }
  };
  await remove(runs);
  await remove(jobs);
  await remove(datasets);
  await store.close();
  return removed;
}

/** How deep lists and objects are asked for below a root field. */
const DEPTH = 4;
/** Lists that are asked for inside of lists. */
const PAGE = '(first: 5)';

type Field = GraphQLField<unknown, unknown>;

const argumentsOf = (field: Field, page: string): string => (field.args.some(({ name }) => name === 'first') ? page : '');

function selectionOf(type: GraphQLObjectType, depth: number, seen: readonly string[]): string {
  const parts = Object.values(type.getFields()).flatMap((field): string[] => {
    if (field.args.some(isRequiredArgument)) return [];
    const named = getNamedType(field.type);
    if (isLeafType(named)) return [field.name];
    if (!isObjectType(named) || depth === 0 || seen.includes(named.name)) return [];
    const isPage = named.name.endsWith('Connection');
    // A page costs no depth, and only its nodes are asked for.
    const inner = isPage ? nodesOf(named, depth, seen) : selectionOf(named, depth - 1, [...seen, named.name]);
    return inner === '' ? [] : [`${field.name}${argumentsOf(field, PAGE)} { ${inner} }`];
  });
  return parts.join(' ');
}

function nodesOf(connection: GraphQLObjectType, depth: number, seen: readonly string[]): string {
  const node = getNamedType(connection.getFields()['nodes']?.type);
  if (isObjectType(node) && !seen.includes(node.name)) return `nodes { ${selectionOf(node, depth - 1, [...seen, node.name])} }`;
  return isInterfaceType(node) ? 'nodes { id }' : '';
}

/**
 * Asks for all that can be asked for without an argument that names something: every root field, to four objects below it. Given a
 * question, `ask` gives the whole answer as text.
 */
export async function dumpGraph(ask: (query: string) => Promise<string>): Promise<readonly { readonly field: string; readonly answer: string }[]> {
  const { data } = JSON.parse(await ask(getIntrospectionQuery())) as { data: IntrospectionQuery };
  const query = buildClientSchema(data).getQueryType();
  const answers: { field: string; answer: string }[] = [];
  for (const field of Object.values(query?.getFields() ?? {})) {
    const named = getNamedType(field.type);
    if (field.args.some(isRequiredArgument) || !isObjectType(named)) continue;
    for (let depth = DEPTH; depth > 0; depth -= 1) {
      const inner = named.name.endsWith('Connection') ? nodesOf(named, depth, []) : selectionOf(named, depth - 1, [named.name]);
      const answer = await ask(`{ ${field.name}${argumentsOf(field, '(first: 200)')} { ${inner} } }`);
      if (/QUERY_TOO_(?:DEEP|COMPLEX)|"GRAPHQL_PARSE_FAILED"/.test(answer) && depth > 1) continue;
      answers.push({ field: field.name, answer });
      break;
    }
  }
  return answers;
}
