import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { z } from 'zod';
import { FileError } from '../../importers/importer.ts';
import { isErrorCode } from '../../kit/graph/errors.ts';
import type { Parameters } from '../../importers/importer.ts';
import type { Progress, Summary } from '../../importers/runner.ts';
import { readLines } from '../request-body.ts';
import { NDJSON } from '../routes/imports.ts';
import type { ImportLine } from '../routes/imports.ts';
import { StartFault } from '../settings.ts';

/** Sends a file to a running server; resolves as soon as the server begins to answer, which may be before the end of the file. */
function post(url: URL, bytes: AsyncIterable<Uint8Array>, apiKey: string | null): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sending = request(url, { method: 'POST', headers: { 'content-type': 'application/octet-stream', accept: NDJSON, ...(apiKey !== null && { authorization: `Bearer ${apiKey}` }) } });
    let isAnswered = false;
    sending.once('response', (response) => {
      isAnswered = true;
      resolve(response);
    });
    pipeline(Readable.from(bytes, { objectMode: false }), sending, (error) => {
      // A server that has answered may stop reading: what it said counts.
      if (error && !isAnswered) reject(error);
    });
  });
}

const refusal = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** A line of the server's answer, which is a server of this very code's. */
function parseLine(line: Buffer): ImportLine {
  return JSON.parse(line.toString('utf8')) as ImportLine;
}

/** A running server, and the key to call it with; null where it needs none. */
export interface ServerAddress {
  readonly address: string;
  readonly apiKey: string | null;
}

/**
 * Imports a file through a running server.
 * @throws FileError where the file is unusable; StartFault where the server went away or failed.
 */
export async function importThroughServer(
  { address, apiKey }: ServerAddress,
  kind: string,
  bytes: AsyncIterable<Uint8Array>,
  parameters: Parameters,
  onProgress: (progress: Progress) => void,
): Promise<Summary> {
  const url = new URL(`${address}/import/${encodeURIComponent(kind)}?${new URLSearchParams(parameters)}`);
  const fail = ({ code, message }: { readonly code: string; readonly message: string }): Error =>
    isErrorCode(code) && code.startsWith('FILE_') ? new FileError(code, message) : new StartFault(`the server at ${address} did not take it all: ${message}`);
  try {
    const response = await post(url, bytes, apiKey);
    for await (const line of readLines(response)) {
      if (response.statusCode !== 200) {
        const parsed = refusal.safeParse(parseLine(line));
        throw fail(parsed.success ? parsed.data.error : { code: 'INTERNAL', message: `it answered ${response.statusCode}` });
      }
      const answer = parseLine(line);
      if ('summary' in answer) return answer.summary;
      if ('error' in answer) throw fail(answer.error);
      onProgress(answer.progress);
    }
  } catch (error) {
    if (error instanceof FileError || error instanceof StartFault) throw error;
    throw new StartFault(`the server at ${address} went away: ${error instanceof Error ? error.message : String(error)}; import the file again, nothing counts twice`);
  }
  throw new StartFault(`the server at ${address} ended its answer in the middle; import the file again, nothing counts twice`);
}

/** True where a loopgraph answers at the address. */
export async function isLoopgraph(address: string): Promise<boolean> {
  try {
    const response = await fetch(`${address}/healthz`, { signal: AbortSignal.timeout(2_000) });
    const answer: unknown = await response.json();
    return z.object({ name: z.literal('loopgraph') }).safeParse(answer).success;
  } catch {
    return false;
  }
}
