import { gunzipSync, gzipSync } from 'node:zlib';
import { createRandom, type Random } from '../../sample/studio/random.ts';
import { mutateBytes } from './mutation.ts';
import { type HostileReceiver, RECEIVERS } from './receivers.ts';

/** A request as it is sent. The same seed and number give the same. */
export interface HostileRequest {
  readonly number: number;
  readonly receiver: HostileReceiver;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
  /** What its receiver reads, unzipped; null where the bytes are no gzip, not whole, or too many. */
  readonly plain: Buffer | null;
}

/** Small on the wire, and more than any receiver holds once unzipped. */
const BOMBS = [Buffer.alloc(24_000_000, ' '), Buffer.alloc(24_000_000, '['), Buffer.alloc(24_000_000, 0), Buffer.from('a,b\n'.repeat(3_000_000)), Buffer.from('{"a":'.repeat(3_000_000))].map((bytes) => gzipSync(bytes));

const CONTENT_TYPES = ['text/plain', 'application/xml', 'multipart/form-data; boundary=x', 'application/json; charset=utf-16', 'application/x-www-form-urlencoded', ';', 'x', '', 'application/cloudevents', 'application/cloudevents+json; charset=latin1', 'application/json, text/csv'];

function unzip(bytes: Buffer): Buffer | null {
  try {
    return gunzipSync(bytes, { maxOutputLength: 10_485_760 });
  } catch {
    return null;
  }
}

const ZIPPED = { 'content-encoding': 'gzip' };

/** How a body goes over the wire: mostly as it is. */
function toWire(random: Random, text: string): { readonly bytes: Buffer; readonly headers: Readonly<Record<string, string>> } {
  const draw = random.below(1_000);
  const plain = (): Buffer => Buffer.from(text);
  if (draw < 100) return { bytes: mutateBytes(random, text), headers: {} };
  if (draw < 150) return { bytes: gzipSync(plain(), { level: 1 }), headers: ZIPPED };
  if (draw < 180) {
    const zipped = gzipSync(plain(), { level: 1 });
    return { bytes: zipped.subarray(0, random.below(zipped.length)), headers: ZIPPED };
  }
  if (draw < 200) {
    const zipped = Buffer.from(gzipSync(plain(), { level: 1 }));
    zipped[random.below(zipped.length)] = random.below(256);
    return { bytes: zipped, headers: ZIPPED };
  }
  if (draw < 210) return { bytes: gzipSync(plain(), { level: 1 }), headers: {} };
  if (draw < 220) return { bytes: plain(), headers: ZIPPED };
  if (draw < 230) return { bytes: plain(), headers: { 'content-encoding': random.pick(['br', 'deflate', 'gzip, gzip', 'zstd', '', 'identity', 'x-gzip', '\u00e9']) } };
  if (draw < 232) return { bytes: random.pick(BOMBS), headers: random.chance(800) ? ZIPPED : {} };
  if (draw < 260) return { bytes: plain(), headers: { 'content-type': random.pick(CONTENT_TYPES) } };
  if (draw < 275) return { bytes: Buffer.alloc(0), headers: {} };
  return { bytes: plain(), headers: {} };
}

function pickReceiver(random: Random): HostileReceiver {
  return RECEIVERS[random.weighted(RECEIVERS.map(({ weight }) => Math.round(weight * 10)))] as HostileReceiver;
}

/** The request of a number. */
export function drawRequest(seed: number, number: number): HostileRequest {
  const random = createRandom(`hostile/${seed}/${number}`);
  const receiver = pickReceiver(random);
  const draft = receiver.draw(random);
  const wire = toWire(random, draft.text);
  const headers = { ...draft.headers, ...wire.headers };
  const encoding = headers['content-encoding'] ?? 'identity';
  const plain = encoding === 'identity' ? wire.bytes : encoding === 'gzip' || encoding === 'x-gzip' ? unzip(wire.bytes) : null;
  return { number, receiver, path: draft.path, headers, bytes: wire.bytes, plain };
}
