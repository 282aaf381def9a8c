import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { median, playEvents, studioOf } from './raw/generated.ts';

/*
 * How many OpenLineage events a second come in one by one over HTTP at concurrency 64, durably and with every rollup, on
 * LMDB, beside the same route of the same server whose receiver only answers: bodies are read and parsed, nothing is kept.
 * The goal is 0.12 of it; a bare group commit reached 0.17. Rounds are taken in turns.
 *
 *   npm run bench -- single-events
 */

const CONCURRENCY = 64;
const ROUNDS = 4;
const ROUND_MS = 4_000;

interface Server {
  readonly child: ChildProcess;
  readonly address: string;
}

async function startServer(folder: string, mode: 'kept' | 'bare'): Promise<Server> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const child = spawn(process.execPath, [fileURLToPath(new URL(`./raw/single-server.${extension}`, import.meta.url)), folder, mode], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) return { child, address: line };
  throw new Error(`the ${mode} server ended before it answered`);
}

/** Posts one event; resolves with the status. */
function post(agent: Agent, address: string, body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const sending = request(`${address}/api/v1/lineage`, { method: 'POST', agent, headers: { 'content-type': 'application/json', 'content-length': body.length } }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0)).once('error', reject);
    });
    sending.once('error', reject).end(body);
  });
}

/** Peak of a process's memory so far in megabytes; null where the system does not tell. */
function anonymousMb({ child }: Server): number | null {
  if (process.platform !== 'linux') return null;
  return Math.round(Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024);
}

/** Prints the two rates and their ratio. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'loopgraph-bench-'));
  const bodies = playEvents(studioOf(0), 'openlineage', 20_000).map((event) => JSON.stringify(event));
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  const servers: Server[] = [];
  let number = 0;
  /** No two events are alike: each pass over them is of other runs. */
  const next = (): Buffer => {
    const pass = Math.floor(number / bodies.length).toString(16).padStart(4, '0');
    const body = bodies[number % bodies.length] ?? '';
    number += 1;
    return Buffer.from(body.replaceAll(/"runId":"[0-9a-f]{4}/g, `"runId":"${pass}`));
  };
  const measure = async ({ address }: Server): Promise<number> => {
    const end = performance.now() + ROUND_MS;
    let count = 0;
    const work = async (): Promise<void> => {
      while (performance.now() < end) {
        const status = await post(agent, address, next());
        if (status !== 201) throw new Error(`expected 201, got ${status}`);
        count += 1;
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, work));
    return count / (ROUND_MS / 1_000);
  };
  try {
    const kept = await startServer(join(folder, 'kept'), 'kept');
    servers.push(kept);
    const bare = await startServer(join(folder, 'bare'), 'bare');
    servers.push(bare);
    const rates: { kept: number[]; bare: number[] } = { kept: [], bare: [] };
    let peak = 0;
    // The first round warms up.
    for (let round = 0; round <= ROUNDS; round += 1) {
      const [one, other] = [await measure(bare), await measure(kept)];
      peak = Math.max(peak, anonymousMb(kept) ?? 0);
      if (round === 0) continue;
      rates.bare.push(one);
      rates.kept.push(other);
    }
    const [base, rate] = [median(rates.bare), median(rates.kept)];
    console.log(
      `single events at concurrency ${CONCURRENCY}: ${rate.toFixed(0)}/s kept, ${base.toFixed(0)}/s only parsed: ${(rate / base).toFixed(3)} (goal 0.12; medians of ${ROUNDS} rounds in turns); anonymous memory ${peak} MB`,
    );
  } finally {
    agent.destroy();
    for (const { child } of servers) child.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
