import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { playInto } from './player.ts';
import { ServerError, createPost } from './server-post.ts';
import { SIZES, createStudio } from './studio/index.ts';
import type { StudioEvent } from './studio/index.ts';
import { describeTruth } from './truth-summary.ts';

const TINY = { ...SIZES.small, days: 3, shows: 6, teams: 4, sessionsPerDay: 30, adHocRunsPerDay: 4 };
const ownerOf = (kind: string): string => (kind === 'openlineage' ? 'platform' : 'others');

describe('playInto', () => {
  it('sends every event once to its owner, in order, and adds the receipts up', async () => {
    const studio = createStudio(TINY);
    const sent = new Map<string, StudioEvent[]>();
    const played = await playInto(studio, {
      rate: 0,
      ownerOf,
      async post(owner, events) {
        sent.set(owner, [...(sent.get(owner) ?? []), ...events]);
        return { accepted: events.length - 1, repeated: 0, rejected: [{ message: `refused by ${owner}` }] };
      },
    });
    const all = [...studio.play()];
    expect(sent.get('platform')).toEqual(all.filter(({ kind }) => kind === 'openlineage'));
    expect(sent.get('others')).toEqual(all.filter(({ kind }) => kind !== 'openlineage'));
    expect(played).toMatchObject({ events: all.length, accepted: all.length - played.rejected, at: all.at(-1)?.at });
    expect(played.firstRejection).toMatch(/^refused by/);
  });

  it('keeps to a rate of events a second', async () => {
    let now = 0;
    const times: [events: number, at: number][] = [];
    const played = await playInto(createStudio(TINY), {
      rate: 100,
      ownerOf,
      now: () => now,
      wait: async (ms) => (now += ms),
      post: async (_owner, { length }) => ({ accepted: length, repeated: 0, rejected: [] }),
      onProgress: ({ events }) => times.push([events, now]),
    });
    expect(now / 1000).toBeCloseTo(played.events / 100, 0);
    for (const [events, at] of times) expect(events).toBeLessThanOrEqual((at / 1000) * 100 + 25);
  });
});

describe('createPost', () => {
  const [told] = [...createStudio(TINY).play()];

  async function withServer(answers: readonly { readonly status: number; readonly body: string }[], use: (address: string, seen: string[]) => Promise<void>): Promise<void> {
    const seen: string[] = [];
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      seen.push(`${request.url} ${body}`);
      const answer = answers[seen.length - 1] ?? { status: 500, body: 'asked too often' };
      response.writeHead(answer.status, { 'retry-after': '0.01' }).end(answer.body);
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    try {
      await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    }
  }

  it('sends the same lines again where the server is busy', async () => {
    await withServer([{ status: 503, body: '{}' }, { status: 200, body: '{"accepted":1,"repeated":0,"rejected":[]}' }], async (address, seen) => {
      const receipt = await createPost(address)('feedback', told === undefined ? [] : [told]);
      expect(receipt.accepted).toBe(1);
      expect(seen).toHaveLength(2);
      expect(seen[1]).toBe(seen[0]);
      expect(seen[0]).toBe(`/subgraphs/feedback/events ${JSON.stringify({ kind: told?.kind, event: told?.event })}\n`);
    });
  });

  it('says what the server answered where it refuses', async () => {
    await withServer([{ status: 404, body: 'not here' }], async (address) => {
      await expect(createPost(address)('feedback', [])).rejects.toThrow(/answered 404 to events of feedback: not here/);
    });
  });

  it('says what to do where no server answers', async () => {
    let closed = '';
    await withServer([], async (address) => void (closed = address));
    await expect(createPost(closed)('feedback', [])).rejects.toThrow(ServerError);
    await expect(createPost(closed)('feedback', [])).rejects.toThrow(/start one with npm start/);
  });
});

describe('describeTruth', () => {
  it('gives the figures of the truth', () => {
    const truth = createStudio(TINY).truth();
    const text = describeTruth(truth);
    expect(text).toContain(`${truth.unattributed.runs} of no team`);
    expect(text).toContain(`incidents  ${truth.incidents.length},`);
    expect(text).toContain(truth.change.at);
  });
});
