import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startStandalone } from '../kit/store/test-mongod.ts';
import { findTestMongodb } from '../kit/store/test-stores.ts';
import { buildPrograms, createFolder, startProgram, takePort } from './program.ts';

const KEY = 'a-key-of-the-tests-and-of-nobody';

/** Whether this run has a MongoDB server; why not is told by the store's own tests. */
const mongodb = await findTestMongodb();

let folder: Awaited<ReturnType<typeof createFolder>>;

const store = (name: string): string => `lmdb:${join(folder.path, name)}`;

beforeAll(async () => {
  folder = await createFolder();
  await buildPrograms();
});

afterAll(() => folder.remove());

describe('a start that cannot be', () => {
  const failsToStart = async (environment: Readonly<Record<string, string>>): Promise<string> => {
    const { code, stdout, stderr } = await startProgram('gateway/main', { STORE: store('faults'), SAMPLE: 'off', PORT: '0', ...environment }).ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^loopgraph: /);
    expect(stderr).not.toMatch(/\n\s+at /);
    return stderr;
  };
  const oneLine = (text: string): void => expect(text.trim().split('\n')).toHaveLength(1);

  test('names every wrong setting at once', async () => {
    const text = await failsToStart({ PORT: 'many', STORE: 'sqlite:x', SAMPLE: 'maybe', CORS_ORIGINS: 'example.com/path', PSEUDONYM_KEY: 'short', LOG_LEVEL: 'loud' });
    for (const name of ['PORT', 'STORE', 'SAMPLE', 'CORS_ORIGINS', 'PSEUDONYM_KEY', 'LOG_LEVEL']) expect(text).toContain(`\n  ${name}: expected`);
  });

  test('names the subgraphs that there are', async () => {
    expect(await failsToStart({ SUBGRAPHS: 'viewing,weather' })).toContain('no subgraph is named "weather"; known are viewing, platform, feedback, intake');
  });

  test('says that a port is taken', async () => {
    const { port, release } = await takePort();
    const text = await failsToStart({ PORT: String(port) });
    await release();
    expect(text).toContain(`port ${port} on 127.0.0.1 is taken`);
    oneLine(text);
  });

  test('says that a folder is no store', async () => {
    await writeFile(join(folder.path, 'file'), '');
    const text = await failsToStart({ STORE: store('file') });
    expect(text).toContain(`at ${join(folder.path, 'file')}: expected a folder, got a file.`);
    oneLine(text);
  });

  test('says that a store is damaged', async () => {
    await mkdir(join(folder.path, 'damaged'));
    await writeFile(join(folder.path, 'damaged', 'data.mdb'), 'no database at all'.repeat(1_000));
    const text = await failsToStart({ STORE: store('damaged') });
    expect(text).toContain(join(folder.path, 'damaged'));
    oneLine(text);
  });

  test('says that MongoDB needs a key, and that no MongoDB is there', async () => {
    const { port, release } = await takePort();
    await release();
    const STORE = `mongodb://someone:secret@127.0.0.1:${port}/x?replicaSet=rs&serverSelectionTimeoutMS=300`;
    expect(await failsToStart({ STORE })).toContain('PSEUDONYM_KEY is needed with MongoDB');
    const text = await failsToStart({ STORE, PSEUDONYM_KEY: KEY });
    expect(text).toContain(`No MongoDB primary answered at 127.0.0.1:${port}`);
    expect(text).not.toContain('secret');
    oneLine(text);
    const wrong = await failsToStart({ STORE: 'mongodb://someone:se@cret@host:port/x', PSEUDONYM_KEY: KEY });
    expect(wrong).toMatch(/^loopgraph: STORE: This is no MongoDB URI: .*written as %40$/m);
    expect(wrong).not.toContain('cret@');
    oneLine(wrong);
  });

  test.skipIf(mongodb.uri === null)('says that a MongoDB server is standalone, whether or not the URI names a replica set', async () => {
    const server = await startStandalone();
    try {
      for (const STORE of [server.getUri(), `${server.getUri()}x?replicaSet=rs0&serverSelectionTimeoutMS=1000`]) {
        const text = await failsToStart({ STORE, PSEUDONYM_KEY: KEY });
        expect(text).toMatch(/standalone.*--replSet NAME and run rs\.initiate\(\) once/i);
        oneLine(text);
      }
    } finally {
      await server.stop();
    }
  });

  test('refuses an argument that it does not know, with those that it does', async () => {
    const { code, stdout, stderr } = await startProgram('gateway/main', { STORE: store('faults'), PORT: '0' }, ['--nonsense']).ended;
    expect({ code, stdout, stderr }).toEqual({
      code: 1, stdout: '',
      stderr: 'loopgraph: expected no argument but --help, got --nonsense; settings come from the environment, such as PORT=4001 npm start\nnpm start\nnpm start -- --help\n',
    });
  });

  test('says that a supergraph file or its configuration cannot be read', async () => {
    for (const name of ['SUPERGRAPH', 'SUPERGRAPH_CONFIG']) {
      const text = await failsToStart({ [name]: join(folder.path, 'absent') });
      expect(text).toMatch(new RegExp(`${name} ${join(folder.path, 'absent')} cannot be \\w+: there is no such file; give`));
      oneLine(text);
    }
    await writeFile(join(folder.path, 'no.graphql'), 'type Query { a: Int }');
    await writeFile(join(folder.path, 'no.yaml'), 'subgraphs: { other: { routing_url: nowhere, schema: {} } }');
    oneLine(await failsToStart({ SUPERGRAPH: join(folder.path, 'no.graphql') }));
    expect(await failsToStart({ SUPERGRAPH_CONFIG: join(folder.path, 'no.yaml') })).toMatch(/subgraphs\.other\.routing_url: .*subgraphs\.other\.schema: expected schema\.file or schema\.subgraph_url/);
  });

  test('names what keeps subgraphs from composing', async () => {
    await writeFile(join(folder.path, 'odd.graphql'), 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"]) type Show @key(fields: "nothing") { id: ID! }');
    await writeFile(join(folder.path, 'odd.yaml'), 'subgraphs: { odd: { routing_url: "http://127.0.0.1:1/graphql", schema: { file: odd.graphql } } }');
    expect(await failsToStart({ SUPERGRAPH_CONFIG: join(folder.path, 'odd.yaml') })).toContain('[odd]');
    await writeFile(join(folder.path, 'odd.graphql'), 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"]) type Show @key(fields: "id") { id: ID! title: Int }');
    expect(await failsToStart({ SUPERGRAPH_CONFIG: join(folder.path, 'odd.yaml') })).toMatch(/"Show\.title" .* type "Int" in subgraph "odd" but type "String!" in subgraph "viewing"/);
    await writeFile(join(folder.path, 'odd.graphql'), 'type Show { id: [ }');
    expect(await failsToStart({ SUPERGRAPH_CONFIG: join(folder.path, 'odd.yaml') })).toContain('[odd] is not GraphQL at line 1, column 19');
  });
});

test('--help lists every setting with its default', async () => {
  const { code, stdout } = await startProgram('gateway/main', {}, ['--help']).ended;
  expect(code).toBe(0);
  for (const name of ['HOST', 'PORT', 'STORE', 'SAMPLE', 'SUBGRAPHS', 'SUPERGRAPH', 'SUPERGRAPH_CONFIG', 'CORS_ORIGINS', 'PSEUDONYM_KEY', 'LOG_LEVEL']) expect(stdout).toMatch(new RegExp(`^  ${name} .*\\n +default: `, 'm'));
});
