import type { Random } from '../../sample/studio/random.ts';
import { drawName, drawText, drawValue, toText } from './values.ts';

type Container = Record<string, unknown> | unknown[];

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

function set(object: Container, key: string, value: unknown): void {
  // Assigning to `__proto__` would set the prototype.
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Objects and arrays of a value with their fields, from the outside in. */
function placesOf(value: unknown): { readonly within: Container; readonly key: string }[] {
  if (!isContainer(value)) return [];
  return Object.keys(value).flatMap((key) => [{ within: value, key }, ...placesOf(Object.getOwnPropertyDescriptor(value, key)?.value)]);
}

/** The JSON text of a value with one to four of its fields replaced, removed, renamed, added, wrapped or repeated. */
export function mutateJson(random: Random, valid: unknown): string {
  // A value under another, so that the whole can be replaced too.
  const root: Record<string, unknown> = { value: structuredClone(valid) };
  for (let times = random.between(1, 4); times > 0; times -= 1) {
    const places = placesOf(root);
    const { within, key } = random.pick(random.chance(300) ? places.slice(0, 6) : places);
    const old = (within as Record<string, unknown>)[key];
    const draw = random.below(100);
    if (draw < 50) set(within, key, drawValue(random));
    else if (draw < 65 && !Array.isArray(within) && within !== root) delete within[key];
    else if (draw < 75 && isContainer(old) && !Array.isArray(old)) set(old, drawName(random), drawValue(random));
    else if (draw < 82 && within !== root && !Array.isArray(within)) set(within, drawName(random), old);
    else if (draw < 90) set(within, key, random.pick([[old], { value: old }, [old, old], JSON.stringify(old) ?? 'undefined', { '': old }]));
    else if (Array.isArray(within)) within.push(drawValue(random), old);
    else set(within, key, drawValue(random));
  }
  return toText(root['value']);
}

/** A text with one to three places cut, doubled, or written over. */
export function mutateText(random: Random, valid: string): string {
  let text = valid;
  for (let times = random.between(1, 3); times > 0; times -= 1) {
    const at = random.below(text.length + 1);
    const length = random.pick([0, 1, 1, 2, 10, 200]);
    const draw = random.below(100);
    if (draw < 20) text = text.slice(0, at);
    else if (draw < 45) text = text.slice(0, at) + drawText(random) + text.slice(at + length);
    else if (draw < 60) text = text.slice(0, at) + text.slice(at, at + length) + text.slice(at);
    else if (draw < 75) text = text.slice(0, at) + random.pick(['{', '}', '[', ']', ',', ':', '"', '\\', '\n', '\u0000', '/*', '1', 'e', '-']) + text.slice(at + random.below(2));
    else text = text.slice(0, at) + text.slice(at + length);
  }
  return text;
}

/** A table's text with cells, columns, rows or line ends changed; its cells are taken as if none were quoted. */
export function mutateTable(random: Random, valid: string, delimiter: string): string {
  const rows = valid.trimEnd().split('\n').map((row) => row.split(delimiter));
  for (let times = random.between(1, 6); times > 0; times -= 1) {
    const row = random.chance(300) ? (rows[0] as string[]) : random.pick(rows);
    const place = random.below(row.length);
    const draw = random.below(100);
    if (draw < 60) row[place] = drawText(random);
    else if (draw < 70) row.splice(place, 1);
    else if (draw < 78) row.splice(place, 0, row[place] ?? '');
    else if (draw < 84) rows.splice(random.below(rows.length), 1);
    else if (draw < 90) rows.push([...row]);
    else if (draw < 94) rows.unshift([...row]);
    else if (draw < 96) row.push(...Array.from({ length: 3_000 }, (_, number) => `c${number}`));
    else row.reverse();
    if (rows.length === 0) return '';
  }
  return rows.map((row) => row.join(random.chance(20) ? ';' : delimiter)).join(random.pick(['\n', '\n', '\n', '\r\n', '\r'])) + random.pick(['\n', '', '\n\n']);
}

const asUtf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');

/** Bytes of a text that say it in another encoding, or that are none. */
export function mutateBytes(random: Random, text: string): Buffer {
  const bytes = Buffer.from(text);
  const at = random.below(bytes.length + 1);
  switch (random.below(9)) {
    case 0:
      return Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]);
    case 1:
      return Buffer.concat([Buffer.from([0xff, 0xfe]), asUtf16(text)]);
    case 2:
      return Buffer.concat([Buffer.from([0xfe, 0xff]), asUtf16(text).swap16()]);
    case 3:
      return Buffer.from(text, 'latin1');
    case 4:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from(random.pick([[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0x80], [0], [0xe2, 0x28]])), bytes.subarray(at)]);
    case 5:
      return Buffer.from(Array.from({ length: random.below(400) }, () => random.below(256)));
    case 6:
      return bytes.subarray(0, at);
    case 7:
      return Buffer.concat([bytes, bytes]);
    default: {
      const flipped = Buffer.from(bytes);
      for (let times = random.between(1, 8); times > 0 && flipped.length > 0; times -= 1) flipped[random.below(flipped.length)] = random.below(256);
      return flipped;
    }
  }
}
