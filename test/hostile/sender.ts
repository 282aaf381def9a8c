import { Agent, request } from 'node:http';
import type { HostileRequest } from './bodies.ts';

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Sends over connections that are kept. */
export function createSender(address: string, connections: number): { readonly send: (sent: HostileRequest) => Promise<Answer>; readonly close: () => void } {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const send = ({ path, headers, bytes }: HostileRequest): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const sending = request(`${address}${path}`, { method: 'POST', agent, headers: { ...headers, 'content-length': bytes.length } }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString(), headers: response.headers }));
      });
      sending.once('error', reject);
      sending.end(bytes);
    });
  return { send, close: () => agent.destroy() };
}
