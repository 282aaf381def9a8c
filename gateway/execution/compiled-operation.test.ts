import { execute, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { compileOperation } from './compiled-operation.ts';
import { createEverySchema } from './test-compiled-schema.ts';

const schema = createEverySchema();

async function both(query: string, variables?: Record<string, unknown>): Promise<{ ours: unknown; theirs: unknown }> {
  const document = parse(query);
  expect(validate(schema, document)).toEqual([]);
  const compiled = compileOperation(schema, document);
  if (!compiled) throw new Error('expected it to be compiled');
  const shape = (answer: unknown): unknown => JSON.parse(JSON.stringify(answer).replace(/(?<=but got)[^"]*/g, ' …'));
  return { ours: shape(await compiled(variables, { who: 'me' })), theirs: shape(await execute({ schema, document, variableValues: variables, contextValue: { who: 'me' } })) };
}

describe('a compiled operation', () => {
  it.each([
    '{ plain { id n f ok kind when } }',
    '{ later { id n later { id } } many { id } soon { id n } }',
    '{ plain { again: id ...Rest ... on Thing { n } } } fragment Rest on Thing { f id ...More } fragment More on Thing { nested: later { id } }',
    '{ failing } ',
    '{ plain { failing failingLater id } many { failing } soon { failingLater } }',
    '{ plain { must } many { id must } }',
    '{ mustMany { id must } n: plain { id } }',
    '{ mustSoon { id mustLater must } n: plain { id } }',
    '{ wrongInt wrongList wrongLeaf errorValue numbers { text } }',
    '{ any { __typename ... on Thing { id } ... on Other { x } } named { __typename name ... on Other { x } } }',
    '{ badAny { __typename } strayAny { __typename } typed { x } typedWrong { x } }',
    '{ echo(text: "a", list: [1, 2], at: { x: 1 }) e: echo f: echo(text: null) who path { path } }',
  ])('answers %s as graphql-js does, errors and their places too', async (query) => {
    const { ours, theirs } = await both(query);
    expect(ours).toEqual(theirs);
  });

  it.each([
    ['one key', { one: { a: 1 } }, false],
    ['two keys', { one: { a: 1, b: 'x' } }, true],
    ['a null', { one: { a: null } }, true],
    ['no key', { one: {} }, true],
    ['nothing', {}, false],
  ])('takes a one-of input with %s as graphql-js does', async (_what, variables, isRefused) => {
    const { ours, theirs } = await both('query ($one: One) { take(one: $one) }', variables);
    expect(ours).toEqual(theirs);
    expect(JSON.stringify(ours).includes('errors')).toBe(isRefused);
  });

  it('gives each call arguments of its own', async () => {
    const { ours } = await both('query ($t: String) { many { spoil(text: "a") again: spoil(text: $t) } }', { t: 'b' });
    expect(ours).toEqual({ data: { many: [{ spoil: 'a', again: 'b' }, { spoil: 'a', again: 'b' }] } });
  });

  it.each([
    'mutation { change }',
    'query ($c: Boolean!) { plain { id @include(if: $c) } }',
    '{ __schema { queryType { name } } }',
    '{ plain { __proto__: id } }',
    'query A { who } query B { who }',
  ])('leaves %s to graphql-js', (query) => {
    expect(compileOperation(schema, parse(query))).toBeNull();
  });
});
