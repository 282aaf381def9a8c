import { StoreError } from '../../kit/store/port.ts';
import { CompositionError } from '../graph/composition.ts';
import { StartFault } from '../settings.ts';
import type { Settings } from '../settings.ts';

const isSystemError = (error: unknown): error is NodeJS.ErrnoException => error instanceof Error && 'code' in error && typeof error.code === 'string';

/** A MongoDB URI without what only its owner may read. */
function hideCredentials(text: string): string {
  return text.replaceAll(/\/\/[^/@\s]*@/g, '//…@');
}

/**
 * What a person is told where a process cannot start: what is wrong and what to do, in a plain line.
 * Null for a fault of the program itself.
 */
export function toPlainLine(error: unknown, { host, port }: Pick<Settings, 'host' | 'port'>): string | null {
  if (error instanceof StartFault || error instanceof CompositionError) return error.message;
  if (error instanceof StoreError) return hideCredentials(error.message);
  // What the store throws for a location that its driver does not understand.
  if (error instanceof TypeError && error.message.startsWith('This is no MongoDB URI')) {
    return `STORE: ${hideCredentials(error.message)}; expected mongodb://USER:PASSWORD@HOST:PORT/DATABASE?replicaSet=NAME, with signs such as @ in a password written as %40`;
  }
  if (!isSystemError(error)) return null;
  switch (error.code) {
    case 'EADDRINUSE':
      return `port ${port} on ${host} is taken: stop what listens there, or start on another with PORT=${port + 1}`;
    case 'EACCES':
      return `port ${port} on ${host} may not be opened by this user: use one from 1024 upwards, such as PORT=4000`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is no address of this machine: set HOST to one, such as 127.0.0.1 or 0.0.0.0`;
    case 'MODULE_NOT_FOUND':
    case 'ERR_MODULE_NOT_FOUND':
      return /planner|lmdb|msgpackr/.test(error.message)
        ? `a native part is not there for ${process.platform} on ${process.arch}; they come for Linux with glibc and for macOS, x86-64 and arm64: ${error.message.split('\n')[0]}`
        : null;
    default:
      return null;
  }
}
