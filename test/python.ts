import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { projectPath } from '../kit/project.ts';

const run = promisify(execFile);

/** How a program that may fail ended, and what it printed, both streams together. */
export interface Tried {
  readonly ok: boolean;
  readonly output: string;
}

/** Runs a program to its end; never throws for what the program does. */
export async function tryRun(file: string, args: readonly string[], cwd?: string): Promise<Tried> {
  try {
    const { stdout, stderr } = await run(file, args, { maxBuffer: 64 * 1_048_576, ...(cwd === undefined ? {} : { cwd }) });
    return { ok: true, output: stdout + stderr };
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
    return { ok: false, output: stdout + stderr || message };
  }
}

/** What pip or venv says where the machine lacks them or reaches no registry, beside faults of the requirements. */
const OUT_OF_REACH = /ENOENT|No module named|ensurepip|NewConnectionError|ConnectionError|ConnectTimeout|Retrying|timed out|resolve|SSLError|ProxyError/;

/** A Python with the requirements' packages, as a path; else why there is none. */
export type PreparedPython = { readonly python: string } | { readonly missing: string };

/**
 * Installs a requirements file into a virtual environment under `.cache/`, which is kept between runs for as long as the file is the same.
 * @throws Error where the registry answers and the requirements cannot be met
 */
export async function preparePython(requirements: string, ...cache: readonly string[]): Promise<PreparedPython> {
  const key = createHash('sha256').update(await readFile(requirements)).digest('hex').slice(0, 16);
  const home = projectPath('.cache', ...cache, key);
  const python = join(home, 'bin', 'python');
  const done = join(home, 'installed');
  if (await access(done).then(() => true, () => false)) return { python };
  await rm(home, { recursive: true, force: true });
  await mkdir(dirname(home), { recursive: true });
  const steps: readonly (readonly [string, readonly string[]])[] = [
    ['python3', ['-m', 'venv', home]],
    [python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '1', '--timeout', '15', '-r', requirements]],
  ];
  for (const [file, args] of steps) {
    const { ok, output } = await tryRun(file, args);
    if (ok) continue;
    if (!OUT_OF_REACH.test(output)) throw new Error(output);
    return { missing: `${file === 'python3' ? 'no python3 with venv' : 'no registry of Python packages'} can be had: ${output.trim().split('\n').at(-1)}` };
  }
  await writeFile(done, '');
  return { python };
}
