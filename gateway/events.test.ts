import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Store } from '../kit/store/port.ts';
import { readAll } from '../kit/store/read-all.ts';
import { subgraphs } from '../subgraphs/index.ts';
import type { Running } from './start.ts';
import { ask, createFolder, startTest } from './test-gateway.ts';

let running: Running;
let folder: Awaited<ReturnType<typeof createFolder>>;

beforeAll(async () => {
  folder = await createFolder();
  running = await startTest({ STORE: `lmdb:${join(folder.path, 'store')}` }, { subgraphs });
});

afterAll(async () => {
  expect(running.failures.count()).toBe(0);
  await running.close();
  await folder.remove();
});

const envelope = (id: string, type: string, data?: unknown) => ({ specversion: '1.0', id, source: '/tests', type, ...(data === undefined ? {} : { data }) });
const show = (id: string, title = 'A') => envelope(id, 'loopgraph.show', { namespace: 'tests', title });

const send = (body: unknown, type: string) => ask(`${running.address}/events`, typeof body === 'string' ? body : JSON.stringify(body), { 'content-type': type });
const sendOne = (event: unknown) => send(event, 'application/cloudevents+json; charset=UTF-8');
const sendBatch = (events: unknown) => send(events, 'application/cloudevents-batch+json');

/** By node's own client, which sends header values as bytes and adds no content-type. */
function sendBinary(headers: Readonly<Record<string, string>>, body: string | Buffer = ''): Promise<{ status: number; body: unknown }> {
  return new Promise((resolve, reject) => {
    const sending = request(`${running.address}/events`, { method: 'POST', headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) }));
    });
    sending.on('error', reject);
    sending.end(body);
  });
}
const attributes = (id: string, type = 'com.example.binary', more: Readonly<Record<string, string>> = {}) => ({ 'ce-specversion': '1.0', 'ce-id': id, 'ce-source': '/tests', 'ce-type': type, ...more });

async function unclaimed(type: string): Promise<readonly Record<string, unknown>[]> {
  const query = 'query ($type: String) { unclaimedEvents(type: $type, first: 100) { nodes { event } } }';
  const { body } = await ask(`${running.address}/graphql`, { query, variables: { type } });
  return (body as { data: { unclaimedEvents: { nodes: { event: Record<string, unknown> }[] } } }).data.unclaimedEvents.nodes.map(({ event }) => event);
}

describe('an event by itself', () => {
  test('is taken once, and refused where its source and id say something else', async () => {
    expect(await sendOne(show('1'))).toMatchObject({ status: 201, body: { status: 'accepted', unclaimed: false } });
    expect(await sendOne(show('1'))).toMatchObject({ status: 201, body: { status: 'repeated' } });
    expect(await sendOne(show('1', 'B'))).toMatchObject({ status: 400, body: { error: { code: 'EVENT_CONFLICT', field: 'id' } } });
  });

  const survey = { namespace: 'tests', name: 'happy', edition: '2024' };
  test.each([
    ['loopgraph.playback-session', { namespace: 'tests', startedAt: '2024-01-01T00:00:00Z', watchedMs: 1 }, { watchedMs: 2 }],
    ['loopgraph.published-report', { namespace: 'tests', report: 'R', title: 'A', period: { from: '2024-01-01', to: '2024-01-08' }, hoursViewed: 1 }, { hoursViewed: 2 }],
    ['loopgraph.team', { name: 'readers' }, { memberCount: 2 }],
    ['loopgraph.survey', { ...survey, questions: [{ id: 'q', text: 'Q', kind: 'TEXT' }] }, { invited: 7 }],
    ['loopgraph.survey-response', { survey, responseId: '1', answers: [] }, { answers: [{ question: 'q', value: 'a' }] }],
    ['com.example.change', { a: 1 }, { a: 2 }],
  ])('of the type %s is known by its source and id', async (type, data, other) => {
    expect(await sendOne(envelope(type, type, data))).toMatchObject({ status: 201, body: { status: 'accepted', unclaimed: !type.startsWith('loopgraph.') } });
    expect(await sendOne(envelope(type, type, data))).toMatchObject({ status: 201, body: { status: 'repeated' } });
    expect(await sendOne(envelope(type, type, { ...data, ...other }))).toMatchObject({ status: 400, body: { error: { code: 'EVENT_CONFLICT', field: 'id' } } });
    expect(await sendOne(envelope(`${type} again`, type, data))).toMatchObject({ status: 201 });
  });

  test('of a type that no subgraph takes is kept whole under its type', async () => {
    const event = { ...envelope('whole', 'com.example.whole', { list: [1, { a: null }], mail: 'ann@example.org' }), subject: 's', flag: true, level: 3 };
    await sendOne(event);
    expect(await unclaimed('com.example.whole')).toEqual([{ ...event, datacontenttype: 'application/json', data: { list: [1, { a: null }], mail: expect.stringMatching(/^person:/) } }]);
    const { body } = await ask(`${running.address}/graphql`, { query: '{ eventTypes(first: 100) { nodes { type count } } }' });
    expect((body as { data: { eventTypes: { nodes: unknown[] } } }).data.eventTypes.nodes).toContainEqual({ type: 'com.example.whole', count: 1 });
  });
});

