import { Decimal } from 'decimal.js';
import type { MarketplaceProduct } from '../../supplier/supplier-types.js';
import type { ItemOutcome } from '../routes/answers.js';
import { stockItemSchema, updateItemSchema, type StockItem, type UpdateItem } from './catalogue-schemas.js';
import { parseStrictly, Refusal, refusalText } from '../refusal.js';

export interface ProductQuery {
  search_token?: string | undefined;
  base_product_id?: string | undefined;
  supplier_product_id?: string | undefined;
  internal_product_id?: string | undefined;
}

/** How a batch is taken: see `Behaviour`. `rejected` holds ids whose items an injected fault refuses. */
export interface BatchRules {
  atomicBatches: boolean;
  requireBaseProductIdForStock: boolean;
  rejected?: ReadonlySet<string> | undefined;
}

/** As a person at the marketplace's panel works: what is good is applied. */
const LENIENT: BatchRules = { atomicBatches: false, requireBaseProductIdForStock: false };

/**
 * The products that the marketplace holds for this supplier. Every look-up is by index: a batch costs the same at
 * 100,000 products.
 */
export class Catalogue {
  readonly #products: MarketplaceProduct[];
  readonly #byId = new Map<string, MarketplaceProduct>();
  readonly #byInternalId = new Map<string, MarketplaceProduct>();
  readonly #byBase = new Map<string, MarketplaceProduct[]>();

  /** Takes its own copy of the products. */
  constructor(products: readonly MarketplaceProduct[]) {
    this.#products = products.map((product) => ({ ...product }));
    for (const product of this.#products) {
      this.#byId.set(String(product.supplierProductId), product);
      if (product.internalProductId !== null) this.#byInternalId.set(product.internalProductId, product);
      const siblings = this.#byBase.get(String(product.baseProductId));
      if (siblings) siblings.push(product);
      else this.#byBase.set(String(product.baseProductId), [product]);
    }
  }

  /** Every product, in the listing's order. */
  all(): readonly MarketplaceProduct[] {
    return this.#products;
  }

  bySupplierProductId(id: string | number): MarketplaceProduct | undefined {
    return this.#byId.get(String(id));
  }

  byInternalProductId(id: string): MarketplaceProduct | undefined {
    return this.#byInternalId.get(id);
  }

  /** All products under one base product, in whatever unit. */
  siblings(baseProductId: string | number): readonly MarketplaceProduct[] {
    return this.#byBase.get(String(baseProductId)) ?? [];
  }

  /** The products that fit every filter of the query, in the listing's order. */
  find(query: ProductQuery): readonly MarketplaceProduct[] {
    const {
      supplier_product_id: id,
      internal_product_id: internalId,
      base_product_id: base,
      search_token: token,
    } = query;
    if (id === undefined && internalId === undefined && base === undefined && !token) return this.#products;
    const wanted = token?.toLowerCase() ?? '';
    return this.#candidates(query).filter(
      (product) =>
        (internalId === undefined || product.internalProductId === internalId) &&
        (base === undefined || String(product.baseProductId) === base) &&
        (product.name.toLowerCase().includes(wanted) || product.internalProductId?.toLowerCase() === wanted),
    );
  }

  /** `bulk-update`: prices, stock, publication and links, product by product. */
  update(items: readonly unknown[], rules: BatchRules = LENIENT): ItemOutcome[] {
    const claimed = new Set<string>();
    return applyBatch(items, rules, (input) => {
      const item = parseStrictly(updateItemSchema, input);
      const product = this.#identify(item);
      refuseInjected(rules, product);
      const link = item.supplier_product_id === undefined ? undefined : item.internal_product_id;
      if (link !== undefined && link !== product.internalProductId) {
        if (this.#byInternalId.has(link) || claimed.has(link))
          throw new Refusal(`internal_product_id ${link} is already held by another product`);
        claimed.add(link);
      }
      return () => {
        if (link !== undefined) this.#link(product, link);
        change(product, item);
      };
    });
  }

  /** `bulk-update-stock`: every product under the base product gets the whole units that the quantity makes. */
  updateStock(items: readonly unknown[], rules: BatchRules): ItemOutcome[] {
    return applyBatch(items, rules, (input) => {
      const item = parseStrictly(stockItemSchema, input);
      const products = this.#identifyBase(item, rules.requireBaseProductIdForStock);
      for (const product of products) refuseInjected(rules, product);
      return () => {
        for (const product of products)
          setStock(product, Math.floor(item.available_stock_quantity / product.unitCount));
      };
    });
  }

  /**
   * Takes goods off what is on sale, or puts them back with a negative amount. Never below zero: an order is sold from
   * what there is.
   */
  take(supplierProductId: number, amount: number): void {
    const product = this.bySupplierProductId(supplierProductId);
    if (product && !product.unlimitedStock) setStock(product, Math.max(product.stock - amount, 0));
  }

  #candidates({
    supplier_product_id: id,
    internal_product_id: internalId,
    base_product_id: base,
  }: ProductQuery): readonly MarketplaceProduct[] {
    if (id === undefined && internalId === undefined) return base === undefined ? this.#products : this.siblings(base);
    const product = id === undefined ? this.byInternalProductId(internalId ?? '') : this.bySupplierProductId(id);
    return product === undefined ? [] : [product];
  }

  #identify(item: UpdateItem): MarketplaceProduct {
    if (item.supplier_product_id !== undefined) {
      return known(
        this.bySupplierProductId(item.supplier_product_id),
        `supplier_product_id ${item.supplier_product_id}`,
      );
    }
    if (item.internal_product_id !== undefined) {
      return known(
        this.byInternalProductId(item.internal_product_id),
        `internal_product_id ${item.internal_product_id}`,
      );
    }
    const { base_product_id: base, unit, unit_count: count } = item;
    if (base === undefined || unit === undefined || count === undefined) {
      throw new Refusal(
        'an item needs supplier_product_id, internal_product_id, or base_product_id with unit and unit_count',
      );
    }
    const found = this.siblings(base).find((product) => product.unit === unit && product.unitCount === count);
    return known(found, `base_product_id ${base} in ${unit} of ${count}`);
  }

  #identifyBase(item: StockItem, baseRequired: boolean): readonly MarketplaceProduct[] {
    const { base_product_id: base, internal_product_id: internalId } = item;
    if (base === undefined && (baseRequired || internalId === undefined))
      throw new Refusal('base_product_id is required');
    const named =
      internalId === undefined
        ? undefined
        : known(this.byInternalProductId(internalId), `internal_product_id ${internalId}`);
    const products = this.siblings(base ?? named?.baseProductId ?? '');
    if (products.length === 0) throw new Refusal(`no product has base_product_id ${base ?? ''}`);
    if (named && !products.includes(named))
      throw new Refusal(`internal_product_id ${internalId ?? ''} does not stand under base_product_id ${base ?? ''}`);
    return products;
  }

  #link(product: MarketplaceProduct, internalId: string): void {
    if (product.internalProductId !== null) this.#byInternalId.delete(product.internalProductId);
    product.internalProductId = internalId;
    this.#byInternalId.set(internalId, product);
  }
}

