import fc from 'fast-check';
import { parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { toScale } from '../../kit/test-scale.ts';
import { createBareInterfaceObjectRig } from './test-interface-objects.ts';
import { createListKeysRig, createLostEntityRig, createPartialKeysRig, createWayAboveRig } from './test-keys.ts';
import { createNullsRig } from './test-nulls.ts';
import { createOperations } from './test-operations.ts';
import type { OperationOptions } from './test-operations.ts';
import { createOrdersRig } from './test-orders.ts';
import { createOverrideRig, createRequiredOverrideRig } from './test-overrides.ts';
import { createPagesRig } from './test-pages.ts';
import { createSmallProvidesRig } from './test-provides.ts';
import { createRequiredArgumentsRig, createRequiredChainRig, createRequiredInterfacesRig } from './test-requires.ts';
import type { Rig } from './test-rig.ts';
import { createSeveralKeysRig, createSharedFieldsRig } from './test-sharing.ts';
import { createLoneInterfaceRig, createUnionsRig, createValueUnionsRig } from './test-unions.ts';

const without = (...fields: string[]): OperationOptions => ({ isLeftOut: (type, field) => fields.includes(`${type}.${field}`) });

describe('random operations over supergraphs that are hard in one way each', () => {
  it.each<[string, () => Rig, number, OperationOptions?]>([
    ['nulls and failures in chains of fields that may not be null', createNullsRig, 1_000],
    // What it requires cannot be planned below its own fields, which is a limit of the planner: interface-objects.test.ts.
    ['an interface object with a compound key', createPagesRig, 500, without('Page.banner', 'Article.banner', 'Gallery.banner')],
    ['enums and input objects that differ', createOrdersRig, 1_000],
    ['mutations in order', createOrdersRig, 1_000, { kind: 'mutation' }],
    ['keys of lists with nested keys', createListKeysRig, 500],
    ['keys of which some are taken', createPartialKeysRig, 500],
    ['several keys with nulls', createSeveralKeysRig, 1_000],
    ['ways that begin above', createWayAboveRig, 500],
    // What leads to its id is what does not know it.
    ['an entity that one subgraph does not know', createLostEntityRig, 300, without('Book.id')],
    ['moved fields', createOverrideRig, 500],
    ['moved fields that others require', createRequiredOverrideRig, 500],
    ['provided fields', createSmallProvidesRig, 500],
    ['fields required with several arguments', createRequiredArgumentsRig, 1_000],
    // One fails by intent where it is asked at all.
    ['fields that require what requires', createRequiredChainRig, 500, without('Post.never')],
    ['fields required through interfaces', createRequiredInterfacesRig, 1_000],
    // One subgraph gives a value that clients may not see, and says so.
    ['shared values', createSharedFieldsRig, 1_000, without('Item.kind')],
    ['unions that differ', createUnionsRig, 1_000],
    ['unions of values', createValueUnionsRig, 1_000],
    ['an interface of one subgraph', createLoneInterfaceRig, 500],
    ['an interface object that adds nothing', createBareInterfaceObjectRig, 500],
  ])('%s: data, order and places of errors are those of one schema', async (_what, create, whole, options = {}) => {
    const rig = create();
    await fc.assert(
      fc.asyncProperty(createOperations(rig.supergraph.apiSchema, { ...options, isThorough: true }), async ({ query, variables }) => {
        fc.pre(validate(rig.monolith, parse(query)).length === 0);
        const { ours, theirs } = await rig.compare(query, variables);
        expect(ours).toBe(theirs);
      }),
      { numRuns: toScale(whole), seed: 23, maxSkipsPerRun: 100 },
    );
  }, 300_000);
});
