import { destination, pino } from 'pino';
import type { Logger } from 'pino';
import type { Settings } from './settings.ts';

/** The one logger of the process: a JSON line an entry, on stderr, so that stdout stays for what a person reads. */
export function createLogger(level: Settings['logLevel']): Logger {
  return pino({ level, base: null }, destination({ fd: 2, sync: true }));
}
