import { FileError } from '../../importers/importer.ts';
import { StoreError } from '../../kit/store/port.ts';
import { toInternalMessage } from './error-format.ts';
import type { Failures } from './failures.ts';
import { Refusal, refuseForNow } from './refusal.ts';

/** What a route answers where it failed. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly error: { readonly code: string; readonly message: string; readonly errorId?: string } };
}

function toRefusal(error: unknown): Refusal | null {
  if (error instanceof Refusal) return error;
  if (error instanceof FileError) return new Refusal(400, error.code, error.message);
  if (error instanceof StoreError && (error.code === 'STORE_UNAVAILABLE' || error.code === 'STORE_CLOSED')) {
    return refuseForNow('STORE_UNAVAILABLE', 'The store did not take it in time; send it again: what was taken is not counted twice.');
  }
  // Fastify's own refusals of a request: a bad path, a body that broke off.
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' && error.statusCode >= 400 && error.statusCode < 500) {
    const message = error.statusCode === 415 ? 'Expected a content-type such as application/json, got one that is none.' : error.message;
    return new Refusal(error.statusCode, 'BODY_UNREADABLE', message);
  }
  return null;
}

/** The one function that turns whatever a route threw into an answer; what was not meant for a caller is logged and counted. */
export function toAnswer(error: unknown, failures: Failures, where: string): Answer {
  const refusal = toRefusal(error);
  if (refusal !== null) {
    const { status, headers, code, message } = refusal;
    return { status, headers, body: { error: { code, message } } };
  }
  const errorId = failures.report(error, where);
  return { status: 500, headers: {}, body: { error: { code: 'INTERNAL', message: toInternalMessage(errorId), errorId } } };
}
