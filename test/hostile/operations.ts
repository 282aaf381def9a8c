import fc from 'fast-check';
import { Lexer, Source, TokenKind } from 'graphql';
import type { GraphQLSchema } from 'graphql';
import { createOperations, type OperationOptions, type RandomOperation } from '../../gateway/execution/test-operations.ts';
import { createRandom, type Random } from '../../sample/studio/random.ts';
import { mutateBytes, mutateJson, mutateText } from './mutation.ts';
import { drawName, drawValue } from './values.ts';

/** A GraphQL request as it is sent. The same seed, number and operation give the same. */
export interface MalformedRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
}

/** So many operations over a schema, made up from a seed. */
export function drawOperations(schema: GraphQLSchema, options: OperationOptions, seed: number, count: number): readonly RandomOperation[] {
  return fc.sample(createOperations(schema, options), { seed, numRuns: count });
}

const TOKENS = ['{', '}', '(', ')', '[', ']', '...', ':', '=', '!', '@', '|', '&', '$', '$v', '"', '"""', '#', 'query', 'mutation', 'subscription', 'fragment', 'on', 'null', 'true', '-1', '1e999', '99999999999999999999', '"\\ud800"', '@skip', '@include(if: 1)', '@defer', '__typename', '__schema', '__proto__', '_entities', '_service', 'Query', 'Show', '\u0000', '\ufeff'];

/** The lexical tokens of a document, as they stand in it. */
function tokensOf(document: string): string[] {
  const lexer = new Lexer(new Source(document));
  const tokens: string[] = [];
  for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) tokens.push(document.slice(token.start, token.end));
  return tokens;
}

/** A document with one to three of its tokens removed, doubled, moved or put in another's place. */
function mutateTokens(random: Random, document: string): string {
  const tokens = tokensOf(document);
  for (let times = random.between(1, 3); times > 0; times -= 1) {
    const at = random.below(tokens.length + 1);
    const draw = random.below(100);
    if (draw < 25) tokens.splice(at, 1);
    else if (draw < 35) tokens.splice(at, 0, ...tokens.slice(at, at + random.between(1, 8)));
    else if (draw < 55) tokens.splice(at, 1, random.pick(TOKENS));
    else if (draw < 75) tokens.splice(at, 0, random.pick(TOKENS));
    else if (draw < 85) tokens.splice(at, 1, drawName(random));
    else if (draw < 92) tokens.splice(at, 0, tokens[random.below(tokens.length)] ?? '{');
    else if (draw < 97) tokens.length = at;
    else tokens.splice(at, 0, ...Array.from({ length: random.pick([50, 300, 6_000]) }, () => tokens[at] ?? '{'));
  }
  return tokens.join(' ');
}

/** Whole documents that are refused for what they are, not for a mistake in them. */
const DOCUMENTS: readonly string[] = [
  '', ' ', '#', '{', '{}', 'query', 'subscription { x }', 'mutation { x }', 'type Query { x: Int }', 'fragment A on Query { ...B } fragment B on Query { ...A } { ...A }', '{ a: __typename a: __schema { queryType { name } } }',
  `{ ${'a { '.repeat(400)} } ${'}'.repeat(400)}`, `{ shows(namespace: ${'['.repeat(3_000)}${']'.repeat(3_000)}) { totalCount } }`, `query (${Array.from({ length: 900 }, (_, at) => `$v${at}: Int`).join(' ')}) { __typename }`, '{ _entities(representations: []) { __typename } }', '{ _service { sdl } }', `{ node(id: "${'x'.repeat(100_000)}") { id } }`,
  `{ ...F0 } ${Array.from({ length: 600 }, (_, at) => `fragment F${at} on Query { ...F${at + 1} }`).join(' ')} fragment F600 on Query { __typename }`, `{ node(id: ${'{a: '.repeat(1_200)}1${'}'.repeat(1_200)}) { id } }`, `query ($v: ${'['.repeat(2_400)}Int${']'.repeat(2_400)}) { __typename }`, `{ node(id: ${'['.repeat(190)}${']'.repeat(190)}) { id } }`,
  'query A { __typename } query A { __typename }', 'query A { __typename } query B { __typename }', '{ node(id: "Show:x") @skip(if: $missing) { id } }', '{ node(id: "Show:x") @include(if: "yes") { id } }',
];
const JSON_TYPE = { 'content-type': 'application/json' };
const TYPES = ['text/plain', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded', 'application/graphql', 'application/json; charset=utf-16', ';', '', 'x', 'application/json;;;='];

/** A request that is some way from right, drawn from a number and the operation that it is made of. */
export function drawMalformed(seed: number, number: number, operation: RandomOperation): MalformedRequest {
  const random = createRandom(`malformed/${seed}/${number}`);
  const post = (text: string | Buffer, headers: Readonly<Record<string, string>> = {}): MalformedRequest => ({ method: 'POST', path: '/graphql', headers: { ...JSON_TYPE, ...headers }, bytes: Buffer.from(text) });
  const draw = random.below(100);
  if (draw < 45) return post(JSON.stringify({ ...operation, query: mutateTokens(random, operation.query) }));
  if (draw < 55) return post(JSON.stringify({ ...operation, query: mutateText(random, operation.query) }));
  if (draw < 65) return post(mutateJson(random, { ...operation, operationName: null, extensions: {} }));
  if (draw < 70) return post(mutateText(random, JSON.stringify(operation)));
  if (draw < 75) return post(mutateBytes(random, JSON.stringify(operation)));
  if (draw < 80) return post(JSON.stringify({ query: random.pick(DOCUMENTS), variables: {} }));
  if (draw < 84) return post(`{"query":${JSON.stringify(operation.query)},"${random.pick(['operationName', 'extensions', 'variables', 'id'])}":${JSON.stringify(drawValue(random) ?? null)}}`);
  if (draw < 86) return post(JSON.stringify({ extensions: { persistedQuery: { version: random.pick([1, 2, null]), sha256Hash: random.pick(['', 'x', '0'.repeat(64), {}]) } } }));
  if (draw < 88) return post(JSON.stringify(operation), { 'content-encoding': random.pick(['gzip', 'br', 'deflate', 'x']) });
  if (draw < 91) return post(JSON.stringify(operation), { 'content-type': random.pick(TYPES) });
  if (draw < 92) return post(JSON.stringify(operation), { accept: random.pick(['text/html', 'image/png', ';', 'application/graphql-response+json;q=x', '*']) });
  if (draw < 93) return post(JSON.stringify({ query: `{ __typename } #${'x'.repeat(1_100_000)}` }));
  const toPart = (text: string, length: number): string => encodeURIComponent(text.toWellFormed()).slice(0, length);
  const query = toPart(mutateTokens(random, operation.query), 8_000);
  const search = random.pick([`query=${query}`, `query=${query}&variables=${toPart(JSON.stringify(drawValue(random) ?? null), 4_000)}`, 'query=%', `query=%ff%fe${query}`, `query=${query}&query=${query.slice(0, 100)}`, 'variables={}', `extensions=${query}`, '&&&=', `operationName=${query.slice(0, 200)}`]);
  return { method: 'GET', path: `/graphql?${search}`, headers: random.pick<Record<string, string>>([{ 'apollo-require-preflight': '1' }, {}, JSON_TYPE]), bytes: Buffer.alloc(0) };
}
