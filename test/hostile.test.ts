import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isErrorCode } from '../kit/graph/errors.ts';
import { toScale } from '../kit/test-scale.ts';
import { hostileBodies, type Body } from './hostile-bodies.ts';
import { askServer, createFolder, startServer, type Program } from './program.ts';

const BODIES = toScale(100_000);
const SENDERS = 16;
const SEED = 'hostile';

/** Answers that tell a caller what to mend. */
const REFUSED = new Set([400, 404, 413, 415]);

let folder: Awaited<ReturnType<typeof createFolder>>;
let program: Program;
let address: string;

beforeAll(async () => {
  folder = await createFolder();
  ({ program, address } = await startServer({ STORE: `lmdb:${folder.path}`, LOG_LEVEL: 'error' }));
});

afterAll(async () => {
  await program.stop();
  await folder.remove();
});

const shown = ({ path, headers, bytes }: Body): string => `${path} ${JSON.stringify(headers)} ${JSON.stringify(bytes.subarray(0, 600).toString('latin1'))}`;

/** What of an answer breaks the promise; null where none of it does. */
async function faultOf(body: Body): Promise<string | null> {
  const response = await fetch(`${address}${body.path}`, { method: 'POST', headers: body.headers, body: new Uint8Array(body.bytes) });
  const text = await response.text();
  const said = `${response.status} ${text.slice(0, 300)}`;
  // A bomb fills the room for what waits, for a moment.
  if (response.status === 503 && response.headers.has('retry-after')) return null;
  if (body.path === '/cmcd') return response.status === 204 ? null : `expected 204, got ${said}`;
  if (response.status === 200 || response.status === 201) return null;
  if (!REFUSED.has(response.status)) return `expected another status, got ${said}`;
  const { error } = JSON.parse(text) as { error?: { code: string; message: string; field?: string | null } };
  if (error === undefined || !isErrorCode(error.code)) return `expected an error with a public code, got ${said}`;
  // A field, or where in the bytes, or what was expected in their place; of a body as a whole, how it is to be sent.
  const isOfTheWhole = response.status === 413 || response.status === 415 || /gzip/.test(error.message);
  return isOfTheWhole || typeof error.field === 'string' || /offset|byte|line|column|expected|takes?\b/i.test(error.message) ? null : `expected a field or an offset, got ${said}`;
}

/** Anonymous memory in megabytes, where the system tells it (proc(5)); else 0. */
const memory = (): number => process.platform !== 'linux' ? 0 : Math.round(Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${program.pid}/status`, 'utf8'))?.[1]) / 1024);

describe(`${BODIES} hostile bodies`, () => {
  it('get no 500 and an answer that says what is wrong, and leave no memory behind', async () => {
    const bodies = hostileBodies(SEED, BODIES);
    const faults: string[] = [];
    const send = async (count: number): Promise<void> => {
      let left = count;
      await Promise.all(
        Array.from({ length: SENDERS }, async () => {
          while (left-- > 0) {
            const { value: body, done } = bodies.next() as IteratorResult<Body, undefined>;
            if (done || body === undefined) return;
            const fault = await faultOf(body).catch((error: unknown) => `expected an answer, got ${String(error)} ${String((error as Error).cause)}`);
            if (fault !== null && faults.length < 20) faults.push(`${fault} to ${shown(body)}`);
          }
        }),
      );
    };
    await send(BODIES / 2);
    const half = memory();
    await send(BODIES / 2);
    expect(faults).toEqual([]);
    const metrics = await (await fetch(`${address}/metrics`)).text();
    expect(metrics).toMatch(/^loopgraph_internal_failures_total 0$/m);
    // The second half comes with what the first had: caches are full, and what is kept is on disk.
    expect(memory() - half).toBeLessThan(100);
  });

  it('leave players\' lines among the refusals, each with its reason, and the server as it was', async () => {
    const bad = 'this is (no dictionary';
    expect((await fetch(`${address}/cmcd`, { method: 'POST', headers: { 'content-type': 'application/cmcd' }, body: `${bad}\n` })).status).toBe(204);
    const answer = (await askServer(address, '{ refusals(receiver: CMCD, first: 1) { nodes { code message } } }')) as { data: { refusals: { nodes: { code: string; message: string }[] } } };
    expect(answer.data.refusals.nodes).toEqual([{ code: 'EVENT_INVALID', message: expect.stringMatching(/offset|byte|expected/) as string }]);
    const event = { eventType: 'COMPLETE', eventTime: '2026-01-05T10:00:00Z', producer: 'p', schemaURL: 's', run: { runId: 'after-all-of-it' }, job: { namespace: 'after', name: 'all' } };
    expect((await fetch(`${address}/api/v1/lineage`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(event) })).status).toBe(201);
    expect(await askServer(address, '{ job(namespace: "after", name: "all") { latestRun { state } } }')).toEqual({ data: { job: { latestRun: { state: 'COMPLETE' } } } });
  });
});
