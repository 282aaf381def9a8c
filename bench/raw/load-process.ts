import { Pool } from 'undici';

/* The load, in a process of its own: takes orders from the process that forked it, one at a time, and says what came of each. */

/** What is to be asked, by how many at once, for how long. */
export interface LoadOrder {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly concurrency: number;
  readonly ms: number;
}

/** How many were answered with 200, in how many milliseconds, and how many bytes each answer had on average. */
export interface LoadOutcome {
  readonly answered: number;
  readonly failed: number;
  readonly ms: number;
  readonly bytes: number;
}

function ask(pool: Pool, path: string, { headers, body }: LoadOrder): Promise<{ ok: boolean; bytes: number }> {
  return new Promise((resolve) => {
    let status = 0;
    let bytes = 0;
    pool.dispatch(
      { method: 'POST', path, headers: { ...headers }, body },
      {
        onRequestStart: () => {},
        onResponseStart: (_controller, code) => {
          status = code;
        },
        onResponseData: (_controller, chunk) => {
          bytes += chunk.length;
        },
        onResponseEnd: () => resolve({ ok: status === 200, bytes }),
        onResponseError: () => resolve({ ok: false, bytes }),
      },
    );
  });
}

async function run(order: LoadOrder): Promise<LoadOutcome> {
  const { origin, pathname } = new URL(order.url);
  const pool = new Pool(origin, { connections: order.concurrency, pipelining: 1 });
  const startedAt = performance.now();
  let answered = 0;
  let failed = 0;
  let bytes = 0;
  const work = async (): Promise<void> => {
    while (performance.now() - startedAt < order.ms) {
      const answer = await ask(pool, pathname, order);
      if (answer.ok) answered += 1;
      else failed += 1;
      bytes += answer.bytes;
    }
  };
  await Promise.all(Array.from({ length: order.concurrency }, work));
  const ms = performance.now() - startedAt;
  await pool.destroy();
  return { answered, failed, ms, bytes: Math.round(bytes / Math.max(1, answered + failed)) };
}

process.on('message', (order: LoadOrder) => void run(order).then((outcome) => process.send?.(outcome)));
process.on('disconnect', () => process.exit(0));
process.send?.({ url: '' });
