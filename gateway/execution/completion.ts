import { getNullableType, isEnumType, isListType, isNonNullType, isScalarType } from 'graphql';
import type { GraphQLOutputType } from 'graphql';
import type { ErrorCode } from '../../kit/graph/errors.ts';
import type { ResponsePath } from './errors.ts';
import type { ResponseObject } from './response-shape.ts';

/** What is read and what is noticed while a response is projected. */
export interface Pass {
  readonly introspection: ResponseObject | null;
  /** Where the pass is; null while nobody needs to know. */
  readonly path: (string | number)[] | null;
  faults: number;
  readonly flaws: Flaw[];
}

/** A null in a non-null field, or a value that the schema does not have. */
export interface Flaw {
  readonly code: ErrorCode;
  readonly message: string;
  readonly path: ResponsePath;
  /** The field whose value it is. */
  readonly type: string;
  readonly field: string;
}

/** Gives a field's value as the client sees it: null where it may be null, `undefined` where the parent must become null. */
export type Complete = (value: unknown, pass: Pass) => unknown;

/** A field of an answer, and where its value is read. */
export interface CompletedField {
  readonly key: string;
  readonly source: string;
  readonly from: 'data' | 'introspection' | 'typename';
  readonly complete: Complete;
}

/** A field of a type. */
export interface Coordinate {
  readonly type: string;
  readonly field: string;
}

/**
 * A value of the specification's scalars (section 3.5) as JSON has it, undefined where it is none; a scalar of a subgraph's own may be
 * anything. Some servers write an ID as a number.
 */
const SCALARS = new Map<string, (value: unknown) => unknown>([
  ['Int', (value) => (typeof value === 'number' && (value | 0) === value ? value : undefined)],
  ['Float', (value) => (typeof value === 'number' ? value : undefined)],
  ['String', (value) => (typeof value === 'string' ? value : undefined)],
  ['Boolean', (value) => (typeof value === 'boolean' ? value : undefined)],
  ['ID', (value) => (typeof value === 'string' ? value : Number.isInteger(value) ? String(value) : undefined)],
]);

/** Completes the values of a type; `composite` those of what is named in it, where it is an object. */
export function outputOf(type: GraphQLOutputType, composite: Complete | null, field: Coordinate): Complete {
  const inner = nullableOf(getNullableType(type), composite, field);
  if (isNonNullType(type)) {
    return (value, pass) => {
      if (value !== null && value !== undefined) return inner(value, pass);
      report(pass, field, 'NULL_IN_NON_NULL_FIELD', `Cannot return null for non-nullable field ${toText(field)}.`);
      return undefined;
    };
  }
  return (value, pass) => (value === null || value === undefined ? null : (inner(value, pass) ?? null));
}

function nullableOf(type: GraphQLOutputType, composite: Complete | null, field: Coordinate): Complete {
  if (isListType(type)) {
    const element = outputOf(type.ofType, composite, field);
    return (value, pass) => {
      if (!Array.isArray(value)) return wrong(pass, field, `Expected a list for field ${toText(field)}.`);
      const elements = new Array<unknown>(value.length);
      for (let index = 0; index < value.length; index++) {
        if (pass.path) pass.path.push(index);
        elements[index] = element(value[index], pass);
        if (pass.path) pass.path.pop();
        if (elements[index] === undefined) return undefined;
      }
      return elements;
    };
  }
  if (isEnumType(type)) {
    const values = new Set(type.getValues().map((value) => value.name));
    return (value, pass) => (values.has(value as string) ? value : wrong(pass, field, `Enum "${type.name}" cannot represent the value of field ${toText(field)}.`));
  }
  if (composite) return composite;
  const read = isScalarType(type) ? SCALARS.get(type.name) : undefined;
  if (read === undefined) return (value) => value;
  return (value, pass) => (read(value) ?? wrong(pass, field, `${type.toString()} cannot represent the value of field ${toText(field)}.`));
}

/** The fields of an object, in their order; undefined where one of them may not be null and is. */
export function fill(object: ResponseObject, fields: readonly CompletedField[], pass: Pass): ResponseObject | undefined {
  const filled: ResponseObject = {};
  for (let index = 0; index < fields.length; index++) {
    const field = fields[index] as CompletedField;
    const source = field.from === 'introspection' ? pass.introspection?.[field.source] : object[field.source];
    if (pass.path) pass.path.push(field.key);
    const value = field.complete(source, pass);
    if (pass.path) pass.path.pop();
    if (value === undefined) return undefined;
    // Plain assignment of this one key would set the prototype.
    if (field.key === '__proto__') Object.defineProperty(filled, field.key, { value, enumerable: true, configurable: true, writable: true });
    else filled[field.key] = value;
  }
  return filled;
}

/** Notes a value that the schema does not have. */
export function wrong(pass: Pass, field: Coordinate, message: string): undefined {
  report(pass, field, 'VALUE_NOT_IN_SCHEMA', message);
  return undefined;
}

function report(pass: Pass, { type, field }: Coordinate, code: ErrorCode, message: string): void {
  pass.faults += 1;
  if (pass.path) pass.flaws.push({ code, message, path: [...pass.path], type, field });
}

export function toText({ type, field }: Coordinate): string {
  return `${type}.${field}`;
}
