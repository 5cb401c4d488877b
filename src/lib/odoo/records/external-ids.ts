/** A namespace that no Odoo module can own, in the manner of Odoo's own `__import__`. */
export const NAMESPACE = '__cartona__';

/**
 * Outside ids as parts of Odoo's external ids: letters and digits stay, any other UTF-16 unit becomes `_` and four hex
 * digits. So `_` is always followed by a hex digit, `__` can part two ids, and different ids never meet.
 */
export const encodeId = (id: string): string =>
  id.replace(/[^A-Za-z0-9]/g, (unit) => `_${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** `hashed_id` is unique over all of Cartona: two supplier accounts may share an Odoo. */
export const orderExternalId = (hashedId: string): string => `${NAMESPACE}.order_${encodeId(hashedId)}`;

/** A line's id may be unique only within its order. */
export const lineExternalId = (hashedId: string, lineId: string): string =>
  `${NAMESPACE}.line_${encodeId(hashedId)}__${encodeId(lineId)}`;

/**
 * A retailer's code is Cartona's, not the supplier's: two accounts (or companies) that share an Odoo share the
 * customer.
 */
export const retailerExternalId = (code: string): string => `${NAMESPACE}.retailer_${encodeId(code)}`;

/** A retailer without a code, by normalised phone. The other prefix keeps phones and codes apart. */
export const retailerPhoneExternalId = (phone: string): string => `${NAMESPACE}.retailerphone_${encodeId(phone)}`;
