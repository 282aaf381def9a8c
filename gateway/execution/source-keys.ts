import { print } from 'graphql';
import type { FieldNode } from 'graphql';
import type { SupergraphTypes } from './supergraph-types.ts';

const INHERITED = new Set(Object.getOwnPropertyNames(Object.prototype));

/** Names what is fetched for one operation. */
export interface SourceKeys {
  /** The key under which the value of a field of `parent` is kept, whatever the client calls it. */
  keyOf(field: FieldNode, parent: string): string;
}

/**
 * Chooses the keys under which values are kept while an operation is executed, so that no two fields of an operation can be taken for one
 * another, which the query planner does not survive in every place. A leaf has one key for each set of arguments, however often it is
 * asked; an object has one for each of the client's names too, since a fault in what is asked under one name must not cost the other.
 *
 * A field without arguments or another name keeps its own. Others get an alias that begins with two underscores, which no field of a
 * schema does.
 */
export function createSourceKeys(types: Pick<SupergraphTypes, 'varies' | 'requiredWithArguments'>, mutation: string | undefined): SourceKeys {
  const keys = new Map<string, string>();
  return {
    keyOf(field, parent) {
      const name = field.name.value;
      const responseKey = field.alias?.value ?? name;
      const isApart = responseKey !== name && (field.selectionSet !== undefined || parent === mutation);
      const distinct =
        (field.arguments ?? []).map((argument) => print(argument)).sort().join(',') +
        (types.varies(parent, name) ? `\non ${parent}` : '') +
        (isApart ? `\nas ${responseKey}` : '');
      // The planner gives what `@requires` asks the field's name, whatever its arguments.
      if (distinct === '' && !INHERITED.has(name) && !types.requiredWithArguments.has(name)) return name;
      const place = `${name}(${distinct}`;
      let key = keys.get(place);
      if (key === undefined) keys.set(place, (key = `__${keys.size}_${name}`));
      return key;
    },
  };
}
