import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Running } from '../gateway/start.ts';
import { ask, createFolder, startTest } from '../gateway/test-gateway.ts';
import { importers } from '../importers/index.ts';
import { projectPath } from '../kit/project.ts';
import { loadSample } from '../sample/index.ts';
import { subgraphs } from '../subgraphs/index.ts';
import { takePort } from './program.ts';
import { preparePython, tryRun } from './python.ts';

const run = promisify(execFile);

let folder: Awaited<ReturnType<typeof createFolder>>;
let running: Running;
let url = '';

beforeAll(async () => {
  folder = await createFolder();
  running = await startTest({ STORE: `lmdb:${folder.path}`, SAMPLE: 'on' }, { subgraphs, importers, loadSample });
  url = `${running.address}/graphql`;
});

afterAll(async () => {
  await running.close();
  await folder.remove();
});

interface Answer<Data> {
  readonly data: Data;
  readonly errors?: unknown;
}

async function query<Data>(body: object): Promise<Data> {
  const { data, errors } = (await ask(url, body)).body as Answer<Data>;
  expect(errors).toBeUndefined();
  return data;
}

describe('the TypeScript example', () => {
  let example: string;
  const generate = (): ReturnType<typeof tryRun> => tryRun('npx', ['graphql-codegen', '--verbose', '--config', 'codegen.yml'], example);
  const compile = (): ReturnType<typeof tryRun> => tryRun('npx', ['tsc'], example);

  /** Within the project, so that it finds the project's modules as examples/typescript does. */
  beforeAll(async () => {
    await mkdir(projectPath('.cache'), { recursive: true });
    example = await mkdtemp(projectPath('.cache', 'example-'));
    for (const name of ['documents.ts', 'ask.ts', 'main.ts', 'codegen.yml', 'tsconfig.json']) {
      await cp(projectPath('examples', 'typescript', name), join(example, name));
    }
    const config = join(example, 'codegen.yml');
    const text = await readFile(config, 'utf8');
    await writeFile(config, text.replace('http://127.0.0.1:4000', running.address));
    expect(await generate()).toMatchObject({ ok: true });
  });

  afterAll(async () => {
    await rm(example, { recursive: true });
  });

  it('compiles and prints the figures of a direct query', async () => {
    expect(await compile()).toEqual({ ok: true, output: '' });
    const { stdout } = await run(process.execPath, [join(example, 'out', 'main.js'), url]);
    const table = stdout
      .split('\n')
      .filter((line) => /^│ +\d/.test(line))
      .map((line) => line.split('│').slice(2, 5).map((cell) => cell.trim()));

    const { shows } = await query<{ shows: { nodes: { title: string; viewing: { whole: { sessions: number; hoursViewed: number } }; datasets: { writers: unknown[] }[] }[] } }>({
      query: `{ shows(origin: SIMULATED, first: 10) { nodes { title
        viewing(window: { from: "2026-01-05", to: "2026-02-02", granularity: WHOLE }) { whole { sessions hoursViewed } }
        datasets { writers { name } } } } }`,
    });
    const expected = shows.nodes.flatMap(({ title, viewing: { whole }, datasets }) =>
      datasets.flatMap(({ writers }) => writers.map(() => [`'${title}'`, String(whole.sessions), String(whole.hoursViewed)])),
    );
    expect(expected.length).toBeGreaterThan(0);
    expect(table).toEqual(expected);
  });

  it('does not compile with a field that the document does not select', async () => {
    const main = join(example, 'main.ts');
    const text = await readFile(main, 'utf8');
    await writeFile(main, text.replace('viewing.whole.sessions', 'viewing.whole.viewers'));
    const { ok, output } = await compile();
    await writeFile(main, text);
    expect(ok).toBe(false);
    expect(output).toMatch(/main\.ts.*'viewers' does not exist/);
  });

  it('neither gets types nor compiles with a field that the schema does not have', async () => {
    const documents = join(example, 'documents.ts');
    const text = await readFile(documents, 'utf8');
    await writeFile(documents, text.replace('hoursViewed', 'hoursSeen'));
    const [generated, compiled] = [await generate(), await compile()];
    await writeFile(documents, text);
    expect(generated.ok).toBe(false);
    expect(generated.output).toContain('no files were generated');
    expect(compiled.ok).toBe(false);
    expect(compiled.output).toMatch(/documents\.ts.*error TS/);
  });
});

/** A leaf as pandas writes it, or null for a list, which is no cell to compare. */
function toCell(value: unknown): string | null {
  if (Array.isArray(value)) return null;
  if (value === null || value === undefined) return '';
  return typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value);
}

