/** Longest beginnings of JSON's tokens, from RFC 8259; each matches at `lastIndex`, perhaps nothing. */
const SPACE = /[ \t\n\r]*/y;
const TEXT = /"(?:[ !#-[\]-\uffff]+|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;

/** What may come next. */
type State = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'comma or end';

/**
 * Finds where a text stops being JSON: the index of the first character that cannot stand there, or the text's length
 * where it only breaks off. Null for a text that is JSON. JSON.parse itself tells the place of some faults only.
 */
export function findJsonFault(text: string): number | null {
  const open: ('[' | '{')[] = [];
  let at = 0;
  let state: State = 'value';
  const match = (pattern: RegExp): number => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0].length ?? 0;
  };
  for (;;) {
    at += match(SPACE);
    const next = text[at];
    if (next === undefined) return open.length === 0 && state === 'comma or end' ? null : at;
    if (state === 'comma or end') {
      const inside = open.at(-1);
      if (next === ',' && inside !== undefined) state = inside === '{' ? 'key' : 'value';
      else if (inside !== undefined && next === (inside === '{' ? '}' : ']')) open.pop();
      else return at;
      at++;
    } else if (state === 'colon') {
      if (next !== ':') return at;
      at++;
      state = 'value';
    } else if (next === (state === 'key or end' ? '}' : ']') && state.endsWith('or end')) {
      open.pop();
      at++;
      state = 'comma or end';
    } else if (next === '"') {
      at += match(TEXT);
      if (text[at] !== '"') return at;
      at++;
      state = state.startsWith('key') ? 'colon' : 'comma or end';
    } else if (state.startsWith('key')) {
      return at;
    } else if (next === '[' || next === '{') {
      open.push(next);
      at++;
      state = next === '[' ? 'value or end' : 'key or end';
    } else {
      const length = match(NUMBER) || match(WORD);
      if (length === 0) return at;
      at += length;
      state = 'comma or end';
    }
  }
}
