import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { projectPath } from '../../../kit/project.ts';
import { useReceiver } from '../../emitters/receiver.ts';
import { preparePackages } from '../../npm.ts';
import { tryRun } from '../../python.ts';
import { JOBS, NAMESPACE, sendJobs } from '../jobs.ts';

const run = promisify(execFile);
const room = projectPath('test', 'clients', 'relay');
const prepared = await preparePackages(join(room, 'package.json'), 'clients', 'relay');
const receiver = useReceiver();
let folder = '';

beforeEach(({ skip }) => {
  if ('missing' in prepared) skip(`Relay did not ask: ${prepared.missing}`);
});
/** Beside the installed packages, with the schema that the server gives. */
beforeAll(async () => {
  if ('missing' in prepared) return;
  await sendJobs(receiver.address);
  folder = await mkdtemp(join(dirname(prepared.modules), 'program-'));
  await mkdir(join(folder, 'source'));
  await mkdir(join(folder, 'artifacts'));
  await cp(join(room, 'documents.js'), join(folder, 'source', 'documents.js'));
  for (const name of ['client.cjs', 'relay.config.json']) await cp(join(room, name), join(folder, name));
  // Relay's artifacts are CommonJS.
  await writeFile(join(folder, 'package.json'), '{ "type": "commonjs" }');
  await writeFile(join(folder, 'schema.graphql'), await (await fetch(`${receiver.address}/schema.graphql`)).text());
});
afterAll(async () => {
  if (folder !== '') await rm(folder, { recursive: true });
});

test('relay-compiler takes the schema, and its runtime pages through a connection and fetches an object anew by its id', async () => {
  if ('missing' in prepared) return;
  const compiled = await tryRun(process.execPath, [join(prepared.modules, 'relay-compiler', 'cli.js'), 'relay.config.json'], folder);
  expect(compiled).toMatchObject({ ok: true });
  const { stdout } = await run(process.execPath, [join(folder, 'client.cjs'), `${receiver.address}/graphql`], { timeout: 50_000 });
  const told = JSON.parse(stdout) as unknown;
  expect(told).toMatchObject({
    first: JOBS.slice(0, 2),
    all: JOBS,
    totalCount: JOBS.length,
    node: { __typename: 'Job', name: JOBS[0], namespace: NAMESPACE },
    asked: ['node'],
  });
});

test('relay-compiler refuses a field that the schema does not have', async () => {
  if ('missing' in prepared) return;
  await writeFile(join(folder, 'source', 'wrong.js'), 'import { graphql } from "relay-runtime";\ngraphql`query wrongQuery { jobs { nobody } }`;\n');
  const { ok, output } = await tryRun(process.execPath, [join(prepared.modules, 'relay-compiler', 'cli.js'), 'relay.config.json'], folder);
  expect(ok).toBe(false);
  expect(output).toContain('nobody');
});
