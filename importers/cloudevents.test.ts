import { describe, expect, it } from 'vitest';
import { cloudEventTypesOf } from '../kit/subgraph.ts';
import { subgraphs } from '../subgraphs/index.ts';
import { createCloudEvents } from './cloudevents.ts';
import { collect, eventsOf, inChunks, rejectionsOf } from './fixtures.ts';

const cloudevents = createCloudEvents(cloudEventTypesOf(subgraphs));
const envelope = { specversion: '1.0', type: 'loopgraph.show', source: '/cms', id: '1', time: '2024-01-01T00:00:00Z' };
const show = { ...envelope, data: { namespace: 'cms', title: 'A' } };
const read = (content: string) => collect(cloudevents.read(inChunks(content), {}));

describe('cloudevents', () => {
  it.each([
    ['a line each', (events: unknown[]) => events.map((event) => JSON.stringify(event)).join('\n')],
    ['a compact array', (events: unknown[]) => JSON.stringify(events)],
    ['an array over many lines', (events: unknown[]) => JSON.stringify(events, null, 2)],
  ])('reads %s alike', async (_, write) => {
    const second = { ...show, id: '2', data: { namespace: 'cms', title: 'brackets ]}"[{ and \\" quotes' } };
    expect(eventsOf(await read(write([show, second])))).toEqual([
      { namespace: 'cms', title: 'A', source: '/cms', id: '1', time: '2024-01-01T00:00:00Z' },
      { namespace: 'cms', title: 'brackets ]}"[{ and \\" quotes', source: '/cms', id: '2', time: '2024-01-01T00:00:00Z' },
    ]);
  });

  it('maps each type to its kind', async () => {
    const types = ['show', 'playback-session', 'published-report', 'team', 'survey', 'survey-response'];
    const rows = await read(types.map((kind) => JSON.stringify({ ...show, type: `loopgraph.${kind}` })).join('\n'));
    expect(rows.map((row) => ('kind' in row ? row.kind : row))).toEqual(types);
  });

  it('leaves an event of any other type as it is, but for data that base64 hides', async () => {
    const other = { ...envelope, type: 'com.example', flag: true };
    const lines = [{ ...other, data: [1] }, { ...other, data_base64: Buffer.from('[1]').toString('base64') }, { ...other, datacontenttype: 'text/plain', data_base64: 'YQ==' }, { ...other, datacontenttype: 'image/png', data_base64: '/w==' }, other];
    const rows = await read(lines.map((each) => JSON.stringify(each)).join('\n'));
    expect(rows.map((row) => ('kind' in row ? row.kind : row))).toEqual(lines.map(() => 'unclaimed-event'));
    const json = { ...other, datacontenttype: 'application/json', data: [1] };
    expect(eventsOf(rows)).toEqual([json, json, { ...other, datacontenttype: 'text/plain', data: 'a' }, lines[3], other]);
  });

  it('starts a session at the time of the envelope where its data do not say when', async () => {
    const session = { ...envelope, type: 'loopgraph.playback-session' };
    const rows = await read([{ ...session, data: {} }, { ...session, data: { startedAt: '2023-01-01T00:00:00Z' } }].map((each) => JSON.stringify(each)).join('\n'));
    expect(eventsOf(rows)).toMatchObject([{ startedAt: envelope.time }, { startedAt: '2023-01-01T00:00:00Z' }]);
  });

  it('reads data that are base64 or a text of JSON', async () => {
    const data = JSON.stringify(show.data);
    const rows = await read(JSON.stringify([{ ...envelope, data }, { ...envelope, data_base64: Buffer.from(data).toString('base64') }]));
    expect(eventsOf(rows)).toMatchObject([{ title: 'A' }, { title: 'A' }]);
  });

  it('says of a file of another kind that it is one, and takes the good lines behind a broken first one', async () => {
    await expect(read('{"source": "spark", "index": 0, "event": {"eventTime": "2024-01-01T00:00:00Z"}}')).rejects.toMatchObject({ code: 'FILE_WRONG_KIND' });
    const rows = await read(`{"type": "loopgraph.show"}\n${JSON.stringify(show)}`);
    expect(rows.map((row) => ('rejected' in row ? row.rejected.field : 'taken'))).toEqual(['specversion', 'taken']);
  });

  it('rejects a broken line and a broken envelope by line and field, and takes the rest', async () => {
    const lines = [
      JSON.stringify(show), '{"specversion": "1.0", ', JSON.stringify({ ...show, id: '' }), JSON.stringify({ ...show, specversion: '0.3' }),
      JSON.stringify({ ...show, time: 'noon' }), JSON.stringify({ ...show, data: null }), '7', JSON.stringify(show),
    ];
    const rows = await read(lines.join('\n'));
    expect(rows).toHaveLength(8);
    expect(rejectionsOf(rows).map(({ line, code, field }) => [line, code, field])).toEqual([
      [2, 'ROW_INVALID', null], [3, 'EVENT_INVALID', 'id'], [4, 'EVENT_INVALID', 'specversion'],
      [5, 'EVENT_INVALID', 'time'], [6, 'EVENT_INVALID', 'data'], [7, 'EVENT_INVALID', null],
    ]);
  });

  it.each([
    ['title\thours\nA\t1\n', 'FILE_WRONG_KIND'],
    ['<html></html>', 'FILE_WRONG_KIND'],
    ['', 'FILE_WRONG_KIND'],
    [JSON.stringify([show, show]).slice(0, -1), 'FILE_TRUNCATED'],
  ])('refuses %j', async (content, code) => {
    await expect(read(content)).rejects.toMatchObject({ code });
  });
});