describe('a batch', () => {
  test('may be empty, and is answered 200 where all of it is kept', async () => {
    expect(await sendBatch([])).toMatchObject({ status: 200, body: { status: 'success', summary: { received: 0 } } });
    const batch = [show('b1'), envelope('b2', 'com.example.b'), show('b1')];
    expect(await sendBatch(batch)).toMatchObject({ status: 200, body: { status: 'success', summary: { received: 3, accepted: 2, repeated: 1, unclaimed: 1, failed: 0 }, failed_events: [] } });
  });

  test('keeps its good part, and names each event that fails with its field and why', async () => {
    const batch = [7, show('b3'), { ...show('b4'), id: 4 }, envelope('b5', 'loopgraph.show', { namespace: 'tests' }), show('b1', 'other'), envelope('b6', 'com.example.b')];
    const answer = await sendBatch(batch);
    expect(answer).toMatchObject({
      status: 400,
      body: {
        status: 'partial_success',
        error: { code: 'EVENT_INVALID', message: expect.stringContaining('4 of 6 events were not taken, the others were; the first is at index 0') },
        summary: { received: 6, accepted: 2, repeated: 0, unclaimed: 1, failed: 4 },
        failed_events: [{ index: 0, field: null }, { index: 2, field: 'id' }, { index: 3, field: 'data.title' }, { index: 4, code: 'EVENT_CONFLICT', field: 'id' }],
      },
    });
    expect(await sendBatch(batch)).toMatchObject({ status: 400, body: { summary: { accepted: 0, repeated: 2, failed: 4 } } });
  });
});

describe('a binary event', () => {
  test('says its attributes percent-encoded, raw, or in quotes', async () => {
    await sendBinary(attributes('%C3%A9%20%22', 'com.example.words', { 'ce-subject': Buffer.from('é %', 'utf8').toString('latin1'), 'ce-note': '"a \\"b\\""' }));
    expect(await unclaimed('com.example.words')).toEqual([{ specversion: '1.0', id: 'é "', source: '/tests', type: 'com.example.words', subject: 'é %', note: 'a "b"' }]);
  });

  test('is the same event as a structured one', async () => {
    const type = 'com.example.same';
    const data = { a: [1, 'é'] };
    const structured = { ...envelope('same', type, data), time: '2024-01-01T00:00:00Z', flag: true };
    const headers = attributes('same', type, { 'ce-time': '2024-01-01T00%3A00%3A00Z', 'ce-flag': 'True' });
    expect(await sendOne(structured)).toMatchObject({ body: { status: 'accepted' } });
    for (const [more, body] of [[{}, structured.data], [{ 'content-type': 'application/json; charset=utf-8' }, structured.data], [{ 'content-type': 'application/json' }, structured.data], [{ 'content-type': 'application/json', 'ce-flag': 'true' }, structured.data]] as const) {
      expect(await sendBinary({ ...headers, ...more }, JSON.stringify(body))).toEqual({ status: 201, body: { status: 'repeated', unclaimed: true } });
    }
    expect(await sendOne({ ...structured, data: undefined, data_base64: Buffer.from(JSON.stringify(data)).toString('base64') })).toMatchObject({ body: { status: 'repeated' } });
    expect(await sendBatch([structured])).toMatchObject({ status: 200, body: { summary: { repeated: 1 } } });
  });

  test('carries no data, text, bytes, and data that its subgraph takes', async () => {
    const type = 'com.example.content';
    await sendBinary(attributes('none', type));
    await sendBinary(attributes('text', type, { 'content-type': 'text/plain' }), 'hello');
    await sendBinary(attributes('bytes', type, { 'content-type': 'image/png' }), Buffer.from([0xff, 0]));
    await sendBinary(attributes('untold', type), 'no JSON');
    const byId = Object.fromEntries((await unclaimed(type)).map(({ id, data, data_base64: encoded, datacontenttype }) => [id, { data, encoded, datacontenttype }]));
    expect(byId).toEqual({
      none: {}, text: { data: 'hello', datacontenttype: 'text/plain' }, bytes: { encoded: '/wA=', datacontenttype: 'image/png' }, untold: { data: 'no JSON', datacontenttype: 'application/json' },
    });
    expect(await sendBinary(attributes('b-show', 'loopgraph.show', { 'content-type': 'application/json' }), JSON.stringify({ namespace: 'tests', title: 'binary' }))).toMatchObject({ status: 201, body: { unclaimed: false } });
    expect(await ask(`${running.address}/graphql`, { query: '{ shows(namespace: "tests", title: "binary") { nodes { title } } }' })).toMatchObject({ body: { data: { shows: { nodes: [{ title: 'binary' }] } } } });
  });
});

