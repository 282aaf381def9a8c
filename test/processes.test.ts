import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectPath } from '../kit/project.ts';
import { askServer, buildPrograms, createFolder, startProgram, startServer, takePort } from './program.ts';
import type { Program } from './program.ts';

const KEY = 'a-key-of-the-tests-and-of-nobody';
const fact = (file: string): string => projectPath('sample', 'facts', file);

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

  test('names the rows of a file that cannot be read, takes the others and ends with 0', async () => {
    const file = join(folder.path, 'broken.jsonl');
    await writeFile(file, '{"eventTime": 1, "eventType": "START"}\n');
    const { code, stdout, stderr } = await importing({ STORE: store('import-rows') }, 'openlineage', file, fact('openlineage-handwritten.jsonl.gz'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/broken\.jsonl: 1 rows: 0 accepted, 0 repeated, 1 rejected\n {2}line 1: EVENT_INVALID in \S+: expected /);
    expect(stdout).toMatch(/handwritten\.jsonl\.gz: \d+ rows: [1-9]\d* accepted/);
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
