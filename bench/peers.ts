import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { execute, parse, printSchema } from 'graphql';
import { createApiSchema } from '../gateway/execution/api-schema.ts';
import { replaceUrls } from '../gateway/graph/supergraph-urls.ts';
import { projectPath } from '../kit/project.ts';
import { median } from './raw/generated.ts';
import { composeLinkedGraph, createMonolith, QUESTIONS, SUBGRAPH_NAMES } from './raw/linked-graph.ts';
import type { Contestant, Load } from './raw/processes.ts';
import { createProcesses, installPeers } from './raw/processes.ts';
import { measureShares } from './raw/own-share.ts';

/*
 * The gateway beside its peers, each a process of its own, the load another one: rounds in turns, after the answers were found equal.
 *
 *   npm run bench -- peers [SECONDS]      a round lasts SECONDS instead of 2
 *
 * Aims on the linked question: in one process at least 7 times Apollo Gateway, over HTTP at least 3.5 times and within a tenth of a fan-out
 * that is written by hand; ahead of Hive Gateway on every question.
 */

const ROUNDS = 5;
const CONCURRENCY = 16;
const WARM_MS = 1_000;

const ONE = 'gateway, one process';
const HTTP = 'gateway, over HTTP';
const APOLLO = 'Apollo Gateway';
const HIVE = 'Hive Gateway';
const HAND = 'fan-out by hand';

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** One question as every contestant is asked it. */
interface Asked {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a round gave: answers a second, and the processor time of each in milliseconds. */
interface Round {
  readonly rate: number;
  readonly cpuMs: number;
}

async function answerOf({ name, url }: Contestant, { headers, body }: Asked): Promise<string> {
  const response = await fetch(url, { method: 'POST', headers, body });
  const text = await response.text();
  const { data, errors } = JSON.parse(text) as { data?: unknown; errors?: unknown };
  if (response.status !== 200 || errors !== undefined) throw new Error(`${name} answered ${response.status}: ${text.slice(0, 300)}`);
  return JSON.stringify(data);
}

async function play(load: Load, contestant: Contestant, asked: Asked, ms: number): Promise<Round> {
  const before = await contestant.cpuMs();
  const outcome = await load.ask({ url: contestant.url, ...asked, concurrency: CONCURRENCY, ms });
  const cpuMs = (await contestant.cpuMs()) - before;
  if (outcome.failed > 0) throw new Error(`${contestant.name} did not answer ${outcome.failed} of ${outcome.failed + outcome.answered} requests`);
  return { rate: outcome.answered / (outcome.ms / 1_000), cpuMs: cpuMs / outcome.answered };
}

/** Checks that all give `expected`, has them asked in turns, and prints what came of it beside the first of them that is a peer's. */
async function race(question: string, contestants: readonly Contestant[], load: Load, asked: Asked, expected: string, ms: number): Promise<void> {
  for (const contestant of contestants) {
    if ((await answerOf(contestant, asked)) !== expected) throw new Error(`${contestant.name} gives another answer to the question ${question}.`);
    await load.ask({ url: contestant.url, ...asked, concurrency: CONCURRENCY, ms: WARM_MS });
  }
  const rounds = new Map<string, Round[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) for (const contestant of contestants) rounds.get(contestant.name)?.push(await play(load, contestant, asked, ms));
  const base = rounds.get(APOLLO) ?? [];
  say(`\n${question}, ${expected.length} bytes            answers/s  to Apollo's  CPU ms each`);
  for (const [name, all] of rounds) {
    // Each round beside Apollo Gateway's of the same turn: what else the machine does weighs on both.
    const ratio = median(all.map(({ rate }, index) => rate / (base[index]?.rate ?? Number.NaN)));
    say(`  ${name.padEnd(28)} ${median(all.map(({ rate }) => rate)).toFixed(0).padStart(9)} ${ratio.toFixed(2).padStart(10)} ${median(all.map(({ cpuMs }) => cpuMs)).toFixed(2).padStart(12)}`);
  }
}

/** Asks every contestant the bench's three questions, then the project's own graph one of its own, and prints the gateway's share. */
export async function run([seconds]: readonly string[]): Promise<void> {
  const ms = Number(seconds ?? '2') * 1_000;
  if (!(ms > 0)) throw new Error(`expected seconds, got "${seconds}"`);
  await installPeers(say);
  const folder = mkdtempSync(join(tmpdir(), 'bench-peers-'));
  const processes = createProcesses(folder);
  const key = randomBytes(24).toString('base64url');
  const keys = `bench admin ${key}`;
  const secret = randomBytes(24).toString('base64url');
  const headers = { 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${key}` };
  try {
    say(`${availableParallelism()} cores, Node ${process.version}, ${ROUNDS} rounds of ${ms / 1_000} s, ${CONCURRENCY} at once`);
    const load = await processes.startLoad();
    const subgraphs = await Promise.all(SUBGRAPH_NAMES.map((name) => processes.start(name, 'subgraph-process', [name])));
    const urls = new Map(subgraphs.map(({ name, url }) => [name, url]));
    const supergraph = composeLinkedGraph(urls);
    const file = join(folder, 'supergraph.graphql');
    writeFileSync(file, supergraph);
    const contestants = [
      await processes.start(ONE, 'gateway-process', [keys, secret, 'local', join(folder, 'store')]),
      await processes.start(HTTP, 'gateway-process', [keys, secret, 'remote', file]),
      await processes.startPeer(APOLLO, 'apollo-gateway', [file]),
      await processes.startPeer(HIVE, 'hive-gateway', [file]),
      await processes.start(HAND, 'fan-out-process', [...urls.values()]),
    ];
    const monolith = createMonolith(printSchema(createApiSchema(parse(supergraph))));
    for (const [question, query] of Object.entries(QUESTIONS)) {
      const { data } = await execute({ schema: monolith, document: parse(query) });
      await race(question, contestants, load, { headers, body: JSON.stringify({ query }) }, JSON.stringify(data), ms);
    }
    say('\nThe gateway\'s own share of a linked request in one process, without its HTTP side:');
    for (const line of await measureShares()) say(line);

    await raceOwnGraph(load);
  } finally {
    await processes.close();
    rmSync(folder, { recursive: true, force: true });
  }

  async function raceOwnGraph(load: Load): Promise<void> {
    const own = await processes.start(ONE, 'gateway-process', [keys, secret, 'sample', join(folder, 'sample')]);
    const base = new URL(own.url).origin;
    const file = join(folder, 'own.graphql');
    writeFileSync(file, replaceUrls(await readFile(projectPath('dist', 'supergraph.graphql'), 'utf8'), (name) => `${base}/subgraphs/${name}/graphql`));
    const query = await readFile(projectPath('questions', 'where-does-this-number-come-from.graphql'), 'utf8');
    const asked = { headers, body: JSON.stringify({ query }) };
    const contestants = [
      own,
      await processes.start(HTTP, 'gateway-process', [keys, secret, 'remote', file]),
      await processes.startPeer(APOLLO, 'apollo-gateway', [file]),
      await processes.startPeer(HIVE, 'hive-gateway', [file]),
    ];
    await race('the project\'s own graph', contestants, load, asked, await answerOf(own, asked), ms);
  }
}
