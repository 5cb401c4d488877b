import { z } from 'zod';
import { isAddressOrNetwork } from './address.js';
import { CANCELLATION_REASONS } from '../cartona/schemas.js';

/**
 * Where the Cartona id of a product lives in Odoo. On the template it is unambiguous only while the template has one
 * variant.
 */
export const idFieldSchema = z.object({
  model: z.enum(['product.product', 'product.template']),
  name: z.string().min(1),
});
export type IdField = z.output<typeof idFieldSchema>;

/**
 * One supplier account and one Odoo, as `cartona login` found them and the person set them. No secret is in here.
 * Every setting that a person may change has its default here and its line in docs/settings.md.
 */
export const profileSchema = z.object({
  /**
   * The addresses under which the durable rows of this profile stand, where they are not its own: the same account and
   * the same database have moved to other addresses since.
   */
  recordedAs: z.object({ cartonaUrl: z.string(), odooUrl: z.string(), odooDb: z.string() }).optional(),
  cartona: z.object({
    url: z.string(),
    dialect: z.enum(['base-product', 'supplier-product']),
    /** Which of Cartona's ids is the one kept in Odoo. */
    identifyBy: z.enum(['internal_product_id', 'supplier_product_id']).default('internal_product_id'),
    /** How stock is sent; `auto` uses the base-unit path only where it is certain to mean the same. */
    stockPath: z.enum(['auto', 'bulk-update', 'bulk-update-stock']).default('auto'),
    /** Requests to Cartona under way at once. */
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
    /**
     * Where Odoo was told to send hints of changes (`cartona odoo setup --push`). The secret lets nobody do more than
     * give a hint.
     */
    push: z.object({ url: z.string(), secret: z.string() }).optional(),
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
      /**
       * Taxes on imported lines: none (total equals Cartona's), included (unit price computed back) or added on top.
       */
      taxes: z.enum(['none', 'included', 'added']).default('none'),
      /** Which state on one side follows from which on the other. */
      states: z
        .object({
          /**
           * What Cartona is told of an order that stands so in Odoo; `nothing`: what it was told of the stage before.
           */
          toCartona: z
            .object({
              quotation: z.enum(['pending', 'approved', 'nothing']).default('pending'),
              confirmed: z.enum(['approved', 'assigned_to_salesman', 'nothing']).default('approved'),
              /** Some of its deliveries are done. */
              underWay: z.enum(['assigned_to_salesman', 'nothing']).default('nothing'),
              delivered: z.enum(['delivered', 'assigned_to_salesman', 'nothing']).default('delivered'),
              cancelled: z.enum(['cancelled_by_supplier', 'nothing']).default('cancelled_by_supplier'),
            })
            .prefault({}),
          /** What is done in Odoo with an order that stands so at Cartona; `person`: it waits for somebody to do it. */
          toOdoo: z
            .object({
              approved: z.enum(['confirmed', 'person', 'nothing']).default('confirmed'),
              assigned: z.enum(['confirmed', 'person', 'nothing']).default('confirmed'),
              delivered: z.enum(['delivered', 'confirmed', 'person', 'nothing']).default('delivered'),
              cancelled: z.enum(['cancelled', 'person', 'nothing']).default('cancelled'),
              returned: z.enum(['person', 'nothing']).default('person'),
            })
            .prefault({}),
        })
        .prefault({}),
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
  catalog: z
    .object({
      /** What becomes of a product at Cartona that is archived or no longer for sale in Odoo. */
      withdrawn: z.enum(['zero_stock', 'unpublish']).default('zero_stock'),
    })
    .prefault({}),
  serve: z
    .object({
      /** Where the service listens for webhooks, hints and questions about its health. */
      host: z.string().min(1).default('127.0.0.1'),
      port: z.number().int().min(0).max(65_535).default(8474),
      /** Where `/metrics` is asked for, on this machine alone. */
      metricsPort: z.number().int().min(0).max(65_535).default(8475),
      /** Between two looks at what changed in Odoo: while things change, and when nothing does. */
      pollMs: z.number().int().min(10).max(60_000).default(500),
      idlePollMs: z.number().int().min(10).max(600_000).default(1500),
      /** In which the whole catalogue is compared once. */
      sweepMinutes: z.number().positive().max(1440).default(10),
      /** Between two readings of Cartona's list of orders. */
      pullMinutes: z.number().positive().max(1440).default(5),
      /** How long a value that fails is tried again before it is given up. */
      retryHours: z.number().positive().max(720).default(24),
      /** How long work under way may take after the service was asked to stop. */
      drainSeconds: z.number().positive().max(600).default(20),
    })
    .prefault({}),
  webhooks: z
    .object({
      /** How far a signed webhook's timestamp may be from now. */
      toleranceSeconds: z.number().int().min(1).max(3600).default(300),
      maxBodyKb: z.number().int().min(1).max(100_000).default(1024),
      headersTimeoutSeconds: z.number().positive().max(300).default(5),
      requestTimeoutSeconds: z.number().positive().max(300).default(10),
      /** Requests a second from one address before it is asked to slow down; 0: no limit. */
      requestsPerSecond: z.number().min(0).default(100),
      /** Connections that may be open at once. */
      connections: z.number().int().min(1).max(100_000).default(500),
      /** Addresses of proxies, which may hold more connections than one sender. */
      proxies: z
        .array(z.string().refine(isAddressOrNetwork, 'each must be an IP address, or a network as 10.0.0.0/8'))
        .default([]),
    })
    .prefault({}),
  alerts: z
    .object({
      /** A command that is told of a lasting trouble and of its end; empty: none. */
      command: z.string().default(''),
      /** An address that is told the same by POST; empty: none. */
      webhook: z.string().default(''),
      /** How long a trouble lasts before somebody is told. */
      afterMinutes: z.number().min(0).max(1440).default(5),
    })
    .prefault({}),
  audit: z
    .object({
      /** Entries of the audit trail that are older are forgotten. */
      keepDays: z.number().positive().max(3650).default(90),
    })
    .prefault({}),
});
export type Profile = z.output<typeof profileSchema>;

const HIDDEN = '(hidden)';

/**
 * A profile as it may be shown: without the secret in the address that Odoo sends hints to, and without where alerts go,
 * for addresses of chat services and commands that call them hold tokens.
 */
export function shownProfile(profile: Profile): Profile {
  const { odoo, alerts } = profile;
  const hidden = (text: string): string => (text === '' ? '' : HIDDEN);
  return {
    ...profile,
    odoo: odoo.push === undefined ? odoo : { ...odoo, push: { ...odoo.push, secret: HIDDEN } },
    alerts: { ...alerts, command: hidden(alerts.command), webhook: hidden(alerts.webhook) },
  };
}
export type StatesToCartona = Profile['orders']['states']['toCartona'];
export type StatesToOdoo = Profile['orders']['states']['toOdoo'];

/** The addresses under which a profile's durable rows stand. */
export const stateKey = (profile: Profile): NonNullable<Profile['recordedAs']> =>
  profile.recordedAs ?? { cartonaUrl: profile.cartona.url, odooUrl: profile.odoo.url, odooDb: profile.odoo.db };

export interface Secrets {
  readonly cartonaToken: string;
  readonly odooKey: string;
}
