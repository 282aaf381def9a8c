import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { askServer, buildPrograms, createFolder, startServer } from '../program.ts';
import type { Program } from '../program.ts';

/** The built server over an empty store, for the length of a test file. */
export interface Receiver {
  /** Such as `http://127.0.0.1:4000`; known once the file's tests run. */
  readonly address: string;
  /** What a query gives. @throws Error where the answer holds errors */
  ask<Data>(query: string, variables?: object): Promise<Data>;
  /** Tells of a run of the job `nightly`, owned by `team:platform`, that started the client: after the client, as schedulers that lag do. */
  tellOfScheduler(runId: string): Promise<void>;
}

const PRODUCER = 'https://example.com/scheduler';

/** A run of the scheduler, whose job says who owns it. */
const toSchedulerEvent = (runId: string, eventType: string): object => ({
  eventType,
  eventTime: new Date().toISOString(),
  producer: PRODUCER,
  schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
  run: { runId },
  job: {
    namespace: 'scheduler',
    name: 'nightly',
    facets: { ownership: { _producer: PRODUCER, _schemaURL: 'https://openlineage.io/spec/facets/1-0-1/OwnershipJobFacet.json', owners: [{ name: 'team:platform' }] } },
  },
});

/** Builds the programs and starts the server before a file's tests, and stops it after them. */
export function useReceiver(): Receiver {
  let address = '';
  let program: Program | undefined;
  let folder: Awaited<ReturnType<typeof createFolder>> | undefined;

  beforeAll(async () => {
    await buildPrograms();
    folder = await createFolder();
    ({ program, address } = await startServer({ STORE: `lmdb:${join(folder.path, 'store')}` }));
  });

  afterAll(async () => {
    const end = await program?.stop();
    await folder?.remove();
    if (end !== undefined && end.code !== 0) throw new Error(`the server did not stop well: ${JSON.stringify(end)}`);
  });

  return {
    get address() {
      return address;
    },
    async ask<Data>(query: string, variables: object = {}): Promise<Data> {
      const { data, errors } = (await askServer(address, query, variables)) as { data: Data; errors?: unknown };
      if (errors !== undefined) throw new Error(JSON.stringify(errors));
      return data;
    },
    async tellOfScheduler(runId) {
      for (const eventType of ['START', 'COMPLETE']) {
        const body = JSON.stringify(toSchedulerEvent(runId, eventType));
        const response = await fetch(`${address}/api/v1/lineage`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
        if (response.status !== 201) throw new Error(`expected 201, got ${response.status}: ${await response.text()}`);
      }
    },
  };
}

/** How a client ended, and what it printed, both streams together. */
export interface ClientEnd {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a client to its end, with nothing in its environment but what is given; a client that fails is no error. */
export function runClient(file: string, args: readonly string[], options: { readonly cwd?: string; readonly env: Readonly<Record<string, string>> }): Promise<ClientEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}
