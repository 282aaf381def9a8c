import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkSubgraph } from '../gateway/check/subgraph-check.ts';
import { createPassports, GATEWAY, PASSPORT_HEADER } from '../gateway/identity/passports.ts';
import type { Running } from '../gateway/start.ts';
import { ask, createFolder, startTest } from '../gateway/test-gateway.ts';
import { projectPath } from '../kit/project.ts';
import { subgraphs } from '../subgraphs/index.ts';
import { takePort } from './program.ts';
import { preparePython } from './python.ts';

const GATEWAY_KEY = 'a-key-of-the-tests-and-of-nobody';
const prepared = await preparePython(projectPath('examples', 'subgraph-python', 'requirements.txt'), 'subgraph-python');
const python = 'python' in prepared ? prepared.python : '';

let folder: Awaited<ReturnType<typeof createFolder>>;
let source: string;
let url: string;
let awards: ChildProcess | null = null;
let running: Running;

/** Starts what stands in the copied awards.py, at the same address each time, and waits until it answers. */
async function startAwards(environment: Readonly<Record<string, string>>): Promise<void> {
  const child = spawn(python, ['-B', source, '--port', new URL(url).port], { env: { ...environment }, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  awards = child;
  await vi.waitFor(
    async () => {
      if (child.exitCode !== null) return;
      await fetch(url, { method: 'POST' });
    },
    { timeout: 30_000, interval: 50 },
  );
  if (child.exitCode !== null) throw new Error(said);
}

async function stopAwards(): Promise<void> {
  if (awards === null || awards.exitCode !== null || awards.signalCode !== null) return;
  const ended = once(awards, 'exit');
  awards.kill('SIGTERM');
  await ended;
}

/** Another awards.py, as its team would bring it out: the old one stops, the new one starts. */
async function bringOut(change: (text: string) => string): Promise<void> {
  const before = await readFile(source, 'utf8');
  const after = change(before);
  expect(after).not.toBe(before);
  await writeFile(source, after);
  await stopAwards();
  await startAwards({ GATEWAY_KEY });
}

const query = async (text: string): Promise<unknown> => (await ask(`${running.address}/graphql`, { query: text })).body;
const schema = async (): Promise<string> => (await fetch(`${running.address}/schema.graphql`)).text();
const problem = async (): Promise<string> => {
  const { problems } = (await ask(`${running.address}/readyz`)).body as { problems: { what: string; reason: string }[] };
  return problems.find(({ what }) => what === 'supergraph')?.reason ?? '';
};

describe('the Python subgraph', () => {
  beforeEach(({ skip }) => {
    if ('missing' in prepared) skip(prepared.missing);
  });

  beforeAll(async () => {
    if ('missing' in prepared) return;
    folder = await createFolder();
    await cp(projectPath('examples', 'subgraph-python'), folder.path, { recursive: true });
    source = join(folder.path, 'awards.py');
    const { port, release } = await takePort();
    await release();
    url = `http://127.0.0.1:${port}/`;
    await startAwards({});
  });

  afterAll(async () => {
    await running?.close();
    await stopAwards();
    await folder?.remove();
  });

  it('passes every check that a gateway relies on', async () => {
    const others = subgraphs.map(({ name, typeDefs }) => ({ name, url: `http://127.0.0.1/${name}`, typeDefs }));
    const findings = await checkSubgraph({ url, name: 'awards', others, questionsFolder: projectPath('questions') });
    expect(findings.length).toBeGreaterThan(6);
    expect(findings.filter((finding) => finding.problem !== null)).toEqual([]);
  });

  it('answers, where it shares a key with gateways, nobody but them', async () => {
    await stopAwards();
    await startAwards({ GATEWAY_KEY });
    const bring = (headers: Readonly<Record<string, string>>) => ask(url, { query: '{ awards(year: 2021) { giver } }' }, headers);
    const refused = { status: 401, body: { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] } };
    expect(await bring({})).toMatchObject(refused);
    expect(await bring({ [PASSPORT_HEADER]: await createPassports('another-key-of-the-tests').issue(GATEWAY) })).toMatchObject(refused);
    expect(await bring({ [PASSPORT_HEADER]: await createPassports(GATEWAY_KEY).issue(GATEWAY) })).toMatchObject({ status: 200, body: { data: { awards: [{ giver: 'Primetime Emmy Awards' }] } } });
  });

  it('adds its field to the shows of the house, in one question through the gateway', async () => {
    const config = join(folder.path, 'supergraph.yaml');
    await writeFile(config, (await readFile(config, 'utf8')).replaceAll('http://127.0.0.1:5001/', url));
    running = await startTest({ STORE: `lmdb:${join(folder.path, 'store')}`, SUPERGRAPH_CONFIG: config, SUPERGRAPH_POLL: '0.1', GATEWAY_KEY }, { subgraphs });
    const events = ['Squid Game', 'Wednesday'].map((title, index) => ({
      specversion: '1.0', type: 'loopgraph.show', source: '/catalogue', id: String(index), time: '2024-01-01T00:00:00Z', data: { namespace: 'catalogue', title, kind: 'SERIES' },
    }));
    const sent = await ask(`${running.address}/events`, events, { 'content-type': 'application/cloudevents-batch+json' });
    expect(sent).toMatchObject({ status: 200 });
    expect(await query('{ shows(namespace: "catalogue") { nodes { awards { year category } title } } awards(year: 2023) { category id } }')).toEqual({
      data: {
        shows: {
          nodes: [
            {
              awards: [{ year: 2022, category: 'Outstanding Directing for a Drama Series' }, { year: 2022, category: 'Outstanding Lead Actor in a Drama Series' }],
              title: 'Squid Game',
            },
            { awards: [], title: 'Wednesday' },
          ],
        },
        awards: [{ category: 'Best International Feature Film', id: 'oscar-2023-international-feature' }],
      },
    });
  });

  it('is served with another schema once it has one', async () => {
    await bringOut((text) => text.replaceAll('category: str', 'prize: str').replace('Award(**row)', 'Award(**{("prize" if key == "category" else key): value for key, value in row.items()})'));
    await vi.waitFor(async () => expect(await schema()).toContain('prize: String!'), 20_000);
    expect(await query('{ awards(year: 2021) { prize } }')).toEqual({ data: { awards: [{ prize: 'Outstanding Limited or Anthology Series' }] } });
    expect(await query('{ awards(year: 2021) { category } }')).toMatchObject({ errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] });
  });

  it('is served as it was where it brings out what does not compose, and named', async () => {
    const before = await schema();
    await bringOut((text) => text.replace('match_title: str = strawberry.federation.field(external=True)', 'match_title: int = strawberry.federation.field(external=True)'));
    await vi.waitFor(async () => expect(await problem()).toMatch(/matchTitle.*"awards"/), 20_000);
    expect(await schema()).toBe(before);
    expect(await query('{ shows(namespace: "catalogue", title: "Squid Game") { nodes { title awards { prize } } } }')).toMatchObject({
      data: { shows: { nodes: [{ title: 'Squid Game', awards: [{ prize: 'Outstanding Directing for a Drama Series' }, {}] }] } },
    });
  });

  it('costs its own fields only while it is down', async () => {
    await stopAwards();
    expect(await query('{ shows(namespace: "catalogue") { nodes { title } } }')).toEqual({ data: { shows: { nodes: [{ title: 'Squid Game' }, { title: 'Wednesday' }] } } });
    expect(await query('{ awards { id } }')).toMatchObject({ errors: [{ extensions: { code: 'SUBGRAPH_UNAVAILABLE', serviceName: 'awards' } }] });
  });
});