describe('what cannot be taken', () => {
  const bad = (code: string, field: string | null, message: string, status = 400) => ({ status, body: { error: { code, ...(field !== null && { field }), message: expect.stringContaining(message) } } });
  test.each([
    ['a number', '7', bad('EVENT_INVALID', null, 'a CloudEvent as a JSON object, got 7')],
    ['half of one', '{"id": ', bad('BODY_UNREADABLE', null, 'offset 7')],
    ['nothing', '', bad('BODY_UNREADABLE', null, 'empty body')],
    ['another version', { ...show('x'), specversion: '0.3' }, bad('EVENT_INVALID', 'specversion', 'expected 1.0, got "0.3"')],
    ['an empty id', { ...show('x'), id: '' }, bad('EVENT_INVALID', 'id', 'not empty')],
    ['no source', { ...show('x'), source: undefined }, bad('EVENT_INVALID', 'source', 'got nothing')],
    ['a type of the prototype', { ...show('x'), type: ['constructor'] }, bad('EVENT_INVALID', 'type', 'expected a text')],
    ['a time that is none', { ...show('x'), time: 'noon' }, bad('EVENT_INVALID', 'time', 'got "noon"')],
    ['data twice', { ...show('x'), data_base64: 'e30=' }, bad('EVENT_INVALID', 'data_base64', 'got both')],
    ['no base64', { ...envelope('x', 't'), data_base64: '%%%' }, bad('EVENT_INVALID', 'data_base64', 'base64')],
    ['data of another shape', envelope('x', 'loopgraph.show', [1]), bad('EVENT_INVALID', 'data', 'JSON object')],
    ['a field of another shape', envelope('x', 'loopgraph.show', { namespace: 'tests', title: 7 }), bad('EVENT_INVALID', 'data.title', 'xpected')],
    ['a type too long', envelope('x', 't'.repeat(401)), bad('EVENT_INVALID', 'type', 'at most 400 bytes')],
  ])('as a structured event is refused with its field: %s', async (_, body, expected) => {
    expect(await sendOne(body)).toMatchObject(expected);
  });

  test('as a batch is an object, or no JSON', async () => {
    expect(await sendBatch(show('x'))).toMatchObject(bad('EVENT_INVALID', null, 'Expected a JSON array'));
    expect(await sendBatch('[{]')).toMatchObject(bad('BODY_UNREADABLE', null, 'offset 2'));
  });

  test('as a binary event lacks an attribute, or has other data than it says', async () => {
    const { 'ce-id': _, ...rest } = attributes('x');
    expect(await sendBinary(rest)).toMatchObject(bad('EVENT_INVALID', 'id', 'got nothing'));
    expect(await sendBinary(attributes('x', 't', { 'content-type': 'application/json' }), '{"a": ')).toMatchObject(bad('BODY_UNREADABLE', null, 'offset 6'));
    expect(await sendBinary(attributes('x', 'loopgraph.show'), 'text')).toMatchObject(bad('EVENT_INVALID', 'data', 'JSON object'));
  });

  test('in no mode that there is gets 415 and the modes', async () => {
    for (const type of ['application/json', 'application/cloudevents+xml', 'application/cloudevents', 'application/cloudevents+json; charset=latin1']) {
      expect(await send('{}', type)).toMatchObject({ status: 415, body: { error: { code: 'BODY_UNREADABLE', message: expect.stringContaining('Expected') } } });
    }
    expect(await sendOne('x'.repeat(10_485_761))).toMatchObject({ status: 413, body: { error: { code: 'BODY_TOO_LARGE' } } });
  });
});

test('no personal value of what was refused, or kept unclaimed, is in the bytes of the store', async () => {
  const hidden = ['Zaphod-user', 'hush-hush-token', '10.99.88.77', 'zaphod@example.org', 'Trillian-member', 'Ford-lost'];
  const data = { user: hidden[0], token: hidden[1], extra: { ipAddress: hidden[2], text: `ask ${hidden[3]}` }, members: [hidden[4]], keep: 'visible-in-the-store' };
  const events = [
    { ...envelope('p1', 'loopgraph.team', data) },
    { ...envelope('p2', 'com.example.personal', { ...data, members: [] }) },
    { ...envelope('p3', 'loopgraph.playback-session', data) },
    { ...envelope('', 'com.example.personal', { ...data, members: [] }) },
    { ...envelope('p5', 'com.example.personal'), datacontenttype: 'application/xml', data_base64: Buffer.from(`<a>${hidden[3]}</a>`).toString('base64') },
  ];
  expect(await sendBatch(events)).toMatchObject({ status: 400, body: { summary: { failed: 3 } } });
  await sendOne(`{"user": "${hidden[5]}", "mail": "${hidden[3]}"`);
  // The store may keep values compressed, so that they are looked for in its documents too.
  let held = (await readFile(join(folder.path, 'store', 'data.mdb'))).toString('latin1');
  for (const collection of subgraphs.flatMap(({ collections }) => collections)) {
    for await (const documents of readAll(running.store as Store, collection)) held += JSON.stringify(documents);
  }
  expect(held).toContain('visible-in-the-store');
  for (const value of hidden) {
    expect(held).not.toContain(value);
    expect(held).not.toContain(Buffer.from(value).toString('base64').slice(0, -4));
  }
});
