import { Decimal } from 'decimal.js';
import type { Random } from '../random.js';
import { FLAVOUR, PRODUCT_LINES, REAL_PRODUCTS, SCENT, SCENTED_CATEGORIES, SERVICES } from './seed-names.js';
import type { MarketplaceProduct, SupplierProduct, SupplierStock } from './supplier-types.js';

/**
 * A carton in the catalogue follows the piece it holds, so that both can stand on one base product of the marketplace.
 */
const CARTON_UNITS = 12;

interface Goods {
  name: string;
  nameAr?: string;
  category: string;
  price: Decimal;
}

/**
 * The supplier's variants, `count` of them. Rare kinds fall on fixed places, so that every catalogue of some size has
 * them.
 */
export function makeProducts(random: Random, count: number): SupplierProduct[] {
  const products: SupplierProduct[] = [];
  for (let template = 1; products.length < count; template += 1) {
    for (const product of makeTemplate(random, template, products)) {
      if (products.length < count) products.push(product);
    }
  }
  return products;
}

function makeTemplate(random: Random, template: number, before: readonly SupplierProduct[]): SupplierProduct[] {
  const piece = before.at(-1);
  const first = before.length + 1;
  if (template % 53 === 19) return [service(random, template, first)];
  if (template % 24 === 7) return variants(random, template, first);
  if (template % 16 === 10 && piece && piece.cartonaId !== null && piece.attributeValue === undefined)
    return [carton(random, template, first, piece)];
  return [storable(random, template, first, goods(random, template))];
}

function goods(random: Random, template: number): Goods {
  const real = REAL_PRODUCTS[template - 1];
  if (real) {
    return {
      name: real.name,
      ...(real.nameAr === undefined ? {} : { nameAr: real.nameAr }),
      category: real.category,
      price: priced(random, real.price),
    };
  }
  const line = PRODUCT_LINES[template % PRODUCT_LINES.length] ?? random.pick(PRODUCT_LINES);
  const combination = Math.floor(template / PRODUCT_LINES.length);
  const size = combination % line.sizes.length;
  const round = Math.floor(combination / line.sizes.length);
  const brand = line.brands[round % line.brands.length] ?? random.pick(line.brands);
  // Beyond the last combination of brand and size a large catalogue names its further lots by number.
  const lot = Math.floor(round / line.brands.length);
  const lotText = lot === 0 ? '' : ` #${lot + 1}`;
  const sized = line.sizes[size] ?? random.pick(line.sizes);
  const nameAr = `${brand.ar} ${line.name.ar} - ${sized.ar}${lotText}`;
  const price = priced(random, line.price * (1 + size * 0.9));
  if (template % 3 === 0) return { name: nameAr, category: line.category, price };
  return { name: `${brand.en} ${line.name.en} - ${sized.en}${lotText}`, nameAr, category: line.category, price };
}

/** A price near the usual one, in quarters of a pound. */
function priced(random: Random, usual: number): Decimal {
  return Decimal.max(new Decimal(usual).times(random.int(85, 120)).div(100).times(4).round().div(4), '0.25');
}

function storable(random: Random, template: number, ref: number, what: Goods): SupplierProduct {
  const active = ref % 29 !== 13;
  const saleOk = ref % 41 !== 17;
  const onMarketplace = (saleOk && ref % 9 !== 4 && active) || ref % 58 === 13;
  return {
    templateRef: template,
    variantRef: ref,
    name: what.name,
    ...(what.nameAr === undefined ? {} : { nameAr: what.nameAr }),
    defaultCode: `SKU-${String(10_000 + ref)}`,
    barcode: ref % 7 === 3 ? null : ean13(ref),
    categoryName: what.category,
    listPrice: what.price.toFixed(2),
    priceExtra: '0.00',
    active,
    saleOk,
    type: 'storable',
    salesTaxPercent: ref % 3 === 0 ? 0 : 14,
    priceIncluded: ref % 3 === 1,
    stock: stockOf(random, ref),
    cartonaId: onMarketplace ? `CRT-${String(100_000 + ref)}` : null,
  };
}

function service(random: Random, template: number, ref: number): SupplierProduct {
  const name = random.pick(SERVICES);
  return {
    ...storable(random, template, ref, {
      name: name.en,
      nameAr: name.ar,
      category: 'All',
      price: new Decimal(random.int(3, 12) * 10),
    }),
    barcode: null,
    active: true,
    type: 'service',
    stock: [],
    cartonaId: null,
  };
}

function variants(random: Random, template: number, firstRef: number): SupplierProduct[] {
  const what = goods(random, template);
  const attribute = SCENTED_CATEGORIES.has(what.category) ? SCENT : FLAVOUR;
  const values = attribute.values.slice(0, random.int(2, attribute.values.length));
  return values.map((attributeValue, index) => {
    const product = storable(random, template, firstRef + index, what);
    return {
      ...product,
      // One template has one tax and one unit of sale, whatever its variants' numbers are.
      saleOk: true,
      salesTaxPercent: 14,
      priceIncluded: false,
      listPrice: what.price.toFixed(2),
      priceExtra: new Decimal(index).times('1.25').toFixed(2),
      attributeName: attribute.name,
      attributeValue,
    };
  });
}

