import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSchema, parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { finishRows } from './finished-rows.ts';
import { loadQuestions, parseQuestion } from './questions.ts';

const RANKED = `# Which failures hurt most?
query HurtfulFailures($first: Int) @rows(path: "failures.nodes") @sum(path: "shows.hours", as: "hours")
  @sort(by: "hours", descending: true) {
  failures(first: $first) { nodes { id ...Shows } }
}
fragment Shows on Failure { shows { hours } }
`;

describe('parseQuestion', () => {
  test('takes the finishing directives off the text and keeps comments', () => {
    const question = parseQuestion('hurtful-failures', RANKED);
    expect(question.text).toContain('# Which failures hurt most?');
    expect(question.text).not.toMatch(/@(rows|sum|sort)/);
    expect(parse(question.text).definitions).toHaveLength(2);
    expect(question.finish).toEqual({
      rows: ['failures', 'nodes'],
      sum: { path: ['shows', 'hours'], as: 'hours' },
      sort: { by: null, descending: true },
    });
  });

  test('leaves directives of GraphQL itself alone', () => {
    expect(parseQuestion('q', 'query Q($a: Boolean!) { a @include(if: $a) }').text).toContain('@include(if: $a)');
  });

  test.each([
    ['query Q @sort(by: "a") { a }', /need @rows/],
    ['query Q @rows(path: "b") { a { c } }', /no list/],
    ['query Q @rows(path: "a") @sum(path: "d", as: "s") { a { c } }', /no figure/],
    ['query Q @rows(path: "a") @sum(path: "c", as: "s") @sum(path: "c", as: "t") { a { c } }', /at most one @sum/],
    ['query Q @rows(path: "a", of: 1) { a { c } }', /takes path, not of/],
    ['query Q @rows(path: "a") @sum(path: "c") { a { c } }', /lacks its argument as/],
    ['mutation Q { a }', /not a mutation/],
    ['query A { a } query B { a }', /one operation, got 2/],
    ['{ a }', /no name/],
  ])('refuses %s', (source, message) => {
    expect(() => parseQuestion('q', source)).toThrow(message);
  });
});

describe('finishRows', () => {
  const finish = parseQuestion('q', RANKED).finish;
  const row = (id: string, ...hours: (number | null)[]) => ({ id, shows: hours.map((each) => ({ hours: each })) });

  test('sums through lists and sorts by the sum, rows without a figure last', () => {
    if (finish === null) throw new Error('the question finishes its rows');
    const data = { failures: { nodes: [row('none'), row('small', 1), row('null', null), row('large', 2, null, 5)] } };
    const finished = finishRows(data, finish);
    expect(finished.data).toMatchObject({ failures: { nodes: [{ id: 'large' }, { id: 'small' }, { id: 'none' }, { id: 'null' }] } });
    expect(finished.rows).toEqual([{ hours: 7 }, { hours: 1 }, { hours: null }, { hours: null }]);
    expect(data.failures.nodes[0]?.id).toBe('none');
  });

  test('sorts by a path within the row', () => {
    const data = { a: [{ b: { c: 'x' } }, { b: null }, { b: { c: 'k' } }] };
    const finished = finishRows(data, { rows: ['a'], sum: null, sort: { by: ['b', 'c'], descending: false } });
    expect(finished).toEqual({ data: { a: [{ b: { c: 'k' } }, { b: { c: 'x' } }, { b: null }] }, rows: null });
  });

  test('leaves an answer without its list as it is', () => {
    const data = { failures: null };
    expect(finish === null ? null : finishRows(data, finish)).toEqual({ data, rows: null });
  });
});

describe('loadQuestions', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'loopgraph-questions-'));
    await writeFile(join(folder, 'good-one.graphql'), 'query GoodOne { shows { id } }');
    await writeFile(join(folder, 'of-another-schema.graphql'), 'query Other { shoes { id } }');
    await writeFile(join(folder, 'half.graphql'), 'query Half {');
    await writeFile(join(folder, 'notes.md'), '');
  });
  afterAll(() => rm(folder, { recursive: true }));

  const schema = buildSchema('type Query { shows: [Show!]! } type Show { id: ID! }');

  test('finds a question by its file and by its operation, and names the ones that do not fit', async () => {
    const questions = await loadQuestions(folder, schema);
    expect(questions.names).toEqual(['good-one']);
    expect(questions.find('good-one')).toBe(questions.find('GoodOne'));
    expect(questions.find('half')).toBeUndefined();
    expect([...questions.problems.keys()]).toEqual(['half', 'of-another-schema']);
    expect(questions.problems.get('of-another-schema')).toContain('"shoes"');
  });

  test('has no question where there is no folder', async () => {
    expect((await loadQuestions(join(folder, 'absent'), schema)).names).toEqual([]);
  });
});
