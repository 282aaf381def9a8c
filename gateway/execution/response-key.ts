const RENAMED = '__x_';
const INHERITED = new Set(Object.getOwnPropertyNames(Object.prototype));

/**
 * The key under which a field's value is kept while an operation is executed. It is the client's own, unless that would be taken for
 * something else: a property that every object inherits (`constructor`), what the gateway or the planner adds (`__typename`, an
 * internal alias). No two response keys have one source key.
 */
export function toSourceKey(responseKey: string): string {
  return INHERITED.has(responseKey) || responseKey.startsWith('__') || responseKey.startsWith('_internal_qp_alias')
    ? RENAMED + responseKey
    : responseKey;
}

/** The client's key of a source key. */
export function toResponseKey(sourceKey: string): string {
  return sourceKey.startsWith(RENAMED) ? sourceKey.slice(RENAMED.length) : sourceKey;
}
