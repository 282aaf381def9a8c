import { type Level, QUARTER_HOUR_MS } from './bucket.ts';
import { VarintReader, VarintWriter } from './varint.ts';

/*
 * What one entity did in a month, as a tree of its quarters of an hour. A month, a day or an hour whose quarters take few bytes is the list of
 * them, and is added up when it is read; one of more bytes has its own sum beside its parts. So an entity that does little has one small
 * document a month, and one that does much is read as few buckets. Which form a stretch has follows from its contents alone.
 */

/** The most bytes of quarters that are a list. */
export const LIST_BYTES: Readonly<Record<TreeLevel, number>> = { M: 2_048, D: 512, H: 256 };
/** Beyond this many bytes a bucket has a document of its own, so that what changes elsewhere does not write it again. */
export const INLINE_BYTES = 512;

export type TreeLevel = 'M' | 'D' | 'H';
export const FINER = { M: 'D', D: 'H', H: 'Q' } as const satisfies Record<TreeLevel, Level>;

/** A packed bucket; null while its bytes are in a document of its own that was not read. */
export interface Held {
  bytes: Uint8Array | null;
  /** Whether the store has a document of its own for it. */
  isApart: boolean;
}

/** A stretch of a tree. */
export interface Node {
  readonly level: TreeLevel;
  readonly from: number;
  /** The bytes of all its quarters. */
  size: number;
  /** The sum of its parts; null where it is a list. */
  total: Held | null;
  /** By their first moment: of a list, and of an hour. */
  quarters: Map<number, Held>;
  /** By their first moment: the days of a month, the hours of a day. Null where a day's were not read. */
  parts: Map<number, Node> | null;
  /** Whether the store has a document of a day's hours. */
  isApart: boolean;
}

export function createList(level: TreeLevel, from: number): Node {
  return { level, from, size: 0, total: null, quarters: new Map(), parts: new Map(), isApart: false };
}

const LIST = 0;
const SUM = 1;

const byMoment = <V>(map: ReadonlyMap<number, V>): [number, V][] => [...map].sort(([a], [b]) => a - b);

/** A month's tree, without the hours of its full days. */
export function packMonth(root: Node): Uint8Array {
  const writer = new VarintWriter();
  writeNode(writer, root);
  return writer.toBytes();
}

export function unpackMonth(bytes: Uint8Array, from: number): Node {
  return readNode(new VarintReader(bytes), 'M', from);
}

/** The hours of a full day. */
export function packHours(day: Node): Uint8Array {
  const writer = new VarintWriter();
  writeParts(writer, day);
  return writer.toBytes();
}

export function unpackHours(bytes: Uint8Array, from: number): Map<number, Node> {
  return readParts(new VarintReader(bytes), 'H', from);
}

function writeNode(writer: VarintWriter, node: Node): void {
  writer.unsigned(node.total === null ? LIST : SUM);
  if (node.total !== null) {
    writer.unsigned(node.size);
    writeHeld(writer, node.total);
  }
  if (node.total === null || node.level === 'H') {
    writer.unsigned(node.quarters.size);
    let last = node.from;
    for (const [from, held] of byMoment(node.quarters)) {
      writer.unsigned((from - last) / QUARTER_HOUR_MS);
      if (node.total !== null) writeHeld(writer, held);
      else {
        const bytes = held.bytes ?? new Uint8Array();
        writer.unsigned(bytes.length);
        writer.bytes(bytes);
      }
      last = from;
    }
  } else if (node.level === 'M') writeParts(writer, node);
}

function writeParts(writer: VarintWriter, node: Node): void {
  const parts = node.parts ?? new Map<number, Node>();
  writer.unsigned(parts.size);
  let last = node.from;
  for (const [from, part] of byMoment(parts)) {
    writer.unsigned((from - last) / QUARTER_HOUR_MS);
    writeNode(writer, part);
    last = from;
  }
}

function writeHeld(writer: VarintWriter, { bytes }: Held): void {
  if (bytes === null || bytes.length > INLINE_BYTES) {
    writer.unsigned(0);
    return;
  }
  writer.unsigned(bytes.length + 1);
  writer.bytes(bytes);
}

function readNode(reader: VarintReader, level: TreeLevel, from: number): Node {
  const node = createList(level, from);
  const isSum = reader.unsigned() === SUM;
  if (isSum) {
    node.size = reader.unsigned();
    node.total = readHeld(reader);
  }
  if (!isSum || level === 'H') {
    let at = from;
    for (let rest = reader.unsigned(); rest > 0; rest--) {
      at += reader.unsigned() * QUARTER_HOUR_MS;
      const held = isSum ? readHeld(reader) : { bytes: reader.bytes(reader.unsigned()), isApart: false };
      node.quarters.set(at, held);
      if (!isSum) node.size += held.bytes?.length ?? 0;
    }
  } else if (level === 'M') node.parts = readParts(reader, 'D', from);
  else [node.parts, node.isApart] = [null, true];
  return node;
}

function readParts(reader: VarintReader, level: 'D' | 'H', from: number): Map<number, Node> {
  const parts = new Map<number, Node>();
  let at = from;
  for (let rest = reader.unsigned(); rest > 0; rest--) {
    at += reader.unsigned() * QUARTER_HOUR_MS;
    parts.set(at, readNode(reader, level, at));
  }
  return parts;
}

function readHeld(reader: VarintReader): Held {
  const length = reader.unsigned();
  return length === 0 ? { bytes: null, isApart: true } : { bytes: reader.bytes(length - 1), isApart: false };
}
