import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { unifiedGraphHandler } from '@graphql-hive/router-runtime';
import { announce } from './contestant.mjs';

/* Hive Gateway with its Rust planner on node:http: `node hive-gateway.mjs FILE`, a composed supergraph. Who asks is handed on. */

const gateway = createGatewayRuntime({
  supergraph: readFileSync(process.argv[2], 'utf8'),
  unifiedGraphHandler,
  logging: false,
  landingPage: false,
  graphiql: false,
  maskedErrors: false,
  propagateHeaders: { fromClientToSubgraphs: ({ request }) => ({ authorization: request.headers.get('authorization') ?? '' }) },
});
const server = createServer(gateway);
server.listen(0, '127.0.0.1', () => announce(`http://127.0.0.1:${server.address().port}/graphql`));
