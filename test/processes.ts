import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { projectPath } from '../kit/project.ts';

/** What a program printed and how it ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process that serves. */
export interface ServingProcess {
  /** Such as `http://127.0.0.1:40123`. */
  readonly address: string;
  readonly pid: number;
  readonly output: () => Omit<Ended, 'code'>;
  /** Ends it by SIGTERM and waits. */
  readonly stop: () => Promise<Ended>;
}

/** Starts the built server on a free port and waits until it answers. Rejects with what it said where it ends instead. */
export async function startServing(environment: Readonly<Record<string, string>>): Promise<ServingProcess> {
  const { child, output } = startProgram({ PORT: '0', LOG_LEVEL: 'warn', ...environment });
  const ended = once(child, 'close') as Promise<[number | null]>;
  const address = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', () => {
      const found = /answers at (http:\/\/[^/\s]+)/.exec(output().stdout)?.[1];
      if (found !== undefined) resolve(found);
    });
    void ended.then(([code]) => reject(new Error(`the server ended with ${code}: ${output().stderr || output().stdout}`)));
  });
  return {
    address,
    pid: child.pid ?? 0,
    output,
    async stop() {
      child.kill('SIGTERM');
      const [code] = await ended;
      return { code, ...output() };
    },
  };
}

/** Asks a server and gives the text of its answer. */
export async function askServer(address: string, body: Readonly<Record<string, unknown>>): Promise<string> {
  const response = await fetch(`${address}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify(body),
  });
  return response.text();
}

function startProgram(environment: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [projectPath('dist', 'gateway', 'main.js')], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return { child, output: () => ({ stdout, stderr }) };
}
