import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';

/** Faults of the server itself: each is logged under an id that its caller is told, and counted. */
export interface Failures {
  /** Logs a fault and gives the id that stands for it. */
  report(error: unknown, where: string): string;
  /** How many there were since the start. Every test asserts 0, but for those that provoke one. */
  readonly count: () => number;
}

export function createFailures(logger: Logger): Failures {
  let count = 0;
  return {
    report(error, where) {
      count++;
      const errorId = randomUUID();
      logger.error({ errorId, where, err: error }, 'a fault of the server');
      return errorId;
    },
    count: () => count,
  };
}