function flatten(row: Readonly<Record<string, unknown>>, prefix = ''): [string, unknown][] {
  return Object.entries(row).flatMap(([name, value]): [string, unknown][] =>
    value !== null && typeof value === 'object' && !Array.isArray(value) ? flatten(value as Record<string, unknown>, `${prefix}${name}.`) : [[`${prefix}${name}`, value]],
  );
}

describe('the Python example', async () => {
  const prepared = await preparePython(projectPath('examples', 'python', 'requirements.txt'), 'python');
  const python = 'python' in prepared ? prepared.python : '';
  beforeEach(({ skip }) => {
    if ('missing' in prepared) skip(prepared.missing);
  });

  const frame = async (question: string, rows: string): Promise<Record<string, string>[]> => {
    const { stdout } = await run(python, [projectPath('examples', 'python', 'question_frame.py'), question, rows, '--url', url, '--csv']);
    return parse(stdout, { columns: true });
  };

  /** What it says where it ends with 1: one line. */
  const fails = async (...args: string[]): Promise<string> => {
    const ended = run(python, [projectPath('examples', 'python', 'question_frame.py'), ...args]);
    const { code, stdout, stderr } = await ended.then(() => ({ code: 0, stdout: '', stderr: '' }), (error: { code: number; stdout: string; stderr: string }) => error);
    expect({ code, stdout, lines: stderr.trim().split('\n') }).toEqual({ code: 1, stdout: '', lines: [expect.any(String)] });
    return stderr.trim();
  };

  /** Each leaf of the answer beside its cell; a number by its value, since pandas writes 3 as 3.0 beside an empty cell. */
  const compareCells = (records: readonly Record<string, string>[], rows: readonly Record<string, unknown>[]): { expected: unknown[]; found: unknown[] } => {
    const [expected, found]: [unknown[], unknown[]] = [[rows.length], [records.length]];
    for (const [index, row] of rows.entries()) {
      for (const [column, value] of flatten(row)) {
        const wanted = toCell(value);
        if (wanted === null) continue;
        const cell = records[index]?.[column] ?? '';
        const isNumber = typeof value === 'number' && cell !== '';
        expected.push([index, column, isNumber ? value : wanted]);
        found.push([index, column, isNumber ? Number(cell) : cell]);
      }
    }
    return { expected, found };
  };

  it('frames a saved question that is asked by name', async () => {
    const answer = await query<{ platformUse: { groups: Record<string, unknown>[] } }>({ operationName: 'who-uses-the-platform' });
    const { expected, found } = compareCells(await frame('who-uses-the-platform', 'platformUse.groups'), answer.platformUse.groups);
    expect(expected.length).toBeGreaterThan(1);
    expect(found).toEqual(expected);
  });

  it('frames a document that is asked by its text', async () => {
    const file = projectPath('questions', 'where-does-this-number-come-from.graphql');
    const answer = await query<{ shows: { nodes: Record<string, unknown>[] } }>({ query: await readFile(file, 'utf8') });
    const { expected, found } = compareCells(await frame(file, 'shows.nodes'), answer.shows.nodes);
    expect(expected.length).toBeGreaterThan(1);
    expect(found).toEqual(expected);
  });

  it('says what is wrong with a question that nobody saved', async () => {
    expect(await fails('who-knows', 'x', '--url', url)).toContain('no saved question is named "who-knows"');
  });

  it('says in one line what is wrong with a document, a path of rows and an address, and ends with 1', async () => {
    const file = join(folder.path, 'odd.graphql');
    await writeFile(file, '{ shows { nodes { titel } } }');
    expect(await fails(file, 'shows.nodes', '--url', url)).toContain('Did you mean "title"?');
    await writeFile(file, '{ shows {');
    expect(await fails(file, 'shows.nodes', '--url', url)).toContain('Syntax Error');
    expect(await fails(join(folder.path, 'absent.graphql'), 'x', '--url', url)).toContain('absent.graphql');
    expect(await fails('who-uses-the-platform', 'platformUse.rows', '--url', url)).toContain('expected a list at platformUse.rows, got an answer without rows there');
    const { port, release } = await takePort();
    await release();
    const closed = `http://127.0.0.1:${port}/graphql`;
    for (const question of ['who-uses-the-platform', projectPath('questions', 'where-does-this-number-come-from.graphql')]) {
      expect(await fails(question, 'x', '--url', closed)).toBe(`no loopgraph answers at ${closed}: start one with npm start, or say where it is with --url`);
    }
  });
});
