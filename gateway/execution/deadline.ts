import type { ExecutionResult } from 'graphql';
import { SubgraphError } from './errors.ts';

/** Bounds in milliseconds. */
export interface TimeLimits {
  /** For one request to a subgraph. */
  readonly fetchMs: number;
  /** For the whole operation. */
  readonly operationMs: number;
}

type Take = (result: ExecutionResult | null, cause: unknown) => void;

/** The time that one operation has, and what ends it early. */
export interface Deadline {
  /**
   * Starts a request and hands its answer to `take` exactly once: the result, or null and the cause where it threw, took too long or was
   * aborted. What arrives later is dropped. Returns undefined where the answer came at once.
   */
  run(service: string, start: (signal: AbortSignal) => ExecutionResult | Promise<ExecutionResult>, take: Take): Promise<void> | undefined;
  /** Stops listening to the client's signal. */
  close(): void;
}

/** Creates a deadline that begins now. `signal` is the client's: aborting it ends every request under way. */
export function createDeadline(limits: TimeLimits, signal: AbortSignal | undefined): Deadline {
  const end = performance.now() + limits.operationMs;
  const underWay = new Set<(cause: SubgraphError) => void>();
  const aborted = (): SubgraphError => new SubgraphError('OPERATION_ABORTED', 'The client has gone before the operation was done.');
  const onAbort = (): void => {
    for (const give of underWay) give(aborted());
  };
  signal?.addEventListener('abort', onAbort, { once: true });

  return {
    run(service, start, take) {
      const left = end - performance.now();
      if (signal?.aborted) return void take(null, aborted());
      if (left <= 0) return void take(null, operationTimeout(limits));
      let controller: AbortController | undefined;
      let answer: ExecutionResult | Promise<ExecutionResult>;
      try {
        controller = new AbortController();
        answer = start(controller.signal);
      } catch (thrown) {
        return void take(null, thrown);
      }
      if (!isPromise(answer)) return void take(answer, null);
      return wait(answer, controller, service, left, take);
    },
    close() {
      signal?.removeEventListener('abort', onAbort);
    },
  };

  function wait(answer: Promise<ExecutionResult>, controller: AbortController, service: string, left: number, take: Take): Promise<void> {
    return new Promise((resolve) => {
      const settle = (result: ExecutionResult | null, cause: unknown): void => {
        if (!underWay.delete(give)) return;
        clearTimeout(timer);
        take(result, cause);
        resolve();
      };
      const give = (cause: SubgraphError): void => {
        settle(null, cause);
        controller.abort(cause);
      };
      const timer = setTimeout(() => {
        give(left < limits.fetchMs ? operationTimeout(limits) : new SubgraphError('SUBGRAPH_TIMEOUT', `The subgraph ${service} did not answer within ${limits.fetchMs} ms.`));
      }, Math.min(left, limits.fetchMs));
      underWay.add(give);
      answer.then((result) => settle(result, null), (thrown: unknown) => settle(null, thrown ?? new SubgraphError('SUBGRAPH_ERROR', `The subgraph ${service} gave no answer.`)));
    });
  }
}

function operationTimeout(limits: TimeLimits): SubgraphError {
  return new SubgraphError('OPERATION_TIMEOUT', `The operation was not done within ${limits.operationMs} ms.`);
}

function isPromise(value: ExecutionResult | Promise<ExecutionResult>): value is Promise<ExecutionResult> {
  return typeof (value as Promise<ExecutionResult>).then === 'function';
}
