import type { Random } from '../../sample/studio/random.ts';

/** How deep the deepest bodies nest. */
const DEEPEST = 10_000;

/** Stands in a value for JSON text that no JavaScript value gives; `toText` puts the text there. */
const RAW = '\u0001raw:';

/** A text of JSON to be put as it is where the value stands. */
const raw = (text: string): string => `${RAW}${Buffer.from(text).toString('base64')}:`;

/** The JSON text of a value, with what stands for raw text replaced by it. */
export function toText(value: unknown): string {
  const text = JSON.stringify(value) ?? 'null';
  return text.replace(/"\\u0001raw:([A-Za-z0-9+/=]*):"/g, (_, encoded: string) => Buffer.from(encoded, 'base64').toString());
}

const TIMES = [
  '2024-02-30T00:00:00Z', '2023-02-29T10:00:00Z', '2024-13-01T25:61:61Z', '0000-00-00T00:00:00Z', '0000-01-01T00:00:00Z', '0001-01-01T00:00:00+14:00', '9999-12-31T23:59:59Z', '+275760-09-13T00:00:00Z',
  '-271821-04-20T00:00:00Z', '1969-12-31T23:59:60Z', '2016-12-31T23:59:60Z', '2024-11-17T00:00:00+99:99', '2024-11-17T00:00:00-00:00', '2024-11-17', '2024-11-17T24:00:00Z', '17.11.2024', 'yesterday', '1732000000',
  '2024-11-17T00:00:00.123456789012345678901234567890Z', '٢٠٢٤-١١-١٧T00:00:00Z', '2024-11-17T00:00:00Z[Mars/Olympus]', '2024-11-17 00:00',
];

const NUMBERS: readonly (() => unknown)[] = [
  () => raw('1e400'), () => raw('-1e400'), () => raw('1'.repeat(400)), () => raw('1e-400'), () => raw('-0'), () => raw('0.1e1'), () => raw('9007199254740993'),
  () => -1, () => 1.5, () => 2 ** 53, () => 2 ** 31, () => -(2 ** 63), () => Number.MAX_VALUE, () => Number.MIN_VALUE, () => 1e21, () => 0,
];

const TEXTS = [
  '', ' ', '\u0000', 'a\u0000b', '\ud800', '\udfff', 'x\udc00y', '\ufeff', '\u202e', '😀', 'ａ', 'e\u0301', '\r\n', '"', '\\', "'; DROP TABLE runs; --", '{{now}}', '${jndi:ldap://x}', '../../etc/passwd', '%00', '%', '-', '.', ':', '|', '~',
  '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'null', 'NaN', 'Infinity', 'true', '0', '-1', '1e999', '[removed]', 'person:', 'person:x', 'Show:', 'User:aaaaaaaaaaaaaaaaaaaaaa', 'simulated', 'simulated/',
];

const nested = (open: string, inner: string, close: string, depth: number): unknown => raw(`${open.repeat(depth)}${inner}${close.repeat(depth)}`);

/** A value that the place that it is put in does not expect. */
export function drawValue(random: Random): unknown {
  const draw = random.below(100);
  if (draw < 25) return random.pick(TEXTS);
  if (draw < 45) return random.pick(NUMBERS)();
  if (draw < 62) return random.pick(TIMES);
  if (draw < 74) return random.pick([null, true, false]);
  if (draw < 88) return random.pick<() => unknown>([() => [], () => ({}), () => [[]], () => [null], () => [{}], () => ({ '': '' }), () => ['', 0, null], () => raw('{"__proto__":{"admin":true}}'), () => ({ length: 3 }), () => ({ toString: 1 }), () => ({ toJSON: 1 })])();
  if (draw < 93) return random.pick(['x', '😀', '\ud800', ' ']).repeat(random.pick([100, 401, 2_001, 4_097]));
  if (draw < 94) return random.pick(['y', 'é']).repeat(random.pick([70_000, 300_000]));
  if (draw < 97) return Array.from({ length: random.pick([1, 2, 3, 20, 20, 20, 20, 1_001]) }, () => random.pick(TEXTS));
  const depth = random.pick([50, 190, 201, 1_000, DEEPEST]);
  return random.pick([() => nested('[', '', ']', depth), () => nested('{"a":', '1', '}', depth), () => nested('[{"a":', 'null', '}]', Math.ceil(depth / 2))])();
}

/** A text that a cell, a header or a line does not expect. */
export function drawText(random: Random): string {
  const draw = random.below(10);
  if (draw < 5) return random.pick(TEXTS);
  if (draw < 8) return random.pick(TIMES);
  return random.pick(['9'.repeat(400), '1e308', '-5', '1,000', '"', '""', '"x', '=1+1', '\t', ',', ';', '\n', '\r', 'x'.repeat(5_000), '(((', '))', '?1', '@', ':', '<html>', 'N/A']);
}

/** A name that a field does not have. */
export const drawName = (random: Random): string => random.pick(['__proto__', 'constructor', 'toString', '', 'a', '$ref', '$where', 'length', 'facets', 'id', 'run', '\ud800', 'x'.repeat(2_000), '.', 'a.b', '0']);
