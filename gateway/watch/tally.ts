import { AsyncLocalStorage } from 'node:async_hooks';

/** What one request came to, filled in by whatever it passes through. */
export interface Tally {
  accepted: number;
  repeated: number;
  rejected: number;
  /** True once a receiver was asked. */
  isReceiver: boolean;
  /** The code that the caller was refused with. */
  code: string | null;
}

const tallies = new AsyncLocalStorage<Tally>();

/** Runs what answers a request, with a tally of its own. */
export function runWithTally(tally: Tally, action: () => void): void {
  tallies.run(tally, action);
}

export function createTally(): Tally {
  return { accepted: 0, repeated: 0, rejected: 0, isReceiver: false, code: null };
}

/** The tally of the request that is being answered; null outside of one. */
export function currentTally(): Tally | null {
  return tallies.getStore() ?? null;
}
