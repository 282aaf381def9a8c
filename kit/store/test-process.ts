import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const RUN = `
const { runnerImport } = await import('vite');
await runnerImport(process.argv[1], { configFile: false, logLevel: 'error' });
`;

/** A TypeScript file as a process of its own. */
export interface TestProcess {
  readonly child: ChildProcess;
  /** The lines it prints. */
  readonly lines: AsyncIterable<string>;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string | null>;
}

/** Starts a file with these arguments; Node 20 does not read TypeScript itself. */
export function startProcess(file: URL, args: readonly string[]): TestProcess {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const child = spawn(process.execPath, ['--input-type=module', '-e', RUN, fileURLToPath(file), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | string | null>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? code));
  });
  return { child, lines: createInterface({ input: child.stdout }), ended };
}
