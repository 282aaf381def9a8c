import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { defineCollection } from './port.ts';
import type { Document, Store } from './port.ts';
import { readAll } from './read-all.ts';
import type { TestStores } from './test-stores.ts';

interface Thing extends Document {
  readonly value?: unknown;
}

const things = defineCollection('contract.things', { byId: (thing: Thing) => [thing.id] });
const others = defineCollection<Thing>('contract.others', {});

/** Names that a codec, a database or JavaScript treats in its own way. */
const NAMES = ['', '.', 'a.b', '.a', 'a.', '$', '$set', '$ref', '$id', '$db', '_bsontype', '__proto__', 'constructor', 'toString', 'valueOf', 'hasOwnProperty', '__defineGetter__', 'toJSON', 'inspect', 'firstBatch', 'nextBatch', 'cursor', 'length', 'then', 'toBSON', 'id', '_id', '%', '%00', '%25', 'a\0b', '0', '01', 'ä', 'Ä', 'a\u0308', 'x'.repeat(2_000), '😀'.repeat(500)];

/** The value under each of these names, as own members. */
function withNames(names: readonly string[], value: unknown): object {
  return Object.fromEntries(names.map((name) => [name, value]));
}

function withoutNegativeZero(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}

export function describeDocuments({ open }: TestStores): void {
  let store: Store;
  let ids = 0;
  const nextId = (): string => `thing-${ids++}`;

  async function roundTrip(value: unknown): Promise<unknown> {
    const id = nextId();
    await store.commit(async (transaction) => transaction.put(things, { id, value }));
    const [read] = await store.get(things, [id]);
    return read?.value;
  }

  beforeAll(async () => {
    store = await open([things, others]);
  });

  it('come in the order they were asked for, null where there is none', async () => {
    await store.commit(async (transaction) => {
      for (const id of ['a', 'b', 'c']) transaction.put(things, { id });
    });
    expect(await store.get(things, ['c', 'none', 'a', 'c'])).toEqual([{ id: 'c' }, null, { id: 'a' }, { id: 'c' }]);
    expect(await store.get(things, [])).toEqual([]);
  });

  it('are null for ids that no document can have', async () => {
    expect(await store.get(things, ['', 'x'.repeat(201), '\ud800'])).toEqual([null, null, null]);
  });

  it('of one id in two collections are two', async () => {
    await store.commit(async (transaction) => {
      transaction.put(things, { id: 'same', value: 1 });
      transaction.put(others, { id: 'same', value: 2 });
    });
    expect(await store.get(things, ['same'])).toEqual([{ id: 'same', value: 1 }]);
    expect(await store.get(others, ['same'])).toEqual([{ id: 'same', value: 2 }]);
  });

  it('are replaced as a whole by a second put of their id', async () => {
    await store.commit(async (transaction) => transaction.put(things, { id: 'twice', value: { a: 1 } }));
    await store.commit(async (transaction) => transaction.put(things, { id: 'twice', value: { b: 2 } }));
    expect(await store.get(things, ['twice'])).toEqual([{ id: 'twice', value: { b: 2 } }]);
    expect(await store.scan(things.byId, { prefix: ['twice'], limit: 10 })).toHaveLength(1);
  });

  it('are told apart by ids that differ in case, accents and forms only', async () => {
    const alike = ['id', 'ID', 'Id', 'ı', 'ä', 'a\u0308', 'Ä', 'a', ' a', 'a ', 'a.', '$a', '__proto__', 'ß', 'ss', '0', '00', '\0', '\u0001', '\u0004\u0001', 'x'.repeat(200), `${'x'.repeat(199)}y`, 'ä'.repeat(100), '\uffff', '😀'];
    await store.commit(async (transaction) => {
      for (const [value, id] of alike.entries()) transaction.put(others, { id, value });
    });
    expect(await store.get(others, alike)).toEqual(alike.map((id, value) => ({ id, value })));
  });

  it('keep all that JSON can say', async () => {
    const name = fc.oneof(fc.constantFrom(...NAMES), fc.string({ unit: 'grapheme' }));
    const leaf = fc.oneof(fc.string({ unit: 'grapheme' }), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.maxSafeInteger(), fc.boolean(), fc.constant(null));
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('value'), { maxLength: 4 }), fc.array(fc.tuple(name, tie('value')), { maxLength: 4 }).map((pairs) => Object.fromEntries(pairs))),
    }));
    const values = fc.sample(value, 300);
    expect(await roundTrip(values)).toEqual(values.map(withoutNegativeZero));
  });

  it('keep numbers at their limits', async () => {
    const limits = [0, 1, -1, 0.1, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 2 ** 32, 2 ** 53 - 1, -(2 ** 53) + 1, 2 ** 53, 2 ** 63, 2 ** 64, 1e21, Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE, Number.EPSILON];
    expect(await roundTrip(limits)).toStrictEqual(limits);
    expect(await roundTrip(-0)).toBe(0);
  });

  it('keep every name, and the order of names', async () => {
    const value = withNames(NAMES, { deep: withNames(NAMES, 1), list: [withNames(NAMES, [withNames(['a'], {})])] });
    const read = (await roundTrip(value)) as object;
    expect(Object.entries(read)).toEqual(Object.entries(value));
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
  });

  it('keep every name at the root', async () => {
    const documents = NAMES.filter((name) => name !== 'id').map((name) => Object.fromEntries([['id', nextId()], [name, name]]) as unknown as Thing);
    await store.commit(async (transaction) => {
      for (const document of documents) transaction.put(things, document);
    });
    const read = await store.get(things, documents.map(({ id }) => id));
    expect(read.map((document) => Object.entries(document ?? {}))).toEqual(documents.map((document) => Object.entries(document)));
  });

  it('keep objects that look like those of a codec', async () => {
    const value = [{ $ref: 'a', $id: 'b' }, { $ref: 'a', $id: 'b', $db: 'c' }, { _bsontype: 'ObjectId', id: 'x' }, { $oid: 'x' }, { $date: 1 }, { guarded: 1 }, { type: 'Buffer', data: [1] }];
    expect(await roundTrip(value)).toEqual(value);
  });

  it('keep byte arrays as Uint8Array', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
    const read = (await roundTrip({ bytes, none: new Uint8Array(), part: bytes.subarray(3, 7), buffer: Buffer.from('text'), list: [bytes] })) as Record<string, Uint8Array>;
    expect(read).toEqual({ bytes, none: new Uint8Array(), part: new Uint8Array([3, 4, 5, 6]), buffer: new Uint8Array(Buffer.from('text')), list: [bytes] });
    for (const name of ['bytes', 'none', 'part', 'buffer']) expect(read[name]?.constructor).toBe(Uint8Array);
  });

  it('leave out undefined members, and keep holes as null', async () => {
    const read = await roundTrip({ a: undefined, b: [undefined, 1], c: { d: undefined } });
    expect(read).toStrictEqual({ b: [null, 1], c: {} });
  });

  it('have their lone surrogates replaced, before and after they are durable', async () => {
    const id = nextId();
    const inside = await store.commit(async (transaction) => {
      transaction.put(things, { id, value: { 'n\ud800': 'v\udc00' } });
      return transaction.get(things, [id]);
    });
    const expected = [{ id, value: { 'n\ufffd': 'v\ufffd' } }];
    expect(inside).toEqual(expected);
    expect(await store.get(things, [id])).toEqual(expected);
  });

  it('may be large', async () => {
    const text = 'xä'.repeat(2_000_000);
    const bytes = new Uint8Array(3_000_000).fill(7);
    const [readText, readBytes] = (await roundTrip([text, bytes])) as [string, Uint8Array];
    expect(readText === text && Buffer.compare(readBytes, bytes) === 0).toBe(true);
  });

  it.each([
    ['not a number', { value: Number.NaN }, 'value must be a finite number, not NaN'],
    ['infinite', { value: [1, Number.NEGATIVE_INFINITY] }, 'value.1 must be a finite number'],
    ['a date', { value: { at: new Date(0) } }, 'value.at must be JSON or a byte array, not an instance of Date'],
    ['a map', { value: new Map() }, 'an instance of Map'],
    ['a big integer', { value: 1n }, 'not bigint'],
    ['a function', { value: () => 1 }, 'not function'],
    ['a symbol', { value: Symbol('x') }, 'not symbol'],
    ['too deep', { value: JSON.parse('['.repeat(100) + ']'.repeat(100)) as unknown }, 'nested at most 80 deep'],
    ['too large', { value: 'x'.repeat(16 * 1024 * 1024) }, 'a store holds at most'],
    ['without an id', { id: undefined }, 'id must be a well-formed string'],
    ['of an empty id', { id: '' }, 'id must be a well-formed string of 1 to 200 UTF-8 bytes'],
    ['of an id past 200 bytes', { id: 'ä'.repeat(101) }, 'not 202 bytes'],
    ['of an id with a lone surrogate', { id: 'a\ud800' }, 'id must be a well-formed string'],
  ])('are refused when %s', async (_, bad, message) => {
    const document = { id: nextId(), ...bad } as Thing;
    const commit = store.commit(async (transaction) => transaction.put(things, document));
    await expect(commit).rejects.toMatchObject({ name: 'StoreError', code: 'STORE_BAD_DOCUMENT', message: expect.stringContaining(message) as string });
  });

  it('are listed in the order of their ids, a page at a time', async () => {
    const own = ['l-a', 'l-\u0000', 'l-ä', 'l-\uffee', 'l-😀', 'l-aa', 'l-'];
    await store.commit(async (transaction) => {
      for (const id of own) transaction.put(others, { id });
    });
    const found: string[] = [];
    for await (const page of readAll(store, others)) found.push(...page.map(({ id }) => id));
    const sorted = own.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(found.filter((id) => id.startsWith('l-'))).toEqual(sorted);
    const pages: string[] = [];
    for (let after = 'l-'; pages.length < sorted.length; after = pages.at(-1) as string) {
      pages.push(...(await store.list(others, { after, limit: 2 })).map(({ id }) => id));
      if (pages.at(-1) === after) break;
    }
    expect(pages.filter((id) => id.startsWith('l-'))).toEqual(sorted.slice(1));
    await expect(store.list(others, { limit: 0 })).rejects.toThrow('A page has 1 to 100,000 documents, not 0.');
  });

  it('are gone from the collection and its indexes once they are removed, for the work itself too', async () => {
    const id = `removed ${nextId()}`;
    await store.commit(async (transaction) => transaction.put(things, { id }));
    const inside = await store.commit(async (transaction) => {
      transaction.remove(things, id);
      transaction.remove(things, 'was never there');
      return [await transaction.get(things, [id]), await transaction.scan(things.byId, { prefix: [id], limit: 10 })];
    });
    expect(inside).toEqual([[null], []]);
    expect(await store.get(things, [id])).toEqual([null]);
    expect(await store.scan(things.byId, { prefix: [id], limit: 10 })).toEqual([]);
    await store.commit(async (transaction) => {
      transaction.remove(things, id);
      transaction.put(things, { id, value: 2 });
    });
    expect(await store.scan(things.byId, { prefix: [id], limit: 10 })).toHaveLength(1);
  });

  it('of a collection the store was opened without are refused', async () => {
    const unknown = defineCollection<Thing>('contract.unknown', {});
    await expect(store.get(unknown, ['a'])).rejects.toThrow('opened without the collection "contract.unknown"');
  });
}
