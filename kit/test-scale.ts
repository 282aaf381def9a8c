import { inject } from 'vitest';

declare module 'vitest' {
  export interface ProvidedContext {
    /** True for `npm run test:long`, which runs the long proofs whole. */
    readonly long: boolean;
  }
}

/** True where the long proofs run whole; else a test runs a tenth of its own, by a fixed seed. */
export const isLong: boolean = inject('long');

/** How many rounds, kills or bodies a long proof takes: all of them, or a tenth, at least one. */
export function toScale(whole: number): number {
  return isLong ? whole : Math.max(1, Math.round(whole / 10));
}
