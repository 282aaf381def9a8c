import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectPath } from '../kit/project.ts';
import { startStandalone } from '../kit/store/test-mongod.ts';
import { findTestMongodb } from '../kit/store/test-stores.ts';
import { askServer, buildPrograms, createFolder, startProgram, startServer, takePort } from './program.ts';
import type { Program } from './program.ts';

const KEY = 'a-key-of-the-tests-and-of-nobody';
const fact = (file: string): string => projectPath('sample', 'facts', file);

/** Whether this run has a MongoDB server; why not is told by the store's own tests. */
const mongodb = await findTestMongodb();

let folder: Awaited<ReturnType<typeof createFolder>>;
const running = new Map<string, Program>();

async function serve(environment: Readonly<Record<string, string>>): Promise<string> {
  const { program, address } = await startServer({ PSEUDONYM_KEY: KEY, ...environment });
  running.set(address, program);
  return address;
}

const store = (name: string): string => `lmdb:${join(folder.path, name)}`;
const portOf = (address: string): string => new URL(address).port;

beforeAll(async () => {
  folder = await createFolder();
  await buildPrograms();
});

afterAll(async () => {
  const ends = await Promise.all([...running.values()].map((program) => program.stop()));
  await folder.remove();
  if (ends.some(({ code }) => code !== 0)) throw new Error(`a server did not stop well: ${JSON.stringify(ends)}`);
});

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

test('a key of its own is made beside an embedded store, for its owner only, and another one is refused', async () => {
  const STORE = store('own-key');
  const { program } = await startServer({ STORE });
  expect(await program.stop()).toMatchObject({ code: 0, stderr: '' });
  const path = join(folder.path, 'own-key', 'pseudonym-key');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const key = await readFile(path, 'utf8');
  const { program: again } = await startServer({ STORE });
  await again.stop();
  expect(await readFile(path, 'utf8')).toBe(key);
  expect((await startProgram('gateway/main', { STORE, PORT: '0', PSEUDONYM_KEY: KEY }).ended).stderr).toContain('not the key that this store began with');
});

describe('npm run import', () => {
  const importing = (environment: Readonly<Record<string, string>>, ...args: string[]) => startProgram('importers/main', { PSEUDONYM_KEY: KEY, ...environment }, args).ended;

  test('lists its kinds, and names them where another is asked', async () => {
    const { code, stdout } = await importing({}, '--list');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^netflix-top10: /m);
    expect(await importing({}, 'songs', 'x.csv')).toMatchObject({ code: 1, stderr: expect.stringMatching(/^import: no importer is named "songs"; known are .*netflix-top10/) });
  });

  test('loads into the store itself, and through the server that holds it, with one outcome', async () => {
    const file = fact('openlineage-recorded-runs.jsonl.gz');
    const STORE = store('import');
    const first = await importing({ STORE }, 'openlineage', file);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toContain(`into ${STORE}`);
    const [, accepted] = /(\d+) accepted, \d+ repeated, 0 rejected/.exec(first.stdout) ?? [];
    expect(Number(accepted)).toBeGreaterThan(0);

    const address = await serve({ STORE });
    const second = await importing({ STORE, PORT: portOf(address) }, 'openlineage', file);
    expect(second.stdout).toContain(`through the server at ${address}`);
    expect(second.stdout).toMatch(/ 0 accepted, \d+ repeated, 0 rejected/);
    const { port, release } = await takePort();
    await release();
    expect(await importing({ STORE, PORT: String(port) }, 'openlineage', file)).toMatchObject({ code: 1, stderr: expect.stringContaining(`No loopgraph answers at http://127.0.0.1:${port}`) });
  });

  test('names a file of another kind, half a file and an absent one, and goes on with the others', async () => {
    const whole = fact('openlineage-handwritten.jsonl.gz');
    const half = join(folder.path, 'half.jsonl.gz');
    await writeFile(half, (await readFile(whole)).subarray(0, 600));
    const { code, stdout, stderr } = await importing({ STORE: store('import-faults') }, 'openlineage', half, folder.path, join(folder.path, 'absent'), whole);
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toEqual([expect.stringContaining('half.jsonl.gz: FILE_TRUNCATED'), expect.stringContaining(`${folder.path}: FILE_UNREADABLE: expected a file, got a folder; name the files in it`), expect.stringContaining('absent: FILE_UNREADABLE: there is no such file')]);
    expect(stdout).toMatch(/openlineage-handwritten\.jsonl\.gz: \d+ rows/);
    expect(await importing({ STORE: store('import-faults') }, 'netflix-top10', whole)).toMatchObject({ code: 1, stderr: expect.stringMatching(/FILE_(WRONG_KIND|MISSING_COLUMN)/) });
  });
});

