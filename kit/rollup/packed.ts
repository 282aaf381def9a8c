import { VarintReader, VarintWriter } from './varint.ts';

/** Is told what a packed bucket holds. */
export interface PackedSink {
  count(name: string, count: number): void;
  values(name: string, min: number, max: number, sketch: Uint8Array): void;
  unique(name: string, unique: Uint8Array): void;
}

/** What a bucket holds, by name; every name of `sketches` has a minimum and a maximum. */
export interface BucketContents {
  readonly counts: ReadonlyMap<string, number>;
  readonly sketches: ReadonlyMap<string, Uint8Array>;
  readonly min: ReadonlyMap<string, number>;
  readonly max: ReadonlyMap<string, number>;
  readonly uniques: ReadonlyMap<string, Uint8Array>;
}

const places = new WeakMap<readonly string[], ReadonlyMap<string, number>>();

function placesOf(names: readonly string[]): ReadonlyMap<string, number> {
  let known = places.get(names);
  if (!known) places.set(names, (known = new Map(names.map((name, place) => [name, place]))));
  return known;
}

/**
 * One bucket as bytes, null where it holds nothing: counts, values and uniques, each a number of entries and then each entry's
 * name and contents. A name is one more than its place in the list, or 0 and its text; entries are in the order of places, then of texts, so
 * that equal contents are equal bytes.
 */
export function packBucket({ counts, sketches, min, max, uniques }: BucketContents, names: readonly string[]): Uint8Array | null {
  if (counts.size === 0 && sketches.size === 0 && uniques.size === 0) return null;
  const known = placesOf(names);
  const writer = new VarintWriter();
  writeEntries(writer, counts, known, (count) => writer.signed(count));
  writeEntries(writer, sketches, known, (sketch, name) => {
    const lowest = min.get(name) ?? 0;
    writer.unsigned(lowest);
    writer.unsigned((max.get(name) ?? lowest) - lowest);
    writer.unsigned(sketch.length);
    writer.bytes(sketch);
  });
  writeEntries(writer, uniques, known, (unique) => {
    writer.unsigned(unique.length);
    writer.bytes(unique);
  });
  return writer.toBytes();
}

function writeEntries<V>(writer: VarintWriter, map: ReadonlyMap<string, V>, known: ReadonlyMap<string, number>, write: (value: V, name: string) => void): void {
  writer.unsigned(map.size);
  if (map.size === 0) return;
  const placeOf = (name: string): number => known.get(name) ?? Infinity;
  const sorted = map.size === 1 ? [...map.keys()] : [...map.keys()].sort((a, b) => placeOf(a) - placeOf(b) || (a < b ? -1 : 1));
  for (const name of sorted) {
    const place = known.get(name);
    if (place === undefined) {
      const text = Buffer.from(name);
      writer.unsigned(0);
      writer.unsigned(text.length);
      writer.bytes(text);
    } else writer.unsigned(place + 1);
    write(map.get(name) as V, name);
  }
}

/** Reads what `packBucket` wrote; byte arrays are parts of the given ones. @throws RangeError for other bytes. */
export function readBucket(bytes: Uint8Array, names: readonly string[], sink: PackedSink): void {
  const reader = new VarintReader(bytes);
  const readName = (): string => {
    const place = reader.unsigned();
    if (place === 0) return Buffer.from(reader.bytes(reader.unsigned())).toString();
    const name = names[place - 1];
    if (name === undefined) throw new RangeError(`Expected a name's place from 1 to ${names.length} in a packed bucket, got ${place}.`);
    return name;
  };
  for (let rest = reader.unsigned(); rest > 0; rest--) sink.count(readName(), reader.signed());
  for (let rest = reader.unsigned(); rest > 0; rest--) {
    const name = readName();
    const min = reader.unsigned();
    const max = min + reader.unsigned();
    sink.values(name, min, max, reader.bytes(reader.unsigned()));
  }
  for (let rest = reader.unsigned(); rest > 0; rest--) sink.unique(readName(), reader.bytes(reader.unsigned()));
}
