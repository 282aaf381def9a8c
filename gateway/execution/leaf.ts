import type { GraphQLLeafType } from 'graphql';

/** Turns what a resolver gave for a leaf to what is answered. Throws where the type does not take it. */
export function compileLeaf(type: GraphQLLeafType): (value: unknown) => unknown {
  const isPlain = PLAIN.get(type.name);
  return (value) => {
    if (value === null || value === undefined) return null;
    if (isPlain?.(value) === true) return value;
    if (value instanceof Error) throw value;
    const serialized: unknown = type.serialize(value);
    if (serialized === null || serialized === undefined) throw new Error(`Expected \`${type.name}.serialize(${String(value)})\` to return non-nullable value, returned: ${String(serialized)}`);
    return serialized;
  };
}

const isString = (value: unknown): boolean => typeof value === 'string';
/** Values that the built-in scalars give as they are. */
const PLAIN: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ['String', isString],
  ['ID', isString],
  ['Boolean', (value: unknown): boolean => typeof value === 'boolean'],
  ['Float', (value: unknown): boolean => Number.isFinite(value)],
  ['Int', (value: unknown): boolean => typeof value === 'number' && (value | 0) === value],
]);