describe('a server that ends while it imports', () => {
  const file = fact('netflix-engagement.csv.gz');
  const COUNTS = '{ shows(first: 1000) { totalCount nodes { id title } } datasets(first: 100) { nodes { id name } } }';

  /** Begins an import and resolves with the rest of its answer once the first batch is kept. */
  const begin = async (address: string): Promise<{ readonly rest: Promise<string> }> => {
    const response = await fetch(`${address}/import/netflix-engagement`, { method: 'POST', headers: { accept: 'application/x-ndjson' }, body: await readFile(file) });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    let text = Buffer.from((await reader.read()).value ?? []).toString();
    expect(text).toContain('"progress"');
    const rest = (async () => {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return text;
        text += Buffer.from(value).toString();
      }
    })();
    return { rest };
  };
  const importWhole = async (address: string): Promise<Record<string, number>> => (await fetch(`${address}/import/netflix-engagement`, { method: 'POST', body: await readFile(file) })).json() as Promise<Record<string, number>>;

  test('by SIGKILL has kept whole batches, and the same file again makes it what it would have been', async () => {
    const STORE = store('killed');
    const { program, address } = await startServer({ STORE, PSEUDONYM_KEY: KEY });
    const { rest } = await begin(address);
    const { pid } = JSON.parse(await readFile(join(folder.path, 'killed', 'holder.json'), 'utf8')) as { pid: number };
    process.kill(pid, 'SIGKILL');
    await expect(rest).rejects.toThrow('terminated');
    await program.ended;

    const again = await serve({ STORE });
    const whole = await serve({ STORE: store('unbroken') });
    const expected = await importWhole(whole);
    const { accepted = 0, repeated = 0, rejectedTotal, rows } = await importWhole(again);
    expect(repeated).toBeGreaterThan(0);
    expect({ rows, rejectedTotal, taken: accepted + repeated }).toEqual({ rows: expected.rows, rejectedTotal: 0, taken: expected.accepted });
    expect(await askServer(again, COUNTS)).toEqual(await askServer(whole, COUNTS));
  });

  test('by SIGTERM ends the import first', async () => {
    const { program, address } = await startServer({ STORE: store('drained'), PSEUDONYM_KEY: KEY });
    const { rest } = await begin(address);
    const ended = program.stop();
    const lines = (await rest).trim().split('\n').map((line): unknown => JSON.parse(line));
    expect(lines.at(-1)).toMatchObject({ summary: { rejectedTotal: 0 } });
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('a process for each subgraph and one before them', () => {
  const LINKED = `query ($window: Window!) {
    shows(title: "Hot Frosty") { nodes { id title publishedViewing(window: $window) { points {
      from hoursViewed
      dataset { name writers { name namespace } feedback { n } }
      partition { fromOn lastRun { id state job { name } team { team { id name } basis } } }
    } } } }
    surveys(first: 10) { nodes { id name edition } }
    jobs(first: 20) { nodes { id name feedback { n } latestRun { id state user { id } } } }
  }`;
  const variables = { window: { from: '2024-11-04', to: '2024-11-18', granularity: 'WEEK' } };
  const FILES: readonly (readonly [kind: string, file: string, query: string])[] = [
    ['scrape-history', 'netflix-top10-scrape-runs.jsonl.gz', ''],
    ['netflix-top10', 'netflix-top10-global.tsv.gz', ''],
    ['openlineage', 'openlineage-recorded-runs.jsonl.gz', ''],
    ['survey', 'jupyter-2020-surveymonkey.csv.gz', '?namespace=jupyter&name=Jupyter%20survey&edition=2020'],
  ];
  const load = async (address: string): Promise<unknown[]> => {
    const summaries: unknown[] = [];
    for (const [kind, file, query] of FILES) {
      const response = await fetch(`${address}/import/${kind}${query}`, { method: 'POST', body: await readFile(fact(file)) });
      summaries.push(await response.json());
    }
    return summaries;
  };

  test('take the same files to the same owners and answer a linked question as one process does', async () => {
    const names = ['viewing', 'platform', 'feedback', 'intake'];
    const addresses = await Promise.all(names.map((name) => serve({ STORE: store(`split-${name}`), SUBGRAPHS: name })));
    const config = join(folder.path, 'supergraph.yaml');
    const url = (index: number) => `${addresses[index]}/subgraphs/${names[index]}/graphql`;
    await writeFile(config, `subgraphs:\n${names.map((name, index) => `  ${name}:\n    routing_url: ${url(index)}\n    schema:\n      subgraph_url: ${url(index)}\n`).join('')}`);
    const [together, apart] = await Promise.all([serve({ STORE: store('together') }), serve({ SUPERGRAPH_CONFIG: config })]);

    expect(await load(apart)).toEqual(await load(together));
    const answer = await askServer(together, LINKED, variables);
    expect(answer).not.toHaveProperty('errors');
    expect(JSON.stringify(answer)).toContain('"writers":[{"name"');
    expect(JSON.stringify(answer)).toMatch(/"hoursViewed":\d/);
    expect(await askServer(apart, LINKED, variables)).toEqual(answer);
    expect(await (await fetch(`${apart}/readyz`)).json()).toMatchObject({ ready: true, subgraphs: { viewing: { state: 'ready', runs: 'elsewhere' }, node: { runs: 'here' } } });

    const team = `${JSON.stringify({ kind: 'team', event: { source: 'tests', id: '1', name: 'readers' } })}\n`;
    const sent = await fetch(`${apart}/subgraphs/feedback/events`, { method: 'POST', body: team });
    expect(await sent.json()).toMatchObject({ accepted: 1, rejected: [] });
    expect(await askServer(apart, '{ team(name: "readers") { name registered } }')).toEqual({ data: { team: { name: 'readers', registered: true } } });

    const supergraph = join(folder.path, 'composed.graphql');
    await writeFile(supergraph, await (await fetch(`${apart}/supergraph.graphql`)).text());
    const composed = await serve({ SUPERGRAPH: supergraph });
    expect(await askServer(composed, LINKED, variables)).toEqual(answer);

    await running.get(addresses[0] ?? '')?.stop();
    expect(await askServer(apart, '{ team(name: "readers") { name shows(first: 1) { nodes { id } } } }')).toMatchObject({
      data: { team: { name: 'readers', shows: null } },
      errors: [{ path: ['team', 'shows'], extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }],
    });
    expect(await askServer(apart, '{ jobs(first: 1) { nodes { id feedback { n } } } }')).not.toHaveProperty('errors');
  }, 180_000);
});
