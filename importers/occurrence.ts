import { hashText } from '../kit/ingest/canonical.ts';

/**
 * Numbers rows of one file that have one key and different contents: a publication does not restate itself, so they are
 * different facts. The first content of a key is 1, the next 2; a row that is wholly equal to an earlier one has its
 * number, and so is a repeat. Keys and contents must have their fields in one order. Holds about 100 bytes a key.
 */
export function createOccurrences(): (key: unknown, content: unknown) => number {
  const contents = new Map<string, string | string[]>();
  return (key, content) => {
    const name = hashText(JSON.stringify(key));
    const fingerprint = hashText(JSON.stringify(content));
    const earlier = contents.get(name);
    if (earlier === undefined) {
      contents.set(name, fingerprint);
      return 1;
    }
    const all = typeof earlier === 'string' ? [earlier] : earlier;
    const place = all.indexOf(fingerprint);
    if (place !== -1) return place + 1;
    contents.set(name, [...all, fingerprint]);
    return all.length + 1;
  };
}
