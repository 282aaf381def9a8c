import fc from 'fast-check';
import { parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { toScale } from '../../kit/test-scale.ts';
import { createAccountsRig } from './test-accounts.ts';
import { createClinicRig } from './test-clinic.ts';
import { createLibraryRig } from './test-library.ts';
import { createMediaRig } from './test-media.ts';
import { createOperations } from './test-operations.ts';
import { throughText } from './test-rig.ts';

describe('random operations', () => {
  it.each([
    ['most of what federation can do', createLibraryRig, 2_500],
    ['the same through text', () => createLibraryRig(throughText), 1_000],
    ['interfaces and unions', createMediaRig, 1_000],
    ['required fields', createClinicRig, 1_500],
    ['an interface object', createAccountsRig, 1_500],
  ])('over %s are answered as a monolith answers them: data, order, places of errors', async (_what, create, whole) => {
    const rig = create();
    await fc.assert(
      fc.asyncProperty(createOperations(rig.supergraph.apiSchema), async ({ query, variables }) => {
        fc.pre(validate(rig.monolith, parse(query)).length === 0);
        const { ours, theirs } = await rig.compare(query, variables);
        expect(ours).toBe(theirs);
      }),
      { numRuns: toScale(whole), seed: 7, maxSkipsPerRun: 100 },
    );
  });
});
