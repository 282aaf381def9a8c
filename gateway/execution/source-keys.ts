import { print } from 'graphql';
import type { FieldNode } from 'graphql';

const INHERITED = new Set(Object.getOwnPropertyNames(Object.prototype));

/** Names what is fetched for one operation. */
export interface SourceKeys {
  /** The key under which the value of a field of `parent` is kept, whatever the client calls it. */
  keyOf(field: FieldNode, parent: string): string;
}

/**
 * Chooses the keys under which values are kept while an operation is executed: one for each field and its arguments, however often and
 * under whatever names the client asks for it. So no two fields of an operation can be taken for one another, which the query planner
 * does not survive in every place, and what is asked twice is fetched once.
 *
 * A field without arguments keeps its name. Others get an alias that begins with two underscores, which no field of a schema does.
 * @param varies true where a field is not of one shape in all types that can stand at one place: those are kept apart by type.
 * @param mutation the mutation type's name: each of its fields is done as often as it is asked.
 */
export function createSourceKeys(varies: (type: string, field: string) => boolean, mutation: string | undefined): SourceKeys {
  const keys = new Map<string, string>();
  return {
    keyOf(field, parent) {
      const name = field.name.value;
      const distinct =
        (field.arguments ?? []).map((argument) => print(argument)).sort().join(',') +
        (varies(parent, name) ? `\non ${parent}` : '') +
        (parent === mutation ? `\nas ${field.alias?.value ?? name}` : '');
      if (distinct === '' && !INHERITED.has(name)) return name;
      const place = `${name}(${distinct}`;
      let key = keys.get(place);
      if (key === undefined) keys.set(place, (key = `__${keys.size}_${name}`));
      return key;
    },
  };
}
