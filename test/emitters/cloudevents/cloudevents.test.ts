import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CloudEvent, emitterFor, httpTransport, HTTP, Mode } from 'cloudevents';
import { describe, expect, test } from 'vitest';
import { projectPath } from '../../../kit/project.ts';
import { preparePython } from '../../python.ts';
import { useReceiver } from '../receiver.ts';

const run = promisify(execFile);
const here = (file: string): string => projectPath('test', 'emitters', 'cloudevents', file);
const prepared = await preparePython(here('requirements.txt'), 'emitters', 'cloudevents');
const receiver = useReceiver();

interface Kept {
  readonly eventId: string;
  readonly time: string | null;
  readonly event: Readonly<Record<string, unknown>>;
}

async function unclaimed(type: string): Promise<Map<string, Kept>> {
  const { unclaimedEvents } = await receiver.ask<{ unclaimedEvents: { nodes: Kept[] } }>(
    'query ($type: String) { unclaimedEvents(type: $type, first: 100) { nodes { eventId time event } } }', { type },
  );
  return new Map(unclaimedEvents.nodes.map((each) => [each.eventId, each]));
}

async function titles(namespace: string): Promise<readonly string[]> {
  const { shows } = await receiver.ask<{ shows: { nodes: { title: string }[] } }>('query ($namespace: String) { shows(namespace: $namespace, first: 100) { nodes { title } } }', { namespace });
  return shows.nodes.map(({ title }) => title).sort();
}

describe('cloudevents for Node', () => {
  const type = 'com.example.node';
  const event = (id: string, more: object = {}) => new CloudEvent({ id, source: '/node', type, time: '2024-05-01T10:00:00.250Z', flag: true, data: { name: 'Ünïcode', list: [1, null] }, ...more });
  const emit = async (mode: Mode, sent: CloudEvent<unknown>): Promise<unknown> => {
    const answer = await emitterFor(httpTransport(`${receiver.address}/events`), { binding: HTTP, mode })(sent);
    return JSON.parse((answer as { body: string }).body);
  };

  test.each([Mode.BINARY, Mode.STRUCTURED])('sends an event in the mode %s, and again as a repeat', async (mode) => {
    expect(await emit(mode, event(mode))).toEqual({ status: 'accepted', unclaimed: true });
    expect(await emit(mode, event(mode))).toEqual({ status: 'repeated', unclaimed: true });
    expect(await emit(mode, event(`${mode}-show`, { type: 'loopgraph.show', data: { namespace: 'node', title: mode } }))).toEqual({ status: 'accepted', unclaimed: false });
    expect((await unclaimed(type)).get(mode)).toMatchObject({ time: '2024-05-01T10:00:00.250Z', event: { id: mode, source: '/node', type, flag: true, data: { name: 'Ünïcode', list: [1, null] } } });
    expect(await titles('node')).toContain(mode);
  });

  test('means one event in both modes', async () => {
    expect(await emit(Mode.BINARY, event('both'))).toMatchObject({ status: 'accepted' });
    expect(await emit(Mode.STRUCTURED, event('both'))).toMatchObject({ status: 'repeated' });
    expect(await emit(Mode.STRUCTURED, event('both', { data: { else: 1 } }))).toMatchObject({ error: { code: 'EVENT_CONFLICT', field: 'id' } });
  });

  test('sends bytes', async () => {
    const bytes = Buffer.from([0, 255, 128]);
    expect(await emit(Mode.STRUCTURED, event('bytes', { data: undefined, data_base64: bytes.toString('base64'), datacontenttype: 'application/octet-stream' }))).toMatchObject({ status: 'accepted' });
    expect((await unclaimed(type)).get('bytes')).toMatchObject({ event: { data_base64: bytes.toString('base64'), datacontenttype: 'application/octet-stream' } });
  });

  test('writes batches as a bare array of its events', async () => {
    const body = JSON.stringify([event('b1'), event('b2'), event('b1')]);
    const response = await fetch(`${receiver.address}/events`, { method: 'POST', headers: { 'content-type': 'application/cloudevents-batch+json' }, body });
    expect([response.status, await response.json()]).toMatchObject([200, { summary: { received: 3, accepted: 2, repeated: 1 } }]);
  });
});

describe('cloudevents for Python', () => {
  test('sends events by both of its interfaces in both modes, which are kept and read back', async ({ skip }) => {
    if ('missing' in prepared) return skip(prepared.missing);
    const { stdout } = await run(prepared.python, [here('emit.py'), receiver.address]);
    const answers = stdout.trim().split('\n').map((line) => JSON.parse(line) as { name: string; status: number; answer: { status: string } });
    expect(answers.map(({ name, status, answer }) => [name, status, answer.status])).toEqual(
      ['core-binary', 'core-structured', 'v1-binary', 'v1-structured'].flatMap((name) => [[name, 201, 'accepted'], [name, 201, 'repeated'], [`${name}-show`, 201, 'accepted']]),
    );
    const kept = await unclaimed('com.example.python');
    expect([...kept.keys()].sort()).toEqual(['core-binary', 'core-structured', 'v1-binary', 'v1-structured']);
    for (const { event, time } of kept.values()) {
      expect(time).toBe('2024-05-01T10:00:00.250Z');
      expect(event).toMatchObject({ source: '/python/größe 1%', subject: 'a "b" é', flag: true, data: { name: 'Ünïcode', list: [1, null] } });
    }
    expect(await titles('python')).toEqual(['core-binary', 'core-structured', 'v1-binary', 'v1-structured']);
    return undefined;
  });
});
