import { createRig } from './test-rig.ts';
import type { Rig } from './test-rig.ts';

/** Fields that need fields of other subgraphs: with arguments, in objects and lists, and one within another. */
export const createClinicRig = (): Rig => createRig({
  subgraphs: {
    clinic: `type Query { pet: Pet pets: [Pet!]! }
      type Pet @key(fields: "id") { id: ID! weight: Int @external age(in: Unit): Int @external tags: [Tag!] @external friend: Pet
        checkup: Checkup @requires(fields: "weight age(in: YEARS)") label: String @requires(fields: "tags { name kind { code } }") }
      enum Unit { YEARS MONTHS }
      type Tag @external { name: String kind: Kind }
      type Kind @external { code: Int }
      type Checkup @key(fields: "id") { id: ID! fee: Int @external grade: Int @requires(fields: "fee") pet: Pet }`,
    records: `enum Unit { YEARS MONTHS }
      type Pet @key(fields: "id") { id: ID! weight: Int tags: [Tag!] owner: Owner }
      type Tag { name: String kind: Kind }
      type Kind { code: Int }
      type Owner @key(fields: "id") { id: ID! pets: [Pet!] }
      type Checkup @key(fields: "id") { id: ID! fee: Int }`,
    ages: `enum Unit { YEARS MONTHS }
      type Pet @key(fields: "id") { id: ID! age(in: Unit): Int }
      type Owner @key(fields: "id") { id: ID! discount: Int @requires(fields: "pets { id }") pets: [Pet!] @external }`,
  },
  resolvers: {
    Query: { pet: () => ({ id: '1' }), pets: () => [{ id: '1' }, { id: '2' }, { id: '3' }] },
    Pet: {
      weight: (pet) => (pet['id'] === '3' ? null : Number(pet['id']) * 10), age: (pet, { in: unit }) => Number(pet['id']) * (unit === 'MONTHS' ? 12 : 1),
      tags: (pet) => (pet['id'] === '2' ? null : [{ name: 'a', kind: { code: 1 } }, { name: `b${String(pet['id'])}`, kind: null }]),
      friend: (pet) => (pet['id'] === '3' ? null : { id: String(Number(pet['id']) + 1) }), owner: () => ({ id: 'o' }),
      checkup: (pet) => ({ id: `${pet['id'] === '3' ? 'null' : String(Number(pet['id']) * 10)}-${String(pet['id'])}` }),
      label: (pet) => (pet['id'] === '2' ? 'none' : `a1,b${String(pet['id'])}`),
    },
    Checkup: { fee: (checkup) => String(checkup['id']).length, grade: (checkup) => String(checkup['id']).length * 2, pet: () => ({ id: '2' }) },
    Owner: { pets: () => [{ id: '1' }, { id: '2' }], discount: () => 2 },
  },
  only: {
    clinic: {
      Pet: {
        checkup: (pet) => ({ id: `${String(pet['weight'])}-${String(pet['age'])}` }),
        label: (pet) => (pet['tags'] as { name: string; kind: { code: number } | null }[] | null)?.map(({ name, kind }) => `${name}${kind?.code ?? ''}`).join(',') ?? 'none',
      },
      Checkup: { grade: (checkup) => Number(checkup['fee']) * 2 },
    },
    ages: { Owner: { discount: (owner) => (owner['pets'] as readonly unknown[]).length } },
  },
});
