import { describeStore } from './contract.ts';
import { describe } from 'vitest';
import { createStores, findTestMongodb } from './test-stores.ts';

const { uri, reason } = await findTestMongodb();
describe.skipIf(uri === null)(`the store on MongoDB${reason === null ? '' : ` (${reason})`}`, () => {
  describeStore(createStores('MongoDB', uri));
});
