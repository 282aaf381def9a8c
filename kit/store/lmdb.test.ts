import { describe } from 'vitest';
import { describeStore } from './contract.ts';
import { createStores } from './test-stores.ts';

describe('the store on LMDB', () => {
  describeStore(createStores('LMDB', null));
});
