import { describe, expect, it } from 'vitest';
import { createRig } from './test-rig.ts';

describe('directives that are not the executor\'s', () => {
  const rig = createRig({
    link: 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@tag", "@authenticated", "@requiresScopes", "@policy", "@composeDirective", "@cost", "@listSize"]) @link(url: "https://specs.example.org/seen/v1.0", import: ["@seen"]) @composeDirective(name: "@seen")\n',
    subgraphs: {
      a: `directive @seen(by: Who!) on FIELD
        enum Who { ALL FEW }
        type Query @tag(name: "root") { things(first: Int): [Thing!] @listSize(slicingArguments: ["first"], requireOneSlicingArgument: false) @authenticated }
        type Thing @key(fields: "id") @tag(name: "t") { id: ID! word: String @tag(name: "w") @requiresScopes(scopes: [["read"]]) @cost(weight: 3) }`,
      b: `directive @seen(by: Who! = ALL) on FIELD
        enum Who { ALL FEW }
        type Query { b: String @policy(policies: [["p"]]) }
        type Thing @key(fields: "id") { id: ID! count: Int @cost(weight: 5) }`,
    },
    resolvers: { Query: { things: (_, { first }) => [{ id: '1' }, { id: '2' }].slice(0, Number(first ?? 2)), b: () => 'b' }, Thing: { word: (thing) => `word ${String(thing['id'])}`, count: (thing) => Number(thing['id']) } },
  });

  it.each(['{ things { id word count } b }', '{ things(first: 1) { count } }', '{ b @seen(by: FEW) things { word @seen(by: ALL) count } }'])('leaves them alone in %s', async (query) => {
    const { ours, theirs } = await rig.compare(query);
    expect(ours).toBe(theirs);
  });
});
