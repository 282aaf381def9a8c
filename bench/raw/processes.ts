import { fork, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { projectPath } from '../../kit/project.ts';
import type { LoadOrder, LoadOutcome } from './load-process.ts';

/** Where the peers' programs are, and what they stand on once it is installed. */
const PEERS = projectPath('bench', 'peers');

/** Some peers do not end when they are told to; they are given so long, in milliseconds. */
const PATIENCE_MS = 3_000;

/** A process that answers questions and is measured. */
export interface Contestant {
  readonly name: string;
  readonly url: string;
  /** Processor time that it has had, in milliseconds. */
  cpuMs(): Promise<number>;
}

/** A process that asks. */
export interface Load {
  ask(order: LoadOrder): Promise<LoadOutcome>;
}

/** Starts processes of a bench and ends all of them together. */
export interface Processes {
  /** A program of bench/raw, as it was built. */
  start(name: string, program: string, args: readonly string[]): Promise<Contestant>;
  /** A program of bench/peers. */
  startPeer(name: string, program: string, args: readonly string[]): Promise<Contestant>;
  startLoad(): Promise<Load>;
  close(): Promise<void>;
}

/** Installs the peers beside their programs, as their lockfile says, where that was not done yet. @throws where npm fails */
export async function installPeers(say: (line: string) => void): Promise<void> {
  if (existsSync(join(PEERS, 'node_modules', '.package-lock.json'))) return;
  say('Installing the peers under bench/peers (once).');
  const [code] = (await once(spawn('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: PEERS, stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' }), 'close')) as [number];
  if (code !== 0) throw new Error(`npm ci in bench/peers ended with ${code}; the peers cannot be measured without it`);
}

/** `folder` takes what the processes write on stderr: a log is written to disk, as it would be. */
export function createProcesses(folder: string): Processes {
  const children: ChildProcess[] = [];

  async function open(file: string, args: readonly string[], name: string): Promise<{ child: ChildProcess; url: string }> {
    const log = openSync(join(folder, `${children.length}.log`), 'w');
    const child = fork(file, args, { env: { NODE_ENV: 'production' }, stdio: ['ignore', log, log, 'ipc'] });
    children.push(child);
    const [message] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => {
        throw new Error(`${name} ended with ${String(code)} before it answered; ${folder}/${children.length - 1}.log says why`);
      }),
    ])) as [{ url: string }];
    return { child, url: message.url };
  }

  const toContestant = (name: string, { child, url }: { child: ChildProcess; url: string }): Contestant => ({
    name,
    url,
    async cpuMs() {
      child.send('cpu');
      const [{ cpu }] = (await once(child, 'message')) as [{ cpu: NodeJS.CpuUsage }];
      return (cpu.user + cpu.system) / 1_000;
    },
  });
  const built = (program: string): string => projectPath('dist', 'bench', 'raw', `${program}.js`);

  return {
    start: async (name, program, args) => toContestant(name, await open(built(program), args, name)),
    startPeer: async (name, program, args) => toContestant(name, await open(join(PEERS, `${program}.mjs`), args, name)),
    async startLoad() {
      const { child } = await open(built('load-process'), [], 'the load');
      return {
        async ask(order) {
          child.send(order);
          const [outcome] = (await once(child, 'message')) as [LoadOutcome];
          return outcome;
        },
      };
    },
    async close() {
      await Promise.all(children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = once(child, 'exit');
        child.kill('SIGTERM');
        const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
        await ended;
        clearTimeout(timer);
      }));
    },
  };
}
