import { isUtf8 } from 'node:buffer';
import { isJsonObject } from '../kit/ingest/json-object.ts';
import { parseInstant } from '../kit/ingest/time.ts';
import type { Rejection } from '../kit/subgraph.ts';
import { shown } from './cells.ts';

/** What a CloudEvent is: an event of a kind, or why it is none. */
export type ReadCloudEvent =
  | { readonly kind: string; readonly event: Readonly<Record<string, unknown>> }
  | { readonly rejected: Omit<Rejection, 'index'> };

/** The kind of CloudEvents whose type no subgraph takes: they are kept whole. */
export const UNCLAIMED_KIND = 'unclaimed-event';

type Envelope = Readonly<Record<string, unknown>>;

const invalid = (field: string | null, message: string): ReadCloudEvent => ({ rejected: { code: 'EVENT_INVALID', field, message } });

/** What came, in a few words: lists and objects may be large and nested deep. */
function seen(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return shown(value);
  return Array.isArray(value) ? 'a list' : isJsonObject(value) ? 'an object' : String(value);
}

/** Attributes that may be absent and else are texts that are not empty. */
const OPTIONAL_TEXTS = ['subject', 'dataschema', 'datacontenttype', 'time'];

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Reads a CloudEvent 1.0 in its JSON form. Where a subgraph takes its type (`types` says to which kind), its data become the event,
 * with the envelope's source, id and time; a playback session without `startedAt` started at the envelope's time. An event of any
 * other type is kept as it is, so that it is the same however it was sent: data that base64 need not hide are shown.
 */
export function readCloudEvent(value: unknown, types: ReadonlyMap<string, string>): ReadCloudEvent {
  if (!isJsonObject(value)) return invalid(null, `expected a CloudEvent as a JSON object, got ${seen(value)}`);
  for (const field of ['specversion', 'type', 'source', 'id']) {
    const text = value[field];
    if (typeof text !== 'string' || text === '') return invalid(field, `expected a text that is not empty, got ${seen(text)}`);
  }
  const { specversion, type, source, id } = value as Record<string, string>;
  if (specversion !== '1.0') return invalid('specversion', `expected 1.0, got ${seen(specversion)}`);
  for (const field of OPTIONAL_TEXTS) {
    const text = value[field] ?? null;
    if (text !== null && (typeof text !== 'string' || text === '')) return invalid(field, `expected a text that is not empty, or nothing, got ${seen(text)}`);
  }
  const time = (value['time'] ?? null) as string | null;
  if (time !== null && parseInstant(time) === null) return invalid('time', `expected an RFC 3339 instant such as 2024-11-17T00:00:00Z, got ${shown(time)}`);
  const encoded = value['data_base64'] ?? null;
  if (encoded !== null && (typeof encoded !== 'string' || !BASE64.test(encoded))) return invalid('data_base64', 'expected a text of base64');
  if (encoded !== null && (value['data'] ?? null) !== null) return invalid('data_base64', 'expected data or data_base64, got both');
  const event = showData(value);
  const kind = types.get(type ?? '');
  if (kind === undefined) return { kind: UNCLAIMED_KIND, event };
  const data = parseData(event['data']);
  if (!isJsonObject(data)) return invalid('data', 'expected a JSON object in `data`, or in `data_base64`, got none');
  const started = kind === 'playback-session' && data['startedAt'] === undefined && time !== null ? { startedAt: time } : {};
  return { kind, event: { ...data, source, id, ...(time === null ? {} : { time }), ...started } };
}

/** Some emitters send JSON as a text. */
function parseData(data: unknown): unknown {
  if (typeof data !== 'string') return data;
  try {
    return JSON.parse(data);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** True for a media type whose content is JSON; so is content without one. */
export function isJsonType(type: string | null): boolean {
  return type === null || /^\s*[^;]*\/(?:[^;]*\+)?json\s*(?:;|$)/i.test(type);
}

const JSON_TYPE = 'application/json';
/** How clients say JSON's own type, with the one charset that JSON has. */
const PLAIN_JSON = /^\s*application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

/** An envelope whose data are shown where they are JSON or text, and whose type says JSON in one way, also where none is said. */
function showData(envelope: Envelope): Envelope {
  const { data_base64: encoded, ...rest } = envelope;
  const type = (envelope['datacontenttype'] ?? null) as string | null;
  const datacontenttype = type === null || PLAIN_JSON.test(type) ? JSON_TYPE : type;
  if (typeof encoded === 'string') {
    const data = decodeData(Buffer.from(encoded, 'base64'), type);
    return data === undefined ? envelope : { ...rest, data, datacontenttype };
  }
  return envelope['data'] === undefined ? envelope : { ...envelope, datacontenttype };
}

/**
 * What the bytes of a media type say, as JSON can say it: what they hold where it is JSON, their text where they are one, so that
 * people in it can be replaced; undefined where only base64 can say them.
 */
export function decodeData(bytes: Buffer, type: string | null): unknown {
  if (!isUtf8(bytes) || bytes.includes(0)) return undefined;
  const text = bytes.toString('utf8');
  if (!isJsonType(type)) return text;
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}
