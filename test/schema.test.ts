import { Kind, parse, visit, type ASTNode, type DocumentNode, type NameNode, type StringValueNode } from 'graphql';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { subgraphs } from '../subgraphs/index.ts';

interface Described {
  readonly path: string;
  readonly name: string;
  readonly description: string | null;
}

const DESCRIBED = new Set<string>([
  Kind.OBJECT_TYPE_DEFINITION,
  Kind.INTERFACE_TYPE_DEFINITION,
  Kind.UNION_TYPE_DEFINITION,
  Kind.ENUM_TYPE_DEFINITION,
  Kind.INPUT_OBJECT_TYPE_DEFINITION,
  Kind.SCALAR_TYPE_DEFINITION,
  Kind.FIELD_DEFINITION,
  Kind.INPUT_VALUE_DEFINITION,
  Kind.ENUM_VALUE_DEFINITION,
]);

/** Every element of a schema that a client can see, with its description. */
function describedElements(document: DocumentNode): Described[] {
  const elements: Described[] = [];
  const path: string[] = [];
  const isElement = (node: ASTNode): node is ASTNode & { name: NameNode; description?: StringValueNode } =>
    DESCRIBED.has(node.kind);
  visit(document, {
    enter(node) {
      if (!isElement(node)) return;
      path.push(node.name.value);
      elements.push({ path: path.join('.'), name: node.name.value, description: node.description?.value ?? null });
    },
    leave(node) {
      if (isElement(node)) path.pop();
    },
  });
  return elements.filter(({ path: each }) => each !== 'Query' && each !== 'Mutation');
}

const letters = (text: string): string => text.toLowerCase().replace(/[^a-z]/g, '');

describe.each(subgraphs.map((subgraph) => [subgraph.name, parse(subgraph.typeDefs)] as const))('the schema of %s', (_, document) => {
  const elements = describedElements(document);

  it('describes every element', () => {
    expect(elements.length).toBeGreaterThan(20);
    expect(elements.filter(({ description }) => description === null).map(({ path }) => path)).toEqual([]);
  });

  it('says more in a description than the name does', () => {
    const idle = elements.filter(({ name, description }) => {
      const said = letters(description ?? '').replace(/^(the|a|an)/, '');
      return said === letters(name) || said.length < 6;
    });
    expect(idle.map(({ path }) => path)).toEqual([]);
  });

  it('names queries by nouns', () => {
    const roots = elements.filter(({ path }) => /^(Query|Mutation)\.\w+$/.test(path)).map(({ name }) => name);
    expect(roots.filter((name) => /^(get|list|fetch)/.test(name))).toEqual([]);
  });

  it('gives every connection edges, nodes and pageInfo', () => {
    const fields = new Map<string, string[]>();
    for (const definition of document.definitions) {
      if (definition.kind === Kind.OBJECT_TYPE_DEFINITION && definition.name.value.endsWith('Connection')) {
        fields.set(definition.name.value, (definition.fields ?? []).map((field) => field.name.value));
      }
    }
    for (const [type, names] of fields) expect([type, names]).toEqual([type, expect.arrayContaining(['edges', 'nodes', 'pageInfo'])]);
  });
});

describe('the registry', () => {
  it('lists kinds of event once', () => {
    const kinds = subgraphs.flatMap((subgraph) => Object.keys(subgraph.receivers));
    expect(new Set(kinds).size).toBe(kinds.length);
  });
});

describe('the lockfile', () => {
  it('holds no package under the Elastic licence', () => {
    const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')) as {
      packages: Record<string, { license?: string }>;
    };
    const elastic = Object.entries(lock.packages).filter(([, { license = '' }]) => license.includes('Elastic'));
    expect(elastic.map(([name]) => name)).toEqual([]);
  });
});
