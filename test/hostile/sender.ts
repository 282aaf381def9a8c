import { Agent, request } from 'node:http';

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** What is sent; by POST where it does not say how. */
export interface Sent {
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
}

/** Sends over connections that are kept. */
export function createSender(address: string, connections: number): { readonly send: (sent: Sent) => Promise<Answer>; readonly close: () => void } {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const send = ({ method = 'POST', path, headers, bytes }: Sent): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const sending = request(`${address}${path}`, { method, agent, headers: { ...headers, ...(method === 'POST' && { 'content-length': bytes.length }) } }, (response) => {
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
