import type { OdooVersion } from './values.js';

/** What this version calls things that other versions call otherwise. */
export interface Names {
  readonly lineTaxes: 'tax_id' | 'tax_ids';
  readonly lineUnit: 'product_uom' | 'product_uom_id';
  readonly userGroups: 'groups_id' | 'group_ids';
  /** What is reserved for a stock move; from 17 on this is also what will be moved. */
  readonly moveReserved: 'reserved_availability' | 'quantity';
  readonly moveDone: 'quantity_done' | 'quantity';
  readonly moveLineReserved: 'reserved_uom_qty' | 'quantity';
  /** The context key that limits quantities to a warehouse; the other one is ignored. */
  readonly warehouseKey: 'warehouse' | 'warehouse_id';
}

const OLD: Names = {
  lineTaxes: 'tax_id',
  lineUnit: 'product_uom',
  userGroups: 'groups_id',
  moveReserved: 'reserved_availability',
  moveDone: 'quantity_done',
  moveLineReserved: 'reserved_uom_qty',
  warehouseKey: 'warehouse',
};
const MIDDLE: Names = {
  ...OLD,
  moveReserved: 'quantity',
  moveDone: 'quantity',
  moveLineReserved: 'quantity',
  warehouseKey: 'warehouse_id',
};
const NEW: Names = { ...MIDDLE, lineTaxes: 'tax_ids', lineUnit: 'product_uom_id', userGroups: 'group_ids' };

export function namesOf(version: OdooVersion): Names {
  return version >= 19 ? NEW : version >= 18 ? MIDDLE : OLD;
}
