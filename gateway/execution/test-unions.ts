import { createRig } from './test-rig.ts';
import type { Rig, Row } from './test-rig.ts';

const rose: Row = { __typename: 'Rose', id: 'r1', label: 'Rose', thorns: 3, scent: 'sweet' };
const fern: Row = { __typename: 'Fern', id: 'f1', label: 'Fern', fronds: 8 };
const moss: Row = { __typename: 'Moss', id: 'm1', label: 'Moss', patches: 2 };
const own = (key: string) => (parent: Row): unknown => parent[key];
const plantFields = (...keys: string[]) => Object.fromEntries(['id', 'label', ...keys].map((key) => [key, (parent: Row) => [rose, fern, moss].find((plant) => plant['id'] === parent['id'])?.[key]]));

/** Unions whose members are not the same everywhere. */
export const createUnionsRig = (): Rig => createRig({
  subgraphs: {
    north: `union Plant = Rose | Fern
      type Rose @key(fields: "id") { id: ID! label: String! @shareable thorns: Int! }
      type Fern @key(fields: "id") { id: ID! label: String! @shareable fronds: Int! }
      type Query { plant: Plant @shareable northern: [Plant] bed: Bed @shareable }
      type Bed { first: Plant @shareable second: Plant }`,
    south: `union Plant = Rose | Moss
      type Rose @key(fields: "id") { id: ID! label: String! @shareable scent: String! }
      type Moss @key(fields: "id") { id: ID! label: String! @shareable patches: Int! }
      type Query { plant: Plant @shareable southern: Plant bed: Bed @shareable }
      type Bed { first: Plant @shareable third: Plant }`,
  },
  resolvers: {
    Query: { plant: () => rose, northern: () => [fern, rose, null], southern: () => moss, bed: () => ({ first: rose, second: fern, third: moss }) },
    Bed: { first: own('first'), second: own('second'), third: own('third') },
    Rose: plantFields('thorns', 'scent'), Fern: plantFields('fronds'), Moss: plantFields('patches'),
  },
});

/** Unions of value types in a shared type. */
export function createValueUnionsRig(): Rig {
  const pot: Row = { __typename: 'Pot', size: 3 };
  const tray: Row = { __typename: 'Tray', cells: 12, spare: pot };
  const crate: Row = { __typename: 'Crate', weight: 5 };
  return createRig({
    subgraphs: {
      shop: `type Query { order: Order shared: Order @shareable }
        type Order @key(fields: "id") { id: ID! parcel: Parcel @shareable }
        type Parcel @shareable { items: [[Item!]!]! main: Item }
        union Item = Pot | Tray
        type Pot @shareable { size: Int }
        type Tray { cells: Int spare: Pot }`,
      depot: `type Query { load: Order shared: Order @shareable }
        type Order @key(fields: "id") { id: ID! parcel: Parcel @shareable depotParcel: Parcel }
        type Parcel @shareable { items: [[Item!]!]! main: Item }
        union Item = Pot | Crate
        type Pot @shareable { size: Int }
        type Crate { weight: Int }`,
    },
    resolvers: {
      Query: { order: () => ({ id: 'o', items: [[pot, tray], []], main: tray }), load: () => ({ id: 'l', items: [[crate], [pot]], main: crate }), shared: () => ({ id: 's', items: [[pot]], main: pot }) },
      Order: { parcel: (order) => ({ items: order['items'], main: order['main'] }), depotParcel: () => ({ items: [[crate, pot]], main: pot }) },
    },
  });
}

/** An interface that types implement in one subgraph only. */
export function createLoneInterfaceRig(): Rig {
  const lamp: Row = { __typename: 'Lamp', id: 'l1', warranty: 2 };
  const desk: Row = { __typename: 'Desk', id: 'd1', warranty: 9 };
  return createRig({
    subgraphs: {
      store: `type Query { goods: [Good] things: [Thing] lamps: [Lamp] }
        union Good = Lamp | Desk
        interface Thing { id: ID! }
        interface Insured { warranty: Int }
        type Desk @key(fields: "id") { id: ID! }
        type Lamp implements Thing & Insured @key(fields: "id") { id: ID! warranty: Int }`,
      claims: `interface Thing { id: ID! }
        interface Insured { warranty: Int }
        type Desk implements Thing & Insured @key(fields: "id") { id: ID! warranty: Int }`,
    },
    resolvers: {
      Query: { goods: () => [desk, lamp], things: () => [lamp, lamp], lamps: () => [lamp] },
      Lamp: { warranty: () => 2 }, Desk: { warranty: () => 9 },
    },
  });
}
