import { describe, expect, it } from 'vitest';
import { namespaceOfTeam, originOf, parsePartitionId, partitionId, toId, typeOfId } from './id.ts';

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

describe('origin', () => {
  it('is simulated for the studio namespace and team names under it only', () => {
    expect(originOf('simulated')).toBe('SIMULATED');
    expect(originOf('simulated-by-others')).toBe('RECORDED');
    expect(namespaceOfTeam('simulated/drama')).toBe('simulated');
    expect(namespaceOfTeam('drama')).toBe('default');
  });
});
