import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';

/** Where the programs are, as they are now, once `buildPrograms` has resolved: dist/ may be older. */
export const BUILD: string = inject('programs').folder;

/** Waits until the programs are compiled, which is done once for a test run. */
export async function buildPrograms(): Promise<void> {
  const response = await fetch(inject('programs').broker);
  if (!response.ok) throw new Error(await response.text());
}

/** What a program said and how it ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs. */
export interface Program {
  readonly pid: number;
  /** Resolves with what was matched once its stdout has it; rejects where it ends before. */
  saysOnStdout(pattern: RegExp): Promise<RegExpExecArray>;
  readonly ended: Promise<Ended>;
  /** SIGTERM, and what it said until it ended. */
  stop(): Promise<Ended>;
}

/** Starts a program of `build`, such as `gateway/main`, with nothing in its environment but what is given. */
export function startProgram(name: string, environment: Readonly<Record<string, string>>, args: readonly string[] = [], build: string = BUILD): Program {
  const child = spawn(process.execPath, [join(build, `${name}.js`), ...args], { env: { ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  const watchers = new Set<() => void>();
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    for (const watch of watchers) watch();
  });
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
  return {
    pid: child.pid as number,
    saysOnStdout: (pattern) =>
      new Promise((resolve, reject) => {
        const watch = (): void => {
          const found = pattern.exec(stdout);
          if (found === null) return;
          watchers.delete(watch);
          resolve(found);
        };
        watchers.add(watch);
        watch();
        void ended.then((end) => reject(new Error(`it ended with ${end.code} before it said ${pattern}: ${end.stderr || end.stdout}`)));
      }),
    ended,
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

/** Starts a server on a free port, without the sample, and resolves with its address once it answers. Rejects with what it said where it ends instead. */
export async function startServer(environment: Readonly<Record<string, string>>, build: string = BUILD): Promise<{ readonly program: Program; readonly address: string }> {
  if (build === BUILD) await buildPrograms();
  const program = startProgram('gateway/main', { PORT: '0', SAMPLE: 'off', LOG_LEVEL: 'warn', ...environment }, [], build);
  const [, address] = await program.saysOnStdout(/answers at (http:\/\/\S+)\/graphql/);
  return { program, address: address as string };
}

/** A port that something listens on until `release`. */
export async function takePort(): Promise<{ readonly port: number; readonly release: () => Promise<void> }> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    release: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** A folder for the length of a test file. */
export async function createFolder(): Promise<{ readonly path: string; readonly remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'loopgraph-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Asks a server; its whole answer. */
export async function askServer(address: string, query: string, variables: object = {}): Promise<unknown> {
  return JSON.parse(await askServerForText(address, query, variables));
}

/** Asks a server; the bytes of its answer, as text. */
export async function askServerForText(address: string, query: string, variables: object = {}): Promise<string> {
  const response = await fetch(`${address}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify({ query, variables }),
  });
  return response.text();
}
