import { GraphQLScalarType, Kind, print, type ValueNode } from 'graphql';
import { isCalendarDate, parseInstant } from '../ingest/time.ts';
import { refuse } from './errors.ts';

function textOf(name: string, parse: (text: string) => string | number): Pick<
  ConstructorParameters<typeof GraphQLScalarType>[0],
  'parseValue' | 'parseLiteral'
> {
  const parseText = (value: unknown): string | number => {
    if (typeof value !== 'string') throw refuse('BAD_ARGUMENT', `expected a ${name} as text, got ${JSON.stringify(value)}`);
    return parse(value);
  };
  return {
    parseValue: parseText,
    parseLiteral: (node: ValueNode) => {
      if (node.kind !== Kind.STRING) throw refuse('BAD_ARGUMENT', `expected a ${name} as text, got ${print(node)}`);
      return parse(node.value);
    },
  };
}

const parseDateTime = (text: string): number => {
  const instant = parseInstant(text);
  if (instant === null) {
    throw refuse('BAD_ARGUMENT', `expected an RFC 3339 instant such as 2024-11-17T00:00:00Z, got "${text}"`);
  }
  return instant.ms;
};

const parseDate = (text: string): string => {
  if (!isCalendarDate(text)) throw refuse('BAD_ARGUMENT', `expected a date such as 2024-11-17, got "${text}"`);
  return text;
};

const DateTime = new GraphQLScalarType({
  name: 'DateTime',
  serialize: (value) => new Date(value as number | string).toISOString(),
  ...textOf('DateTime', parseDateTime),
});

const DateOnly = new GraphQLScalarType({ name: 'Date', serialize: String, ...textOf('Date', parseDate) });

const parseSafeInt = (value: unknown): number => {
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (!Number.isSafeInteger(number)) throw refuse('BAD_ARGUMENT', `expected a whole number up to 2^53 - 1, got ${String(value)}`);
  return number as number;
};

const SafeInt = new GraphQLScalarType({
  name: 'SafeInt',
  serialize: parseSafeInt,
  parseValue: parseSafeInt,
  parseLiteral: (node) => parseSafeInt(node.kind === Kind.INT ? Number(node.value) : undefined),
});

/** Kept as text here, since a date's moment depends on the window's time zone; read by `parseWindow`. */
const WindowEdge = new GraphQLScalarType({ name: 'WindowEdge', serialize: String, ...textOf('WindowEdge', (text) => text) });

/** Kept as text; checked by `parseWindow`. */
const TimeZone = new GraphQLScalarType({ name: 'TimeZone', serialize: String, ...textOf('TimeZone', (text) => text) });

const JsonValue = new GraphQLScalarType({ name: 'JSON', serialize: (value) => value, parseValue: (value) => value });

/** The resolvers of all scalars in common.graphql; every subgraph spreads them into its own. */
export const scalarResolvers = { DateTime, Date: DateOnly, SafeInt, WindowEdge, TimeZone, JSON: JsonValue } as const;
