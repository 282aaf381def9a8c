import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { projectPath } from '../../../kit/project.ts';
import { useReceiver } from '../../emitters/receiver.ts';
import { preparePackages } from '../../npm.ts';
import { tryRun } from '../../python.ts';
import { JOBS, NAMESPACE, sendJobs } from '../jobs.ts';

const run = promisify(execFile);
const prepared = await preparePackages(projectPath('test', 'clients', 'typed', 'package.json'), 'clients', 'typed');
const receiver = useReceiver();
let programs = '';

beforeEach(({ skip }) => {
  if ('missing' in prepared) skip(`Apollo Client, urql and graphql-request did not ask: ${prepared.missing}`);
});
/** Beside the installed clients, which the compiler and the programs then find. */
beforeAll(async () => {
  if ('missing' in prepared) return;
  await sendJobs(receiver.address);
  programs = await mkdtemp(join(dirname(prepared.modules), 'programs-'));
  await cp(projectPath('test', 'clients', 'typed', 'programs'), programs, { recursive: true });
  await writeFile(join(programs, 'schema.graphql'), await (await fetch(`${receiver.address}/schema.graphql`)).text());
  expect(await tryRun('npx', ['graphql-codegen', '--config', 'codegen.yml'], programs)).toMatchObject({ ok: true });
  expect(await tryRun('npx', ['tsc'], programs)).toEqual({ ok: true, output: '' });
});
afterAll(async () => {
  if (programs !== '') await rm(programs, { recursive: true });
});

const ask = async (client: string): Promise<Record<string, unknown>> => {
  const { stdout } = await run(process.execPath, [join(programs, 'out', `${client}.js`), `${receiver.address}/graphql`], { timeout: 50_000 });
  return JSON.parse(stdout) as Record<string, unknown>;
};

const firstJob = { id: expect.stringMatching(/^Job:/), name: JOBS[0], namespace: NAMESPACE };
const unknownField = { message: 'Cannot query field "nothing" on type "Query".', code: 'GRAPHQL_VALIDATION_FAILED' };
const GRAPHQL = 'application/graphql-response+json; charset=utf-8';

describe('Apollo Client', () => {
  let told: Record<string, unknown>;
  beforeAll(async () => {
    if (programs !== '') told = await ask('apollo-client');
  });

  test('pages through a connection into its cache, and finds an object by its id', () => {
    expect(told).toMatchObject({ names: JOBS, node: { __typename: 'Job', ...firstJob } });
    expect(told['sent']).toContainEqual({ method: 'POST', accept: expect.stringContaining('application/graphql-response+json'), hasDocument: true, hasHash: false, status: 200, type: GRAPHQL });
  });

  test('asks by the hash of a document, which the server learns from the first who sends it', () => {
    expect(told['hashed']).toMatchObject({
      answers: [JOBS.length, JOBS.length],
      sent: [
        { method: 'POST', hasHash: true, hasDocument: false },
        { method: 'POST', hasHash: true, hasDocument: true, status: 200 },
        { method: 'POST', hasHash: true, hasDocument: false, status: 200 },
      ],
    });
  });

  test('asks by GET, by document and by hash', () => {
    expect(told['got']).toMatchObject({ answer: firstJob, sent: [{ method: 'GET', hasDocument: true, status: 200 }] });
    expect(told['hashedGet']).toMatchObject({
      answers: [firstJob, firstJob],
      sent: [{ method: 'GET', hasDocument: false }, { hasDocument: true, status: 200 }, { method: 'GET', hasDocument: false, status: 200 }],
    });
  });

  test('is told what is wrong, also that nothing is deferred here', () => {
    expect(told['unknownField']).toEqual([unknownField]);
    expect(told['deferred']).toEqual([{ message: 'Unknown directive "@defer".', code: 'GRAPHQL_VALIDATION_FAILED' }]);
  });
});

describe('urql', () => {
  let told: Record<string, unknown>;
  beforeAll(async () => {
    if (programs !== '') told = await ask('urql');
  });

  test('pages through a connection and finds an object by its id, with preferGetMethod: false', () => {
    expect(told['posted']).toMatchObject({ names: JOBS, node: firstJob, wrong: { network: null, graphql: [unknownField] } });
    expect((told['posted'] as { sent: { method: string }[] }).sent.every(({ method }) => method === 'POST')).toBe(true);
  });

  test('does so by GET with the header that only a page sends which asked first', () => {
    expect(told['gotWithHeader']).toMatchObject({ names: JOBS, node: firstJob, wrong: { network: null, graphql: [unknownField] } });
    expect((told['gotWithHeader'] as { sent: { method: string }[] }).sent.every(({ method }) => method === 'GET')).toBe(true);
  });

  test.each(['asItComes', 'got'])('is told by which header it may GET, where it does so without one (%s)', (how) => {
    expect(told[how]).toMatchObject({ errors: { network: null, graphql: [{ message: expect.stringContaining('apollo-require-preflight'), code: 'BAD_REQUEST' }] }, sent: [{ method: 'GET', status: 400 }] });
  });
});

describe('graphql-request', () => {
  let told: Record<string, unknown>;
  beforeAll(async () => {
    if (programs !== '') told = await ask('graphql-request');
  });

  test('pages through a connection and finds an object by its id, by POST and by GET', () => {
    expect(told).toMatchObject({ names: JOBS, node: firstJob, got: firstJob });
  });

  test('is told what is wrong, also that operations are not sent in batches', () => {
    expect(told['wrong']).toEqual({ status: 400, errors: [unknownField] });
    expect(told['batched']).toEqual({ status: 400, errors: [{ message: expect.stringContaining('send each operation in a request of its own'), code: 'BODY_UNREADABLE' }] });
  });
});
