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

/** Hours east of UTC of the zones that logs name; ambiguous ones are left out. */
const ZONES: Readonly<Record<string, number>> = {
  UTC: 0, GMT: 0, WET: 0, WEST: 1, BST: 1, CET: 1, MET: 1, CEST: 2, MEST: 2, EET: 2, EEST: 3, MSK: 3, JST: 9,
  EST: -5, EDT: -4, CST: -6, CDT: -5, MST: -7, MDT: -6, PST: -8, PDT: -7,
};

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/**
 * When a log begins, in milliseconds: `UnixStartTime`, or else `StartTime` as `Fri Oct  1 00:00:03 PDT 1993`, in its own
 * zone or that of `TimeZone` (seconds east of UTC). Null where neither says a moment; archives write 0 for unknown.
 */
export function startOf(header: SwfHeader): number | null {
  const unix = Number.parseFloat(header.value('UnixStartTime') ?? '');
  if (unix > 0) return Math.round(unix * 1_000);
  const [, month = '', day, hours, minutes, seconds, zone = '', year] =
    /^(?:[a-z]{3},?\s+)?([a-z]{3})[a-z]*\s+(\d{1,2}),?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s+(?:([a-z]{3,4})\s+)?(\d{4})/i.exec(header.value('StartTime') ?? '') ?? [];
  const place = MONTHS.indexOf(month.toLowerCase());
  if (place === -1) return null;
  const offset = Number.parseFloat(header.value('TimeZone') ?? '');
  const eastSeconds = ZONES[zone.toUpperCase()] === undefined ? offset : (ZONES[zone.toUpperCase()] ?? 0) * 3_600;
  const local = Date.UTC(Number(year), place, Number(day), Number(hours), Number(minutes), Number(seconds ?? 0));
  return Number.isFinite(eastSeconds) ? local - eastSeconds * 1_000 : null;
}
