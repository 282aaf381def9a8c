import type { Rejection } from '../kit/subgraph.ts';
import { shown } from './cells.ts';

/** The `type` of a CloudEvent to the kind of event that it is; the subgraphs own the kinds. */
export const CLOUD_EVENT_KINDS: Readonly<Record<string, string>> = {
  'loopgraph.show': 'show',
  'loopgraph.playback-session': 'playback-session',
  'loopgraph.published-report': 'published-report',
  'loopgraph.team': 'team',
  'loopgraph.survey': 'survey',
  'loopgraph.survey-response': 'survey-response',
};

/** What a CloudEvent is: an event of a kind, or why it is none. */
export type ReadCloudEvent =
  | { readonly kind: string; readonly event: Readonly<Record<string, unknown>> }
  | { readonly rejected: Omit<Rejection, 'index'> };

const invalid = (field: string | null, message: string): ReadCloudEvent => ({ rejected: { code: 'EVENT_INVALID', field, message } });

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads a CloudEvent 1.0 in structured form. Its data become the event, with the envelope's source, id and time; a
 * playback session without `startedAt` started at the envelope's time.
 */
export function readCloudEvent(value: unknown): ReadCloudEvent {
  if (!isObject(value)) return invalid(null, `expected a CloudEvent as a JSON object, got ${shown(JSON.stringify(value) ?? String(value))}`);
  for (const field of ['specversion', 'type', 'source', 'id']) {
    const text = value[field];
    if (typeof text !== 'string' || text === '') return invalid(field, `expected a text that is not empty, got ${shown(JSON.stringify(text) ?? 'nothing')}`);
  }
  const { specversion, type, source, id, time } = value as Record<string, string | undefined>;
  if (specversion !== '1.0') return invalid('specversion', `expected 1.0, got ${shown(String(specversion))}`);
  const kind = CLOUD_EVENT_KINDS[type ?? ''];
  if (kind === undefined) {
    const message = `expected one of ${Object.keys(CLOUD_EVENT_KINDS).join(', ')}, got ${shown(String(type))}`;
    return { rejected: { code: 'EVENT_UNKNOWN_KIND', field: 'type', message } };
  }
  const data = dataOf(value);
  if (!isObject(data)) return invalid('data', 'expected a JSON object in `data`, or in `data_base64`, got none');
  const envelope = { source, id, ...(time === undefined || time === null ? {} : { time }) };
  const started = kind === 'playback-session' && data['startedAt'] === undefined && time ? { startedAt: time } : {};
  return { kind, event: { ...data, ...envelope, ...started } };
}

function dataOf(envelope: Readonly<Record<string, unknown>>): unknown {
  const { data, data_base64: encoded } = envelope;
  const text = typeof encoded === 'string' ? Buffer.from(encoded, 'base64').toString('utf8') : data;
  if (typeof text !== 'string') return text;
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
