import type { ZodType } from 'zod';
import type { Rejection } from '../subgraph.ts';
import { toEventFault } from './event-fault.ts';
import { rejectEvent } from './receipt.ts';
import { findUnsayable } from './sayable.ts';

/** An event that has its kind's shape, with its place in the batch. */
export interface ValidEvent<T> {
  readonly index: number;
  readonly event: T;
}

/** Sorts a batch into events of the schema's shape and rejections that name the first field at fault, what it should be and what came. */
export function validateEvents<T>(
  schema: ZodType<T>,
  events: readonly unknown[],
): { valid: ValidEvent<T>[]; rejected: Rejection[] } {
  const valid: ValidEvent<T>[] = [];
  const rejected: Rejection[] = [];
  events.forEach((event, index) => {
    const unsayable = findUnsayable(event);
    if (unsayable !== null) {
      rejected.push(rejectEvent(index, 'EVENT_INVALID', unsayable.field, unsayable.message));
      return;
    }
    const parsed = schema.safeParse(event);
    if (parsed.success) {
      valid.push({ index, event: parsed.data });
      return;
    }
    const [issue] = parsed.error.issues;
    if (issue === undefined) return;
    const { field, message } = toEventFault(issue, event);
    rejected.push(rejectEvent(index, 'EVENT_INVALID', field, message));
  });
  return { valid, rejected };
}
