import type { ExecutionResult } from 'graphql';
import { Pool } from 'undici';
import { BoundedCache } from './bounded-cache.ts';
import { SubgraphError } from './errors.ts';
import { createSharedFetches } from './shared-fetches.ts';
import type { SubgraphClient, SubgraphRequest } from './subgraph-client.ts';

/** How a subgraph is reached over HTTP. */
export interface HttpClientOptions {
  /** The most connections at once; 64 by default. More requests wait for a free one, within their deadline. */
  readonly connections?: number;
  /** How long a connection may take to be made, in milliseconds; 2,000 by default. */
  readonly connectTimeoutMs?: number;
  /** An answer longer than this is refused, in bytes; 64 MiB by default. */
  readonly maxResponseBytes?: number;
  /** Headers to add to a request, from the gateway's context: who asks, a trace. None by default. */
  readonly headers?: (context: unknown) => Promise<Readonly<Record<string, string>>>;
  /** Who asks, from the gateway's context: equal requests of one caller are sent once while they are under way. Nothing is shared by default. */
  readonly caller?: (context: unknown) => object;
}

/** An answer as it came. */
interface Answer {
  readonly status: number;
  readonly text: string;
}

/** What a connection that its server closed while it was idle looks like. */
const STALE_CONNECTION = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);
const CACHED_BODIES = 2_000;

/**
 * A client that asks a subgraph over HTTP, through connections that it keeps. A query that meets a closed connection is sent once more;
 * a mutation never is. Errors name the subgraph, never its URL. The executor bounds the time; `signal` ends a request.
 */
export function createHttpClient(name: string, url: string, options: HttpClientOptions = {}): SubgraphClient {
  const target = new URL(url);
  const pool = new Pool(target.origin, {
    connections: options.connections ?? 64,
    connect: { timeout: options.connectTimeoutMs ?? 2_000 },
    // The executor's deadlines hold; undici's own would only race with them.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const path = target.pathname + target.search;
  const credentials: Record<string, string> = target.username
    ? { authorization: `Basic ${Buffer.from(`${decodeURIComponent(target.username)}:${decodeURIComponent(target.password)}`).toString('base64')}` }
    : {};
  const maxBytes = options.maxResponseBytes ?? 64 * 1024 * 1024;
  const shared = createSharedFetches<Answer>();
  const bodies = new BoundedCache<string, string>(CACHED_BODIES);

  const tooLarge = (): SubgraphError => new SubgraphError('SUBGRAPH_INVALID_RESPONSE', `The subgraph ${name} answered more than the ${maxBytes} bytes that are read of an answer.`);

  function toBody({ query, operationName, variables }: SubgraphRequest): string {
    let head = bodies.get(query);
    if (head === undefined) {
      head = `{"query":${JSON.stringify(query)}${operationName === undefined ? '' : `,"operationName":${JSON.stringify(operationName)}`}`;
      bodies.set(query, head);
    }
    return variables === undefined ? `${head}}` : `${head},"variables":${JSON.stringify(variables)}}`;
  }

  function post(body: string, headers: Record<string, string>, signal: AbortSignal): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return void reject(signal.reason);
      let status = 0;
      let length = 0;
      const chunks: Buffer[] = [];
      let onAbort: (() => void) | null = null;
      const end = (): void => {
        if (onAbort) signal.removeEventListener('abort', onAbort);
      };
      pool.dispatch({ method: 'POST', path, body, headers }, {
        onRequestStart(controller) {
          onAbort = () => controller.abort(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
          signal.addEventListener('abort', onAbort, { once: true });
          if (signal.aborted) onAbort();
        },
        onResponseStart(controller, code, fields) {
          status = code;
          // What is announced as too large is not even begun to be read.
          if (Number(fields['content-length'] ?? 0) > maxBytes) controller.abort(tooLarge());
        },
        onResponseData(controller, chunk) {
          length += chunk.length;
          if (length > maxBytes) controller.abort(tooLarge());
          else chunks.push(chunk);
        },
        onResponseEnd() {
          end();
          resolve({ status, text: chunks.length === 1 ? (chunks[0] as Buffer).toString('utf8') : Buffer.concat(chunks, length).toString('utf8') });
        },
        onResponseError(_controller, error) {
          end();
          reject(error);
        },
      });
    });
  }

  /** Sends a query once more where its connection turns out to be closed. */
  function postAgain(body: string, headers: Record<string, string>, signal: AbortSignal, mayRepeat: boolean): Promise<Answer> {
    return post(body, headers, signal).catch((thrown: unknown) => {
      if (mayRepeat && !signal.aborted && STALE_CONNECTION.has(codeOf(thrown))) return post(body, headers, signal);
      throw thrown;
    });
  }

  return {
    name,
    async execute(request, { signal, context, mayShare }) {
      const body = toBody(request);
      const headers = {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json, application/json;q=0.9',
        // Apollo's CSRF protection takes JSON; other servers' wants this.
        'apollo-require-preflight': 'true',
        ...credentials,
        ...(await options.headers?.(context)),
      };
      const mayRepeat = !/^\s*mutation\b/.test(request.query);
      const caller = mayShare === true && mayRepeat ? options.caller?.(context) : undefined;
      let answer: Answer;
      try {
        // The text is shared and not what is read from it, into which each operation merges its own.
        answer = await (caller === undefined ? postAgain(body, headers, signal, mayRepeat) : shared.ask(caller, body, signal, (end) => postAgain(body, headers, end, mayRepeat)));
      } catch (thrown) {
        if (thrown instanceof SubgraphError) throw thrown;
        throw new SubgraphError('SUBGRAPH_UNAVAILABLE', `The subgraph ${name} could not be reached.`, { cause: thrown });
      }
      return readAnswer(name, answer.status, answer.text);
    },
    async close() {
      if (!pool.destroyed) await pool.destroy();
    },
  };
}

function readAnswer(name: string, status: number, text: string): ExecutionResult {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  const failed = status < 200 || status >= 300;
  if (!isAnswer(parsed)) {
    if (failed) throw new SubgraphError('SUBGRAPH_UNAVAILABLE', `The subgraph ${name} answered with HTTP status ${status}.`);
    throw new SubgraphError('SUBGRAPH_INVALID_RESPONSE', `The subgraph ${name} gave an answer that is no GraphQL response: expected an object with data or errors.`);
  }
  return { data: parsed.data ?? null, errors: parsed.errors } as ExecutionResult;
}

function isAnswer(value: unknown): value is { data?: Record<string, unknown> | null; errors?: unknown[] } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { data, errors } = value as Record<string, unknown>;
  if (errors !== undefined && errors !== null && (!Array.isArray(errors) || !errors.every((error) => typeof error === 'object' && error !== null))) return false;
  return (typeof data === 'object' && data !== null && !Array.isArray(data)) || (Array.isArray(errors) && errors.length > 0);
}

function codeOf(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  return typeof code === 'string' ? code : '';
}
