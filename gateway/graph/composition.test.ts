import { describe, expect, it } from 'vitest';
import { composeSubgraphs, CompositionError } from './composition.ts';

const link = (version: string): string => `extend schema @link(url: "https://specs.apollo.dev/federation/${version}", import: ["@key", "@shareable", "@external", "@requires"])\n`;

function compose(subgraphs: Readonly<Record<string, string>>, version = 'v2.9'): string {
  return composeSubgraphs(Object.entries(subgraphs).map(([name, sdl]) => ({ name, url: `http://${name}/`, typeDefs: link(version) + sdl }))).supergraphSdl;
}

function fail(subgraphs: Readonly<Record<string, string>>, version?: string): CompositionError {
  try {
    compose(subgraphs, version);
  } catch (thrown) {
    if (thrown instanceof CompositionError) return thrown;
    throw thrown;
  }
  throw new Error('The subgraphs compose.');
}

describe('composeSubgraphs', () => {
  it('writes a supergraph that names each subgraph and its address', () => {
    const sdl = compose({ a: 'type Query { a: Item } type Item @key(fields: "id") { id: ID! }', b: 'type Item @key(fields: "id") { id: ID! b: Int }' });
    expect(sdl).toContain('@join__graph(name: "a", url: "http://a/")');
    expect(sdl).toContain('@join__graph(name: "b", url: "http://b/")');
  });

  it('lists every problem with its subgraphs, type and field', () => {
    const error = fail({ a: 'type Query { a: Item } type Item { x: Int y: Int }', b: 'type Query { b: Item } type Item { x: Int y: String }' });
    expect(error.code).toBe('COMPOSITION_FAILED');
    expect(error.problems.length).toBeGreaterThan(1);
    for (const expected of ['Item.x', 'Item.y', '"a"', '"b"']) expect(error.message).toContain(expected);
  });

  it.each(['v2.10', 'v2.11', 'v3.0'])('refuses federation %s by the subgraph\'s name and the highest version that it takes', (version) => {
    expect(fail({ mine: 'type Query { a: Int }' }, version).message).toMatch(new RegExp(`mine.*${version.replace('.', '\\.')}.*v2\\.9`));
  });

  it.each(['v2.0', 'v2.3', 'v2.9'])('takes federation %s', (version) => {
    expect(compose({ mine: 'type Query { a: Int }' }, version)).toContain('join__Graph');
  });

  it('says where a subgraph is not GraphQL', () => {
    expect(fail({ good: 'type Query { a: Int }', bad: 'type Query { a: }' }).message).toMatch(/\[bad\] is not GraphQL at line 2, column 17/);
  });

  it('refuses two subgraphs of one name', () => {
    const source = { name: 'a', url: 'http://a/', typeDefs: 'type Query { a: Int }' };
    expect(() => composeSubgraphs([source, source])).toThrow(/name of two subgraphs/);
  });
});
