/** The header of a log in the Standard Workload Format: comments `; Key: value`, some of which name numbers. */
export interface SwfHeader {
  /** Takes a comment line; one that is no `; Key: value` says nothing. */
  readonly add: (comment: string) => void;
  /** The first value of a key that is not empty; null where there is none. */
  readonly value: (key: string) => string | null;
  /** The name that lines such as `; Queue: 2 batch` give a number; null where none does. */
  readonly nameOf: (kind: string, number: number) => string | null;
}

/** Kinds of number that headers name, one a line: the format's own and those of archives' logs. */
const NAMED = new Set(['queue', 'partition', 'group', 'user', 'executable']);

export function createSwfHeader(): SwfHeader {
  const values = new Map<string, string>();
  const names = new Map<string, string>();
  return {
    add(comment) {
      const [, key = '', value = ''] = /^;+\s*([A-Za-z][\w ]*?)\s*:\s*(.*?)\s*$/.exec(comment) ?? [];
      const kind = key.toLowerCase();
      if (value === '') return;
      if (NAMED.has(kind)) {
        const [, number, name] = /^(\d+)[\s:=]+(\S.*)$/.exec(value) ?? [];
        if (number !== undefined && name !== undefined) names.set(`${kind} ${Number(number)}`, name);
      } else if (!values.has(kind)) values.set(kind, value);
    },
    value: (key) => values.get(key.toLowerCase()) ?? null,
    nameOf: (kind, number) => names.get(`${kind.toLowerCase()} ${number}`) ?? null,
  };
}
