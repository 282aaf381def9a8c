import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { projectPath, projectRoot } from '../kit/project.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where this run's programs are, once `broker` has answered 200: it compiles them when first asked. */
    readonly programs: { readonly folder: string; readonly broker: string };
  }
}

async function compile(folder: string): Promise<void> {
  await promisify(execFile)(process.execPath, ['build.mjs', folder, 'test/ending-server', 'test/flood-sender'], { cwd: projectRoot });
}

/**
 * The programs as they are now, compiled once for a test run, when the first test file asks for them. In a folder of this
 * run's own, so that two runs do not meet, and within the project, so that the programs find its modules and files.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await mkdir(projectPath('.cache'), { recursive: true });
  const folder = await mkdtemp(projectPath('.cache', 'program-'));
  let compiled: Promise<void> | null = null;
  const broker = createServer((_request, response) => {
    compiled ??= compile(folder);
    compiled.then(
      () => response.end(),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.message : String(error)),
    );
  });
  await new Promise<void>((resolve) => {
    broker.listen(0, '127.0.0.1', resolve);
  });
  broker.unref();
  project.provide('programs', { folder, broker: `http://127.0.0.1:${(broker.address() as AddressInfo).port}/` });
  return async () => {
    broker.closeAllConnections();
    broker.close();
    await compiled?.catch(() => {});
    await rm(folder, { recursive: true, force: true });
  };
}
