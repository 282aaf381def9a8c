import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse } from 'graphql';
import type { GraphQLSchema } from 'graphql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isLong, toScale } from '../kit/test-scale.ts';
import { anonymousMemory } from './memory.ts';
import { askServer, createFolder, startServer, type Program } from './program.ts';

const RELOADS = toScale(1_000);
/** Anonymous memory that the server may have, in bytes. */
const MOST_MEMORY = 700 * 1024 * 1024;
const READERS = isLong ? 14 : 2;
const SENDERS = isLong ? 2 : 1;
/** A tenth goes over one subgraph of the house, which composes in a tenth of the time of all; it is told each time that saved questions need the others. */
const OWN: Readonly<Record<string, string>> = isLong ? {} : { SUBGRAPHS: 'viewing', LOG_LEVEL: 'error' };
const TITLES = ['Squid Game', 'Wednesday', 'Lupin'];

/** The schema of another team's subgraph at its so-manieth change: a field of the house's shows, and one that only this schema has. */
const toTypeDefs = (turn: number): string => `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Query { turn${turn}: Int }
  type Show @key(fields: "id") { id: ID! stars: Int! turn${turn}: Int }`;

function toSchema(turn: number): GraphQLSchema {
  const resolvers = { Query: { [`turn${turn}`]: () => turn }, Show: { __resolveReference: ({ id }: { id: string }) => ({ id, stars: id.length, [`turn${turn}`]: turn }) } };
  return buildSubgraphSchema([{ typeDefs: parse(toTypeDefs(turn)), resolvers }]);
}

let turn = 0;
let schema = toSchema(0);
const remote = createServer((request, response) => {
  let text = '';
  request.on('data', (chunk: Buffer) => (text += chunk.toString()));
  request.on('end', () => {
    const { query: source, variables: variableValues } = JSON.parse(text) as { query: string; variables?: Record<string, unknown> };
    void graphql({ schema, source, ...(variableValues !== undefined && { variableValues }) }).then((answer) => response.setHeader('content-type', 'application/json').end(JSON.stringify(answer)));
  });
});

let folder: Awaited<ReturnType<typeof createFolder>>;
let program: Program;
let address: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    remote.listen(0, '127.0.0.1', resolve);
  });
  folder = await createFolder();
  const url = `http://127.0.0.1:${(remote.address() as AddressInfo).port}/graphql`;
  const config = join(folder.path, 'supergraph.yaml');
  await writeFile(config, `subgraphs:\n  stars:\n    routing_url: ${url}\n    schema:\n      subgraph_url: ${url}\n`);
  ({ program, address } = await startServer({ STORE: `lmdb:${folder.path}/store`, SUPERGRAPH_CONFIG: config, SUPERGRAPH_POLL: '0.01', ...OWN }));
});

afterAll(async () => {
  await program?.stop();
  remote.closeAllConnections();
  remote.close();
  await folder.remove();
});

const send = (path: string, type: string, body: string): Promise<{ status: number; text: string }> =>
  fetch(`${address}${path}`, { method: 'POST', headers: { 'content-type': type }, body }).then(async (response) => ({ status: response.status, text: await response.text() }));

it.skipIf(process.platform !== 'linux')(`${RELOADS} supergraphs one after the other, under load, drop no request, and memory does not grow with them`, async () => {
  const shows = TITLES.map((title, at) => ({ specversion: '1.0', type: 'loopgraph.show', source: '/catalogue', id: `${at}`, time: '2024-01-01T00:00:00Z', data: { namespace: 'catalogue', title, kind: 'SERIES' } }));
  expect(await send('/events', 'application/cloudevents-batch+json', JSON.stringify(shows))).toMatchObject({ status: 200 });
  const linked = JSON.stringify({ query: '{ shows(namespace: "catalogue") { totalCount nodes { id title stars } } }' });
  const first = await send('/graphql', 'application/json', linked);
  const { data } = JSON.parse(first.text) as { data: { shows: { nodes: { title: string; stars: number }[] } } };
  expect(data.shows.nodes.map(({ title, stars }) => [title, stars > 0])).toEqual(TITLES.toSorted().map((title) => [title, true]));

  let isOver = false;
  let answered = 0;
  let sent = 0;
  const faults: unknown[] = [];
  const read = async (): Promise<void> => {
    while (!isOver) {
      const answer = await send('/graphql', 'application/json', linked).catch(String);
      answered += 1;
      if (typeof answer === 'string' || answer.status !== 200 || answer.text !== first.text) faults.push(answer);
    }
  };
  const write = async (): Promise<void> => {
    while (!isOver) {
      const event = { source: '/reloads', id: `${sent++}`, namespace: 'catalogue', show: { title: TITLES[0], kind: 'SERIES' }, startedAt: '2024-03-01T10:00:00Z', watchedMs: 1_000 };
      const answer = await send('/subgraphs/viewing/events', 'application/x-ndjson', `${JSON.stringify({ kind: 'playback-session', event })}\n`).catch(String);
      if (typeof answer === 'string' || answer.status !== 200 || !answer.text.includes('"accepted":1')) faults.push(answer);
    }
  };
  const load = Promise.all([...Array.from({ length: READERS }, read), ...Array.from({ length: SENDERS }, write)]);
  const memory: number[] = [];
  const began = performance.now();
  const isServed = async (): Promise<boolean> => {
    const { status } = await send('/graphql', 'application/json', JSON.stringify({ query: `{ turn${turn} shows(namespace: "catalogue") { nodes { turn${turn} } } }` }));
    memory.push(anonymousMemory(program.pid));
    return status === 200;
  };
  while (turn < RELOADS && faults.length === 0) {
    schema = toSchema(turn + 1);
    turn += 1;
    while (!(await isServed()));
  }
  isOver = true;
  await load;
  const most = (part: readonly number[]): number => Math.round(Math.max(...part) / 2 ** 20);
  const half = memory.length >> 1;
  process.stdout.write(`${turn} reloads in ${Math.round((performance.now() - began) / 1_000)} s, ${answered} linked questions and ${sent} events beside; memory at most ${most(memory.slice(0, half))} MB in the first half, ${most(memory.slice(half))} MB in the second\n`);
  expect(faults).toEqual([]);
  expect(answered).toBeGreaterThan(RELOADS);
  expect(Math.max(...memory)).toBeLessThan(MOST_MEMORY);
  const kept = await askServer(address, '{ shows(namespace: "catalogue", title: "Squid Game") { nodes { viewing(window: { from: "2024-03-01", to: "2024-03-02" }) { whole { sessions } } } } }');
  expect(kept).toEqual({ data: { shows: { nodes: [{ viewing: { whole: { sessions: sent } } }] } } });
  expect(await program.stop()).toMatchObject({ code: 0, stderr: '' });
}, toScale(3_000_000));
