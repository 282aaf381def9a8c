import { isPersonalField } from '../../kit/ingest/personal.ts';

/** Objects whose values are of a machine's environment. */
const ENVIRONMENT = /^env(?:iron(?:ment)?(?:variables)?)?$/i;
const MAIL = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g;
const CREDENTIALS = /(\w+:\/\/)[^\s/@:]+(?::[^\s/@]*)?@/g;

/**
 * A copy of a JSON value in which whatever says who someone is, or a secret, is another: what stands under a name that is declared,
 * in an environment, as a mail address or as a URL's credentials. What real events say there are words such as `root` and `spark`,
 * which stand elsewhere too; `make` gives values that stand nowhere else.
 */
export function withOtherPeople(value: unknown, make: () => string): unknown {
  if (typeof value === 'string') return value.replace(CREDENTIALS, (_, scheme: string) => `${scheme}${make()}:${make()}@`).replace(MAIL, () => `${make()}@corp.example`);
  if (Array.isArray(value)) return value.map((item) => withOtherPeople(item, make));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      if (ENVIRONMENT.test(name.replaceAll('_', '')) && typeof item === 'object' && item !== null) return [name, valuesReplaced(item, make)];
      if (isPersonalField(name) && typeof item === 'string' && item !== '') return [name, make()];
      return [name, withOtherPeople(item, make)];
    }),
  );
}

function valuesReplaced(environment: object, make: () => string): unknown {
  if (Array.isArray(environment)) return environment.map((each: unknown) => (typeof each === 'object' && each !== null ? { ...each, value: make() } : make()));
  return Object.fromEntries(Object.keys(environment).map((name) => [name, make()]));
}
