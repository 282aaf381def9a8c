import { describe, expect, it } from 'vitest';
import { replacePersonal, replacePersonalText } from './personal.ts';
import { createPseudonym } from './pseudonym.ts';

const pseudonym = createPseudonym('a key for tests');

describe('replacePersonal', () => {
  it('replaces declared people by pseudonyms and removes secrets, and keeps the rest and its order', () => {
    const event = {
      job: { name: 'load', owner: 'ann@example.org' },
      IPAddress: '192.0.2.1',
      Password: 'hunter2',
      rows: 3,
      list: [{ userName: 'ann' }],
    };
    const stored = replacePersonal(event, pseudonym);
    expect(Object.keys(stored)).toEqual(Object.keys(event));
    expect(stored).toEqual({
      job: { name: 'load', owner: `person:${pseudonym('ann@example.org')}` },
      IPAddress: '[removed]',
      Password: '[removed]',
      rows: 3,
      list: [{ userName: `person:${pseudonym('ann')}` }],
    });
  });

  it('knows people and secrets by the form of a name, and leaves what only looks alike', () => {
    const people = ['EMAIL', 'contact_email', 'recipientEmailAddress', 'Recipient Last Name', 'givenName', 'user-name', 'respondentId'];
    const secrets = ['clientIp', 'ipv4Address', 'Location Longitude', 'db_password', 'clientSecret', 'AWS_SECRET_KEY', 'sasToken', 'mobile-phone', 'postcode', 'dateOfBirth'];
    const things = ['name', 'location', 'displayName', 'microphone', 'tokens', 'tokenCount', 'script', 'owner', 'emailsSent', 'zip', 'address', 'address_country', 'street', 'flat'];
    for (const name of people) expect([name, replacePersonal({ [name]: 'Ann' }, pseudonym)]).toEqual([name, { [name]: `person:${pseudonym('Ann')}` }]);
    for (const name of secrets) expect([name, replacePersonal({ [name]: 'x' }, pseudonym)]).toEqual([name, { [name]: '[removed]' }]);
    for (const name of things) expect([name, replacePersonal({ [name]: 'x' }, pseudonym)]).toEqual([name, { [name]: 'x' }]);
    expect(replacePersonal({ email: ['ann', { user: 'bob' }] }, pseudonym)).toEqual({
      email: [`person:${pseudonym('ann')}`, { user: `person:${pseudonym('bob')}` }],
    });
  });

  it('removes credentials from URLs and values of environment variables', () => {
    expect(replacePersonalText('postgres://bob:secret@db:5432/x', pseudonym)).toBe('postgres://[removed]@db:5432/x');
    expect(replacePersonal({ environmentVariables: [{ name: 'HOME', value: '/root' }] }, pseudonym)).toEqual({
      environmentVariables: [{ name: 'HOME', value: '[removed]' }],
    });
    expect(replacePersonal({ env: { TOKEN: 'x' } }, pseudonym)).toEqual({ env: { TOKEN: '[removed]' } });
  });

  it('takes a number for a name where the field says so, and for a count elsewhere', () => {
    const pseudonym = (identifier: string): string => `<${identifier}>`;
    expect(replacePersonal({ userId: 4711, user: 3, ip: 2130706433 }, pseudonym)).toEqual({ userId: 'person:<4711>', user: 3, ip: '[removed]' });
  });

  it('replaces mail addresses that fields are named by, also in an environment, and changes nothing the second time', () => {
    const kept = replacePersonal({ votes: { 'ann@example.org': 1, other: 2 }, env: { 'ann@example.org': 'x' } }, (text) => `<${text}>`);
    expect(kept).toEqual({ votes: { 'person:<ann@example.org>': 1, other: 2 }, env: { 'person:<ann@example.org>': '[removed]' } });
    const once = replacePersonal({ votes: { 'ann@example.org': 1 }, env: [{ name: 'ann@example.org', value: 1 }] }, pseudonym);
    expect(JSON.stringify(once)).not.toContain('ann');
    expect(replacePersonal(once, pseudonym)).toEqual(once);
  });

  it('changes nothing the second time', () => {
    const once = replacePersonal({ user: 'ann', mail: 'ann@example.org', text: 'ask ann@example.org' }, pseudonym);
    expect(replacePersonal(once, pseudonym)).toEqual(once);
  });

  it('replaces each of a list of people or secrets, and changes nothing the second time', () => {
    const kept = replacePersonal({ user: ['ann', { mail: 'bob' }, 7], token: ['hush', 12], list: ['ann'] }, (text) => `<${text}>`);
    expect(kept).toEqual({ user: ['person:<ann>', { mail: 'person:<bob>' }, 7], token: ['[removed]', '[removed]'], list: ['ann'] });
    expect(replacePersonal(kept, (text) => `<${text}>`)).toEqual(kept);
  });

  it('keeps a field called __proto__ as data', () => {
    const stored = replacePersonal(JSON.parse('{"__proto__": {"a": 1}}') as object, pseudonym);
    expect(JSON.stringify(stored)).toBe('{"__proto__":{"a":1}}');
  });

  it('refuses nesting that no honest event has', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 10_000; level += 1) deep = [deep];
    expect(() => replacePersonal(deep, pseudonym)).toThrow(RangeError);
  });
});

describe('createPseudonym', () => {
  it('gives one person one pseudonym, and another under another key', () => {
    expect(pseudonym(' Ann@Example.org')).toBe(pseudonym('ann@example.org'));
    expect(createPseudonym('another key')('ann')).not.toBe(pseudonym('ann'));
  });
});
