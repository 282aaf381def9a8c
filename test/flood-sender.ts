import { createHash } from 'node:crypto';
import { Client } from 'undici';

/*
 * Run as a process: floods a server. Arguments: its address, the kind of flood, how many bodies are sent at once, milliseconds
 * that it lasts at least, how many times what is taken it brings; it ends once so much was offered, or a minute later. Each sender sends again at
 * once whatever it is answered, a body that was refused before a new one. The last line of stdout is a `Flooded` as JSON.
 */

/** What was sent, and what came of it. */
export interface Flooded {
  /** Bodies sent, and of these the answered with 2xx. */
  readonly offered: number;
  readonly taken: number;
  /** How many events each body has. */
  readonly events: number;
  /** Bytes of a body. */
  readonly bytes: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** How many were answered 503 without Retry-After. */
  readonly withoutAdvice: number;
}

/** Stands in a body where its number does, so that making another body costs a copy. */
const PLACE = '@@@@@@@@@@';
const filler = (length: number): string => createHash('sha512').update('filler').digest('hex').repeat(Math.ceil(length / 128)).slice(0, length);

interface Kind {
  readonly path: string;
  readonly type: string;
  readonly events: number;
  readonly toBody: (events: number) => string;
}

const toLines = (events: number, fill: number): string =>
  Array.from({ length: events }, (_, place) => {
    const event = { source: '/flood', id: `${PLACE} ${place}`, namespace: 'tests', show: { title: `Show ${place % 10}`, kind: 'FILM' }, startedAt: '2024-03-01T10:00:00Z', watchedMs: 60_000 + place, user: `viewer ${place}`, filler: filler(fill) };
    return `${JSON.stringify({ kind: 'playback-session', event })}\n`;
  }).join('');

const toRuns = (events: number, fill: number): string =>
  JSON.stringify(
    Array.from({ length: events }, (_, place) => ({
      eventTime: '2024-03-01T10:00:00Z',
      eventType: place % 2 === 0 ? 'START' : 'COMPLETE',
      producer: `https://tests.example/flood/${PLACE}`,
      schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
      run: { runId: `00000000-0000-4000-8000-${(place >> 1).toString(16).padStart(12, '0')}`, facets: {} },
      job: { namespace: 'flood', name: `job ${place % 10}`, facets: { sql: { query: filler(fill) } } },
      outputs: [{ namespace: 'flood', name: `table ${place % 10}`, facets: { schema: { fields: Array.from({ length: Math.ceil(fill / 50) }, (_field, at) => ({ name: `field_${at}`, type: 'BIGINT' })) } } }],
    })),
  );

/** Small events in great number, which cost the most to take; large ones; streams longer than what goes into one commit. */
const KINDS: Readonly<Record<string, Kind>> = {
  sessions: { path: '/subgraphs/viewing/events', type: 'application/x-ndjson', events: 1_000, toBody: (events) => toLines(events, 0) },
  long: { path: '/subgraphs/viewing/events', type: 'application/x-ndjson', events: 5_000, toBody: (events) => toLines(events, 1_000) },
  lineage: { path: '/api/v1/lineage/batch', type: 'application/json', events: 500, toBody: (events) => toRuns(events, 0) },
  facets: { path: '/api/v1/lineage/batch', type: 'application/json', events: 100, toBody: (events) => toRuns(events, 1_000) },
};

const [, , address, name, senders, milliseconds, times] = process.argv;
const { path, type, events, toBody } = KINDS[name as string] as Kind;
const template = Buffer.from(toBody(events));
const places: number[] = [];
for (let at = template.indexOf(PLACE); at >= 0; at = template.indexOf(PLACE, at + 1)) places.push(at);

function toNumbered(number: number): Buffer {
  const digits = Buffer.from(`${number}`.padStart(PLACE.length, '0'));
  const body = Buffer.from(template);
  for (const place of places) digits.copy(body, place);
  return body;
}

const statuses: Record<string, number> = {};
let next = 0;
let offered = 0;
let taken = 0;
let withoutAdvice = 0;
const start = performance.now();

function isOver(): boolean {
  const lasted = performance.now() - start - Number(milliseconds);
  return lasted > 0 && (offered >= Number(times) * taken || lasted > 60_000);
}

async function send(): Promise<void> {
  const client = new Client(address as string, { headersTimeout: 0, bodyTimeout: 0 });
  let body = toNumbered(next++);
  while (!isOver()) {
    const answer = await client.request({ path, method: 'POST', headers: { 'content-type': type }, body });
    await answer.body.dump();
    const status = answer.statusCode;
    offered += 1;
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (status === 503 && !/^\d+$/.test(String(answer.headers['retry-after']))) withoutAdvice += 1;
    if (status >= 300) continue;
    taken += 1;
    body = toNumbered(next++);
  }
  await client.close();
}

await Promise.all(Array.from({ length: Number(senders) }, send));
process.stdout.write(`${JSON.stringify({ offered, taken, events, bytes: template.length, statuses, withoutAdvice } satisfies Flooded)}\n`);
