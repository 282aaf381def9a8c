import { readFileSync } from 'node:fs';
import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { announce } from './contestant.mjs';

/* Apollo Gateway in Apollo Server, as their documentation starts them: `node apollo-gateway.mjs FILE`, a composed supergraph. Who asks is handed on. */

const quiet = { debug() {}, info() {}, warn() {}, error: (message) => process.stderr.write(`${message}\n`) };
class HandingOn extends RemoteGraphQLDataSource {
  willSendRequest({ request, context }) {
    if (context.authorization) request.http.headers.set('authorization', context.authorization);
  }
}

const gateway = new ApolloGateway({ supergraphSdl: readFileSync(process.argv[2], 'utf8'), logger: quiet, buildService: ({ url }) => new HandingOn({ url }) });
const server = new ApolloServer({ gateway, nodeEnv: 'production', introspection: true, logger: quiet });
const { url } = await startStandaloneServer(server, { listen: { port: 0, host: '127.0.0.1' }, context: async ({ req }) => ({ authorization: req.headers.authorization }) });
announce(new URL('/graphql', url).href);
