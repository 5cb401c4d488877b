/**
 * What differs between Odoo's versions, in one place. Sources: measurements on 16.0, 18.0 and 19.0 servers.
 * A name that changes in a coming version is changed here and nowhere else.
 */
export interface VersionNames {
  /** A sale order line's taxes. */
  readonly lineTaxes: 'tax_id' | 'tax_ids';
  /** A sale order line's unit. */
  readonly lineUnit: 'product_uom' | 'product_uom_id';
  /** A user's groups. */
  readonly userGroups: 'groups_id' | 'group_ids';
  /** The domain term of storable products. */
  readonly storable: readonly [string, string, string | boolean];
  /** The done quantity of a stock move. */
  readonly moveDone: 'quantity_done' | 'quantity';
  /** Writing to a template moves its variants' `write_date` too. */
  readonly templateDatesVariants: boolean;
  /** `done` is a state of its own (16); later versions lock an order that stays `sale`. */
  readonly doneIsState: boolean;
}

/** The names of a major version; an unknown newer one is taken to be like the newest known. */
export function namesOf(major: number): VersionNames {
  return {
    lineTaxes: major >= 19 ? 'tax_ids' : 'tax_id',
    lineUnit: major >= 19 ? 'product_uom_id' : 'product_uom',
    userGroups: major >= 19 ? 'group_ids' : 'groups_id',
    storable: major >= 18 ? ['is_storable', '=', true] : ['detailed_type', '=', 'product'],
    moveDone: major >= 17 ? 'quantity' : 'quantity_done',
    templateDatesVariants: major >= 18,
    doneIsState: major <= 16,
  };
}