/** Judges every item before any is applied, so that an atomic batch can be dropped whole. */
function applyBatch(items: readonly unknown[], rules: BatchRules, plan: (item: unknown) => () => void): ItemOutcome[] {
  const changes: (() => void)[] = [];
  const outcomes = items.map((item, index): ItemOutcome => {
    const ids = idsOf(item);
    try {
      changes.push(plan(item));
      return { index, ids, error: null };
    } catch (error) {
      return { index, ids, error: refusalText(error) };
    }
  });
  if (!rules.atomicBatches || changes.length === items.length) for (const apply of changes) apply();
  return outcomes;
}

const ID_FIELDS = ['supplier_product_id', 'internal_product_id', 'base_product_id'] as const;

/** The ids by which an item named itself, as it wrote them, whatever else is wrong with it. */
function idsOf(item: unknown): Record<string, unknown> {
  const ids: Record<string, unknown> = {};
  if (typeof item !== 'object' || item === null) return ids;
  const fields: Partial<Record<string, unknown>> = item;
  for (const name of ID_FIELDS) if (fields[name] !== undefined) ids[name] = fields[name];
  return ids;
}

function known(product: MarketplaceProduct | undefined, wanted: string): MarketplaceProduct {
  if (product === undefined) throw new Refusal(`no product has ${wanted}`);
  return product;
}

function refuseInjected(rules: BatchRules, product: MarketplaceProduct): void {
  const { rejected } = rules;
  if (rejected === undefined) return;
  if (
    rejected.has(String(product.supplierProductId)) ||
    (product.internalProductId !== null && rejected.has(product.internalProductId))
  ) {
    throw new Refusal(`product ${product.internalProductId ?? product.supplierProductId} is locked by a review`);
  }
}

function setStock(product: MarketplaceProduct, quantity: number): void {
  product.stock = quantity;
  product.inStock = quantity > 0;
}

function change(product: MarketplaceProduct, item: UpdateItem): void {
  if (item.available_stock_quantity !== undefined) setStock(product, item.available_stock_quantity);
  if (item.in_stock !== undefined) product.inStock = item.in_stock;
  if (item.is_unlimited_stock !== undefined) product.unlimitedStock = item.is_unlimited_stock;
  if (item.selling_price !== undefined) product.sellingPrice = new Decimal(item.selling_price).toFixed();
  if (item.is_published !== undefined) product.isPublished = item.is_published;
  if (item.min_order !== undefined) product.minOrder = item.min_order;
  if (item.max_order !== undefined) product.maxOrder = item.max_order;
  if (item.remind_me_at_stock !== undefined) product.remindMeAtStock = item.remind_me_at_stock;
  if (item.notes !== undefined) product.notes = item.notes;
}
