import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import { decodeData } from '../../importers/cloud-event.ts';

const PREFIX = 'ce-';

/** True where the headers carry a CloudEvent's attributes. */
export function isBinaryEvent(headers: IncomingHttpHeaders): boolean {
  return Object.keys(headers).some((name) => name.startsWith(PREFIX));
}

/** Attributes of the specification, which are texts whatever they look like. */
const TEXTS = new Set(['specversion', 'type', 'source', 'id', 'time', 'subject', 'dataschema', 'datacontenttype']);

/**
 * The value of a header as its sender meant it: Python percent-encodes (section 3.1.3.2 of the HTTP binding), Node sends it raw, and
 * either may put it in quotes. Raw bytes reach us as if they were Latin-1.
 */
function decodeHeader(value: string): string {
  const bytes = Buffer.from(value, 'latin1');
  const raw = isUtf8(bytes) ? bytes.toString('utf8') : value;
  const text = /^"(?:[^"\\]|\\.)*"$/.test(raw) ? raw.slice(1, -1).replace(/\\(.)/g, '$1') : raw;
  try {
    return decodeURIComponent(text);
  } catch {
    // A % that encodes nothing: sent raw.
    return text;
  }
}

/** Booleans are `true` and `false` by the specification, and `True` and `False` from Python. */
function toAttribute(name: string, text: string): string | boolean {
  if (TEXTS.has(name) || !/^(?:true|false)$/i.test(text)) return text;
  return text.toLowerCase() === 'true';
}

/** A CloudEvent in binary mode as its JSON form. Data whose type is JSON, or that have none, are parsed; texts are texts, all else is base64. */
export function readBinaryEvent(headers: IncomingHttpHeaders, body: Buffer): Readonly<Record<string, unknown>> {
  const event: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(headers)) {
    const attribute = name.slice(PREFIX.length);
    // `data` and its like are no attributes; `ce-__proto__` would set the prototype.
    if (!name.startsWith(PREFIX) || typeof value !== 'string' || !/^[a-z0-9]+$/.test(attribute) || attribute === 'data') continue;
    event[attribute] = toAttribute(attribute, decodeHeader(value));
  }
  const type = headers['content-type'] ?? null;
  if (type !== null) event['datacontenttype'] = type;
  if (body.length === 0) return event;
  const data = decodeData(body, type);
  return data === undefined ? { ...event, data_base64: body.toString('base64') } : { ...event, data };
}
