import type { ErrorCode } from '../../kit/graph/errors.ts';

/** What a route answers where it does not do what was asked: an HTTP status, a stable code and one line for the caller. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly code: ErrorCode;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, code: ErrorCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** Seconds after which a caller that was told 503 comes again: a store's fail-over takes about ten, a held lock less. */
const RETRY_AFTER = '2';

/** 503: nothing was taken, and the same request may be sent again. */
export function refuseForNow(code: ErrorCode, message: string): Refusal {
  return new Refusal(503, code, message, { 'retry-after': RETRY_AFTER });
}
