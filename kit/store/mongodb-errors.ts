import { MongoError, MongoNetworkError, MongoServerError, MongoServerSelectionError } from 'mongodb';
import { StoreError } from './port.ts';

/**
 * Server errors after which the same may succeed: write conflict, lock timeout, snapshot gone, transaction gone,
 * stepping down, shutting down, not primary, host out of reach. 11000 too: the stores' only unique index is `_id`, so
 * another process has inserted the same document a moment ago.
 * Codes: mongodb/mongo, src/mongo/base/error_codes.yml.
 */
const PASSING = new Set([6, 7, 24, 89, 91, 112, 134, 189, 239, 246, 251, 262, 9001, 10107, 11000, 11600, 11602, 13435, 13436]);

/** Whether what failed with this error may succeed when tried again. */
export function isTransient(error: unknown): boolean {
  if (error instanceof StoreError) return false;
  if (error instanceof MongoNetworkError || error instanceof MongoServerSelectionError) return true;
  if (!(error instanceof MongoError)) return false;
  return error.hasErrorLabel('TransientTransactionError') || (error instanceof MongoServerError && PASSING.has(Number(error.code)));
}

/** The store's own error in place of the driver's; whatever is none of the driver's stays as it is. */
export function toStoreError(error: unknown): unknown {
  if (!(error instanceof MongoError)) return error;
  return new StoreError('STORE_UNAVAILABLE', `MongoDB did not answer as asked: ${withoutCredentials(error.message)}`, { cause: error });
}

/** A text that may quote a URI, without what stands before its host. */
export function withoutCredentials(text: string): string {
  return text.replaceAll(/\/\/[^/@\s]*@/g, '//');
}
