import { setTimeout as sleep } from 'node:timers/promises';
import { receiptSchema } from './player.ts';
import type { Post } from './player.ts';

/** A server that cannot be played into; its message says what to do. */
export class ServerError extends Error {
  override readonly name = 'ServerError';
}

/** How often a server that is busy (503) is asked again. */
const TRIES = 20;
/** How long to wait for a server that does not say, in seconds. */
const DEFAULT_WAIT = 1;

/**
 * Posts to `/subgraphs/{owner}/events` of a server, with an administrator's key where it needs one, and waits as long as a busy one asks for.
 * @throws ServerError where none answers, or it refuses.
 */
export function createPost(address: string, apiKey: string | null = null): Post {
  return async (owner, events) => {
    const body = events.map(({ kind, event }) => `${JSON.stringify({ kind, event })}\n`).join('');
    for (let left = TRIES; ; left -= 1) {
      const response = await send(`${address}/subgraphs/${owner}/events`, address, body, apiKey);
      const text = await response.text();
      if (response.ok) return receiptSchema.parse(JSON.parse(text));
      if (response.status !== 503 || left === 0) {
        throw new ServerError(`the server at ${address} answered ${response.status} to events of ${owner}: ${text.slice(0, 300)}`);
      }
      await sleep(1000 * (Number(response.headers.get('retry-after')) || DEFAULT_WAIT));
    }
  };
}

async function send(url: string, address: string, body: string, apiKey: string | null): Promise<Response> {
  try {
    return await fetch(url, { method: 'POST', headers: { 'content-type': 'application/x-ndjson', ...(apiKey !== null && { authorization: `Bearer ${apiKey}` }) }, body });
  } catch {
    throw new ServerError(`no server answers at ${address}: start one with npm start, or set HOST and PORT to where it runs; playing again counts nothing twice`);
  }
}