function carton(random: Random, template: number, ref: number, piece: SupplierProduct): SupplierProduct {
  const price = new Decimal(piece.listPrice)
    .times(CARTON_UNITS)
    .times('0.97')
    .toDecimalPlaces(2, Decimal.ROUND_HALF_UP);
  const product = storable(random, template, ref, {
    name: `${piece.name} (كرتونة ${CARTON_UNITS})`,
    category: piece.categoryName,
    price,
  });
  return {
    ...product,
    active: true,
    saleOk: true,
    salesTaxPercent: piece.salesTaxPercent,
    priceIncluded: piece.priceIncluded,
    cartonaId: `CRT-${String(100_000 + ref)}`,
  };
}

function stockOf(random: Random, ref: number): SupplierStock[] {
  if (ref % 13 === 5) return [];
  const first = random.int(0, 480);
  const rows: SupplierStock[] = [
    {
      warehouse: 'WH1',
      quantity: String(first),
      reserved: String(ref % 4 === 1 ? random.int(0, Math.min(first, 60)) : 0),
    },
  ];
  if (ref % 37 === 11) return [{ warehouse: 'WH1', quantity: String(-random.int(1, 24)), reserved: '0' }];
  if (ref % 31 === 9)
    return [
      { warehouse: 'WH1', quantity: `${first}.5`, reserved: '0' },
      { warehouse: 'WH2', quantity: '7.25', reserved: '0' },
    ];
  if (ref % 3 === 0) rows.push({ warehouse: 'WH2', quantity: String(random.int(0, 240)), reserved: '0' });
  return rows;
}

/** A valid EAN-13 with Egypt's prefix. */
function ean13(ref: number): string {
  const body = `622${String(ref).padStart(9, '0')}`;
  const sum = [...body].reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 3), 0);
  return `${body}${(10 - (sum % 10)) % 10}`;
}

/**
 * What the marketplace holds for these products: one product for each linked one, plus some that nobody has linked yet.
 * A good part differs from Odoo in price or stock; a carton stands on the base product of its piece.
 */
export function makeMarketplaceProducts(random: Random, products: readonly SupplierProduct[]): MarketplaceProduct[] {
  const listed: MarketplaceProduct[] = [];
  let basePrevious = 20_000;
  for (const product of products) {
    const holdsPieces = product.name.endsWith(`(كرتونة ${CARTON_UNITS})`);
    if (!holdsPieces) basePrevious += 1;
    // Not linked, yet on sale there: somebody has still to find out that these are the same goods.
    const unlinkedTwin =
      product.cartonaId === null &&
      product.type === 'storable' &&
      product.active &&
      product.saleOk &&
      product.variantRef % 2 === 0;
    if (product.cartonaId === null && !unlinkedTwin) continue;
    const entry = listing(random, product, basePrevious, 500_000 + listed.length + 1);
    if (holdsPieces) Object.assign(entry, { unit: 'box', unitCount: CARTON_UNITS });
    listed.push(entry);
    if (product.variantRef % 45 === 8) listed.push(unlinkedPallet(entry, 500_000 + listed.length + 1));
  }
  return listed;
}

function listing(
  random: Random,
  product: SupplierProduct,
  baseProductId: number,
  supplierProductId: number,
): MarketplaceProduct {
  const price = new Decimal(product.listPrice).plus(product.priceExtra);
  const sellingPrice = random.chance(0.45)
    ? price
    : Decimal.max(price.times(random.int(88, 112)).div(100).toDecimalPlaces(2, Decimal.ROUND_HALF_UP), '0.25');
  const free = product.stock.reduce((sum, row) => sum.plus(row.quantity).minus(row.reserved), new Decimal(0));
  const stock = random.chance(0.4) ? Decimal.max(free.floor(), 0).toNumber() : random.int(0, 500);
  const shrink = product.variantRef % 17;
  const pack =
    shrink === 4
      ? { unit: 'box', unitCount: 12 }
      : shrink === 12
        ? { unit: 'shrink', unitCount: 6 }
        : { unit: 'piece', unitCount: 1 };
  return {
    supplierProductId,
    internalProductId: product.cartonaId,
    baseProductId,
    ...pack,
    name: [product.nameAr ?? product.name, product.attributeValue].filter((part) => part !== undefined).join(' '),
    sellingPrice: sellingPrice.toFixed(2),
    medianPrice: price.times('1.03').toFixed(2),
    taxPercentage: product.salesTaxPercent,
    stock,
    unlimitedStock: product.variantRef % 97 === 50,
    inStock: stock > 0,
    isPublished: product.variantRef % 33 !== 21,
    isBundle: false,
    minOrder: 1,
    maxOrder: product.variantRef % 5 === 0 ? 50 : null,
    remindMeAtStock: product.variantRef % 6 === 0 ? 10 : null,
    soldAmount: random.int(0, 900),
    notes: null,
    variantRef: product.variantRef,
  };
}

/** The same goods by the pallet, which the supplier's Odoo does not know. */
function unlinkedPallet(of: MarketplaceProduct, supplierProductId: number): MarketplaceProduct {
  const unitCount = of.unitCount * 60;
  const sellingPrice = new Decimal(of.sellingPrice).times(60).toFixed(2);
  return {
    ...of,
    supplierProductId,
    internalProductId: null,
    unit: 'pallet',
    unitCount,
    sellingPrice,
    medianPrice: sellingPrice,
    stock: Math.floor(of.stock / 60),
    inStock: of.stock >= 60,
    maxOrder: null,
    variantRef: null,
  };
}
