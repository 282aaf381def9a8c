import { describe, expect, test } from 'vitest';
import { describeImporters, describeSummary, parseCommandLine } from './command-line.ts';
import type { Importer } from './importer.ts';

const importer = (kind: string, parameters: Record<string, string> = {}): Importer => ({ kind, description: `${kind} files`, parameters, async *read() {} });
const importers = [importer('songs', { namespace: 'whose songs; mine where it is not given' }), importer('poems')];

describe('parseCommandLine', () => {
  test('reads a kind, files and parameters in any order and both forms', () => {
    expect(parseCommandLine(['songs', 'a.csv', '--namespace', 'x', 'b.csv'], importers)).toMatchObject({
      kind: 'import',
      importer: { kind: 'songs' },
      files: ['a.csv', 'b.csv'],
      parameters: { namespace: 'x' },
    });
    expect(parseCommandLine(['--namespace=x=y', 'songs', 'a.csv'], importers)).toMatchObject({ parameters: { namespace: 'x=y' } });
  });

  test('lists and helps where it is asked to, or asked nothing', () => {
    expect(parseCommandLine(['--list'], importers)).toEqual({ kind: 'list' });
    expect(parseCommandLine([], importers)).toEqual({ kind: 'help' });
  });

  test.each([
    [['sonnets', 'a.csv'], 'known are songs, poems'],
    [['poems', 'a.csv', '--namespace', 'x'], 'poems takes no --namespace; it takes no parameters'],
    [['songs', 'a.csv', '--color', 'x'], 'it takes --namespace'],
    [['songs', 'a.csv', '--namespace'], '--namespace lacks its value'],
    [['songs'], 'no file is named'],
  ])('refuses %j', (args, message) => {
    expect(() => parseCommandLine(args, importers)).toThrow(message);
  });
});

test('each kind is listed with its parameters', () => {
  expect(describeImporters(importers)).toBe('songs: songs files\n  --namespace  whose songs; mine where it is not given\npoems: poems files');
});

test('a summary names each rejected row and says how many more there are', () => {
  const rejected = [{ line: 7, code: 'ROW_INVALID', field: 'hours', message: 'expected a number' }];
  expect(describeSummary('a.csv', { rows: 1_200, accepted: 1_000, repeated: 150, rejectedTotal: 50, rejected })).toBe(
    'a.csv: 1,200 rows: 1,000 accepted, 150 repeated, 50 rejected\n  line 7: ROW_INVALID in hours: expected a number\n  and 49 more',
  );
});
