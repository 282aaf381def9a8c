import type { ApolloServerOptions, BaseContext } from '@apollo/server';
import { Location, Token, TokenKind, visit } from 'graphql';
import type { DocumentNode } from 'graphql';
import { BoundedCache } from './execution/bounded-cache.ts';

type DocumentStore = NonNullable<ApolloServerOptions<BaseContext>['documentStore']>;

/** As many as the supergraph keeps plans of. */
const KEPT_DOCUMENTS = 1_000;

/**
 * Takes from a checked document where each of its nodes stands, and with it the chain of its tokens, which is two thirds of its
 * memory. Its source stays: by it the plan is found.
 */
export function forgetPlaces(document: DocumentNode): void {
  const { loc } = document;
  if (loc === undefined) return;
  visit(document, {
    enter(node) {
      delete (node as { loc?: Location }).loc;
    },
  });
  const start = new Token(TokenKind.SOF, 0, 0, 0, 0);
  (document as { loc?: Location }).loc = new Location(start, start, loc.source);
}

/**
 * Documents that were checked, by their hash: as many as keep their plans, the one used longest ago goes first. Apollo Server's own
 * store counts characters of JSON, of which a document in memory takes four times as many bytes.
 */
export function createDocumentStore(): DocumentStore {
  const documents = new BoundedCache<string, DocumentNode>(KEPT_DOCUMENTS);
  return {
    get: async (key) => documents.get(key),
    async set(key, document) {
      forgetPlaces(document);
      documents.set(key, document);
    },
    delete: async (key) => documents.delete(key),
  };
}
