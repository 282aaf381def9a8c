import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NAME_BYTES, nameOfId, namespaceOfTeam, originOf, parsePartitionId, partitionId, toId, toNameId, typeOfId } from './id.ts';

describe('ids', () => {
  it('are the same on every machine', () => {
    expect(toId('Job', 'food_delivery', 'etl_menus')).toBe('Job:nxO0FvgwlqEWMq49pZ2fIz');
  });

  it('tell null from the empty text and one split of a key from another', () => {
    expect(toId('Show', 'a', null)).not.toBe(toId('Show', 'a', ''));
    expect(toId('Job', 'a', 'bc')).not.toBe(toId('Job', 'ab', 'c'));
  });

  it('name their type', () => {
    expect(typeOfId(toId('JobRun', 'x'))).toBe('JobRun');
    expect(typeOfId('nonsense')).toBeNull();
    expect(typeOfId('__proto__:x')).toBeNull();
  });

  it('of partitions can be read back', () => {
    const partition = { datasetId: toId('Dataset', 'n', 'd'), fromOn: '2024-11-11', toOn: '2024-11-18' };
    expect(parsePartitionId(partitionId(partition))).toEqual(partition);
    expect(parsePartitionId('DatasetPartition:e30')).toBeNull();
    expect(parsePartitionId('Job:x')).toBeNull();
  });
});

describe('ids that carry a name', () => {
  it('give back the name that made them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }), (name) => {
        fc.pre(Buffer.byteLength(name) <= NAME_BYTES);
        expect(nameOfId('Team', toNameId('Team', name))).toBe(name);
      }),
    );
  });

  it('carry none past the bound', () => {
    const id = toNameId('Team', 'a'.repeat(NAME_BYTES + 1));
    expect(id).toMatch(/^Team:[\w-]{21}$/);
    expect(nameOfId('Team', id)).toBeNull();
  });

  it('of another type, broken or empty carry none', () => {
    expect(nameOfId('Team', toNameId('User', 'a'))).toBeNull();
    expect(nameOfId('Team', 'Team:')).toBeNull();
    expect(nameOfId('Team', 'Team:_w')).toBeNull();
    expect(nameOfId('Team', 'Team:YQ==')).toBeNull();
  });
});

describe('origin', () => {
  it('is simulated for the studio namespace and team names under it only', () => {
    expect(originOf('simulated')).toBe('SIMULATED');
    expect(originOf('simulated-by-others')).toBe('RECORDED');
    expect(namespaceOfTeam('simulated/drama')).toBe('simulated');
    expect(namespaceOfTeam('drama')).toBe('default');
  });
});
