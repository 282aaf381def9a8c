import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { execute, parse } from 'graphql';
import type { DocumentNode, GraphQLSchema } from 'graphql';

/** A subgraph over HTTP at its barest, so that what is measured is the gateway. */
export async function serveSubgraph(schema: GraphQLSchema): Promise<{ server: Server; url: string }> {
  const documents = new Map<string, DocumentNode>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      const { query, variables } = JSON.parse(Buffer.concat(chunks).toString()) as { query: string; variables?: Record<string, unknown> };
      let document = documents.get(query);
      if (!document) documents.set(query, (document = parse(query)));
      void Promise.resolve(execute({ schema, document, variableValues: variables })).then((result) => {
        const body = JSON.stringify(result);
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body);
      });
    });
  });
  // Not every peer asks again where an idle connection was closed under it.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}
