import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStores, findTestMongodb } from '../kit/store/test-stores.ts';
import { subgraphs } from '../subgraphs/index.ts';
import { LINKED, LINKED_VARIABLES } from './linked-question.ts';
import { askServerForText, startServer, type Program } from './program.ts';
import { TEST_KEY } from './rig.ts';

/** What is asked of every set-up: the whole chain of the studio, the real chain, each loop's own lists. */
const DOCUMENTS: readonly { readonly query: string; readonly variables?: object }[] = [
  { query: LINKED, variables: { ...LINKED_VARIABLES, first: 24 } },
  {
    query: `{ dataset(namespace: "netflix-top10", name: "all-weeks-global.tsv") { id writers { id name runs(first: 5) { nodes { id state startedAt } } }
      incidents { nodes { id fault since until } } shows(first: 3) { totalCount nodes { id title links { method hoursHere hoursThere consistent } } } } }`,
  },
  { query: '{ teams(origin: ANY, first: 100) { nodes { id name registered members(first: 3) { nodes { id } } } } surveys(origin: ANY) { nodes { id name edition responses } } }' },
  {
    query: `{ platformUse(origin: ANY, window: { from: "2026-01-05", to: "2026-02-02", granularity: WEEK, timeZone: "Asia/Kolkata" }) {
      total { whole { runsStarted runHours distinctUsers } } unattributed { points { runsStarted } } groups { team { name } use { whole { runsStarted waitTime { p95Ms } } } } } }`,
  },
];

const mongodb = await findTestMongodb();

const answersOf = (address: string): Promise<string[]> => Promise.all(DOCUMENTS.map(({ query, variables }) => askServerForText(address, query, variables)));

describe('the same questions', () => {
  const databases = mongodb.uri === null ? null : createStores('MongoDB', mongodb.uri);
  const serving: Program[] = [];
  let folder: string;
  let expected: string[];
  const serve = async (environment: Readonly<Record<string, string>>): Promise<string> => {
    const { program, address } = await startServer({ SAMPLE: 'on', PSEUDONYM_KEY: TEST_KEY, ...environment });
    serving.push(program);
    return address;
  };
  const inFolder = (name: string): string => `lmdb:${join(folder, name)}`;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'same-answer-'));
    const address = await serve({ STORE: inFolder('one') });
    expected = await answersOf(address);
  });

  afterAll(async () => {
    await Promise.all(serving.map((program) => program.stop()));
    await rm(folder, { recursive: true });
  });

  it('are answered by one process on the embedded store, without an error', () => {
    for (const answer of expected) {
      expect(answer).not.toContain('"errors"');
      expect(answer.length).toBeGreaterThan(200);
    }
  });

  it('get the same answers, byte for byte, from a process for each subgraph and a gateway over HTTP', async () => {
    const members = await Promise.all(
      subgraphs.map(async ({ name }) => ({ name, address: await serve({ SUBGRAPHS: name, STORE: inFolder(name) }) })),
    );
    const lines = members.flatMap(({ name, address }) => {
      const url = `${address}/subgraphs/${name}/graphql`;
      return [`  ${name}:`, `    routing_url: ${url}`, '    schema:', `      subgraph_url: ${url}`];
    });
    const config = join(folder, 'supergraph.yaml');
    await writeFile(config, ['federation_version: =2.9.0', 'subgraphs:', ...lines, ''].join('\n'));
    const address = await serve({ SUBGRAPHS: 'none', SUPERGRAPH_CONFIG: config });
    expect(await answersOf(address)).toEqual(expected);
  });

  it('get the same answers, byte for byte, from MongoDB', async (context) => {
    if (databases === null) return context.skip(`there is no MongoDB server: ${mongodb.reason}`);
    const address = await serve({ STORE: databases.newLocation() });
    expect(await answersOf(address)).toEqual(expected);
  });
});
