import { commonColumns, gapsOf } from './verdict.ts';

type Column = readonly [name: string, type: string | null];

/** How a schema differs from the one before. A column is in one list only, but for `retyped` and `reordered`. */
export interface SchemaDifference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly renamed: readonly { readonly before: string; readonly after: string }[];
  readonly retyped: readonly { readonly name: string; readonly before: string | null; readonly after: string | null }[];
  readonly reordered: readonly string[];
}

/**
 * Compares two schemas. Where between the same neighbours as many columns are new as are gone, and their types are equal one by
 * one, they are taken as renamed: a guess by position, since no emitter says so. Reordered are the columns that both have outside
 * of the longest sequence that kept its order.
 */
export function changeOfSchema(before: readonly Column[], after: readonly Column[]): SchemaDifference {
  const [oldTypes, newTypes] = [new Map(before), new Map(after)];
  const [oldNames, newNames] = [[...oldTypes.keys()], [...newTypes.keys()]];
  const stays = commonColumns(oldNames, newNames);
  const renamed = toRenamed(before, after, stays);
  const [from, to] = [new Set(renamed.map((each) => each.before)), new Set(renamed.map((each) => each.after))];
  const both = newNames.filter((name) => oldTypes.has(name));
  return {
    added: newNames.filter((name) => !oldTypes.has(name) && !to.has(name)),
    removed: oldNames.filter((name) => !newTypes.has(name) && !from.has(name)),
    renamed,
    retyped: both.flatMap((name) => {
      const [old, now] = [oldTypes.get(name) ?? null, newTypes.get(name) ?? null];
      return old === now ? [] : [{ name, before: old, after: now }];
    }),
    reordered: both.filter((name) => !stays.has(name)),
  };
}

function toRenamed(before: readonly Column[], after: readonly Column[], stays: ReadonlySet<string>): SchemaDifference['renamed'] {
  const [oldTypes, newTypes] = [new Map(before), new Map(after)];
  const newGaps = gapsOf([...newTypes.keys()], stays);
  return [...gapsOf([...oldTypes.keys()], stays)].flatMap(([gap, columns]) => {
    const gone = columns.filter((name) => !newTypes.has(name));
    const come = (newGaps.get(gap) ?? []).filter((name) => !oldTypes.has(name));
    if (gone.length !== come.length || gone.some((name, place) => oldTypes.get(name) !== newTypes.get(come[place] ?? ''))) return [];
    return gone.map((name, place) => ({ before: name, after: come[place] ?? '' }));
  });
}
