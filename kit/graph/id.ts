import { createHash } from 'node:crypto';
import { hashText } from '../ingest/canonical.ts';

/** A part of an entity's natural key. */
export type NaturalKeyPart = string | number | null;

/** Whether facts are of real systems or of the simulated studio. */
export type Origin = 'RECORDED' | 'SIMULATED';

/** The namespace of all that the simulated studio makes. */
export const SIMULATED_NAMESPACE = 'simulated';

/**
 * An entity's id: its type, a colon and 22 characters of base64url. The same type and natural key give the same id on
 * every machine and in every store.
 */
export function toId(type: string, ...naturalKey: NaturalKeyPart[]): string {
  // For arrays of strings, integers and null JSON.stringify is canonical already, and much faster.
  return `${type}:${hashText(JSON.stringify(naturalKey))}`;
}

/** The longest name, in bytes of UTF-8, that its id carries: the id stays short enough to be a part of other keys. */
export const NAME_BYTES = 96;

/**
 * The id of an entity whose natural key is its name alone and which others may name before anyone registers it:
 * `${type}:${base64url(name)}`, so that whoever holds the id can still say the name. A name of more than NAME_BYTES bytes
 * gives 21 characters of its hash, a length that no base64url has, so it carries no name. Opaque to clients, like every id.
 */
export function toNameId(type: string, name: string): string {
  const bytes = Buffer.from(name, 'utf8');
  if (bytes.length <= NAME_BYTES) return `${type}:${bytes.toString('base64url')}`;
  return `${type}:${createHash('sha256').update(bytes).digest('base64url').slice(0, 21)}`;
}

/** The name that an id of `toNameId` carries; null where it carries none or is not such an id. */
export function nameOfId(type: string, id: string): string | null {
  if (!id.startsWith(`${type}:`)) return null;
  const name = Buffer.from(id.slice(type.length + 1), 'base64url').toString('utf8');
  return name !== '' && toNameId(type, name) === id ? name : null;
}

/** The type named by an id, or null where the text is no id. */
export function typeOfId(id: string): string | null {
  return /^([A-Z]\w*):[\w.-]+$/.exec(id)?.[1] ?? null;
}

/** The origin of what stands in a namespace. */
export function originOf(namespace: string): Origin {
  return namespace === SIMULATED_NAMESPACE || namespace.startsWith(`${SIMULATED_NAMESPACE}/`) ? 'SIMULATED' : 'RECORDED';
}

/** The namespace of a team: team names are unique across namespaces, and the studio's begin with `simulated/`. */
export function namespaceOfTeam(name: string): string {
  return originOf(name) === 'SIMULATED' ? SIMULATED_NAMESPACE : 'default';
}

/** The origins that the argument `origin` asks for, in the order in which their lists are joined. */
export function originsOf(argument: Origin | 'ANY'): readonly Origin[] {
  return argument === 'ANY' ? ['RECORDED', 'SIMULATED'] : [argument];
}

/** What a `DatasetPartition` id says: the dataset's id and the period's first day and the day after its last. */
export interface Partition {
  readonly datasetId: string;
  readonly fromOn: string;
  readonly toOn: string;
}

/** The id of a partition; unlike other ids it can be read back, so that any subgraph can make one alone. */
export function partitionId(partition: Partition): string {
  const { datasetId, fromOn, toOn } = partition;
  return `DatasetPartition:${Buffer.from(JSON.stringify([datasetId, fromOn, toOn])).toString('base64url')}`;
}

/** Reads an id of `partitionId`; null where it is none. */
export function parsePartitionId(id: string): Partition | null {
  const [type, encoded] = id.split(':');
  if (type !== 'DatasetPartition' || encoded === undefined) return null;
  try {
    const parts: unknown = JSON.parse(Buffer.from(encoded, 'base64url').toString());
    if (!Array.isArray(parts) || parts.length !== 3 || !parts.every((part) => typeof part === 'string')) return null;
    const [datasetId, fromOn, toOn] = parts as [string, string, string];
    return { datasetId, fromOn, toOn };
  } catch {
    // Not base64url of JSON: somebody else's id.
    return null;
  }
}
