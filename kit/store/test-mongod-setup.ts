import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { neverSkip, startTestServer } from './test-mongod.ts';
import type { TestServer } from './test-mongod.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Answers with `{ uri, reason }` of the run's MongoDB server, which it starts when first asked. */
    readonly mongodbBroker: string;
  }
}

/**
 * One MongoDB server for a test run, started when the first test file asks for it, so that a run that needs none
 * does not wait for one.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let server: Promise<TestServer> | null = null;
  const broker = createServer((_request, response) => {
    server ??= startTestServer();
    void server.then((started) => {
      const reason = started.uri === null ? started.reason : null;
      response.end(JSON.stringify({ uri: started.uri, reason, neverSkip }));
    });
  });
  await new Promise<void>((resolve) => {
    broker.listen(0, '127.0.0.1', resolve);
  });
  broker.unref();
  project.provide('mongodbBroker', `http://127.0.0.1:${(broker.address() as AddressInfo).port}/`);
  return async () => {
    broker.closeAllConnections();
    broker.close();
    const started = await server;
    if (started === null) return;
    if (started.uri === null) process.stderr.write(`\nNot tested on MongoDB: ${started.reason}\n`);
    else await started.stop();
  };
}
