import { z } from 'zod';
import { CANCELLATION_REASONS } from '../cartona/schemas.js';

/** Where the Cartona id of a product lives in Odoo. On the template it is unambiguous only while the template has one variant. */
export const idFieldSchema = z.object({
  model: z.enum(['product.product', 'product.template']),
  name: z.string().min(1),
});
export type IdField = z.output<typeof idFieldSchema>;

/**
 * One supplier account and one Odoo, as `cartona login` found them and the person set them. No secret is in here.
 * Every setting that a person may change has its default here and its line in the README.
 */
export const profileSchema = z.object({
  cartona: z.object({
    url: z.string(),
    dialect: z.enum(['base-product', 'supplier-product']),
    /** Which of Cartona's ids is the one kept in Odoo. */
    identifyBy: z.enum(['internal_product_id', 'supplier_product_id']).default('internal_product_id'),
    /** How stock is sent; `auto` uses the base-unit path only where it is certain to mean the same. */
    stockPath: z.enum(['auto', 'bulk-update', 'bulk-update-stock']).default('auto'),
    /** Batches under way at once. */
    inFlight: z.number().int().min(1).max(32).default(8),
  }),
  odoo: z.object({
    url: z.string(),
    db: z.string(),
    login: z.string(),
    uid: z.number().int(),
    version: z.object({ major: z.number().int(), text: z.string() }),
    protocol: z.enum(['xml-rpc', 'json-rpc', 'json-2']),
    company: z.object({ id: z.number().int(), name: z.string() }),
    idField: idFieldSchema.nullable(),
  }),
  stock: z
    .object({
      measure: z.enum(['on_hand', 'free', 'forecast']).default('free'),
      /** Ids of warehouses whose stock counts; empty: all of the company. */
      warehouses: z.array(z.number().int()).default([]),
      /** Ids of single locations (with what is below them), instead of warehouses. */
      locations: z.array(z.number().int()).default([]),
    })
    .prefault({}),
  orders: z
    .object({
      /** Taxes on imported lines: none (total equals Cartona's), included (unit price computed back) or added on top. */
      taxes: z.enum(['none', 'included', 'added']).default('none'),
      /** Tell Cartona `assigned_to_salesman` when a delivery is under way. */
      pushAssigned: z.boolean().default(false),
      /** The reason given when an order is cancelled in Odoo. */
      cancellationReason: z.enum(CANCELLATION_REASONS).default('cannot_deliver_the_order'),
    })
    .prefault({}),
  brake: z
    .object({
      /** A price that changes by more than this many per cent waits for a yes. */
      priceChangePercent: z.number().positive().default(50),
      /** Falls to zero stock wait for a yes when they are more than this share (per cent) of the mapped catalogue. */
      zeroStockSharePercent: z.number().positive().max(100).default(20),
    })
    .prefault({}),
});
export type Profile = z.output<typeof profileSchema>;

export interface Secrets {
  readonly cartonaToken: string;
  readonly odooKey: string;
}
