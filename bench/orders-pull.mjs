// `cartona orders pull`, whole program: orders of three lines from the marketplace into Odoo, customers made or known,
// read back and acknowledged.
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { client, makeHome, mappedProducts, median, openMarketplace, openOdoo, runProgram } from './ground.mjs';

const LINES = 3;

/** An order as the marketplace keeps it. */
function makeOrder(tag, at, products, retailer) {
  const lines = Array.from({ length: LINES }, (_, line) => {
    const product = products[(at * LINES + line) % products.length];
    return {
      id: at * LINES + line + 1,
      supplier_product_id: line + 1,
      internal_product_id: product.cartonaId,
      base_product_id: line + 1,
      unit: 'piece',
      unit_count: 1,
      product_name: `منتج ${product.cartonaId}`,
      amount: 1 + ((at + line) % 5),
      selling_price: 10.25 + line,
      applied_supplier_discount: 0,
      applied_cartona_discount: 0,
      comment: null,
    };
  });
  return {
    hashed_id: `${tag}${at}`,
    supplier_code: '1',
    status: 'pending',
    edited_by_admin: false,
    delivery_day: '2026-12-01',
    delivered_by: 'delivered_by_supplier',
    pickup_date: null,
    pickup_otp: null,
    retailer_preferred_delivery_date: null,
    estimated_delivery_day: null,
    cancellation_reason: null,
    return_reason: null,
    total_price: lines.reduce((sum, line) => sum + Math.round(line.selling_price * 100) * line.amount, 0) / 100,
    applied_supplier_rebate: 0,
    cartona_credit: 0,
    installment_cost: 0,
    wallet_top_up: 0,
    distribution_route_code: 'R-1',
    receipt_id: null,
    created_at: new Date(Date.UTC(2026, 10, 1) + at * 60_000).toISOString(),
    note_message: 'اتصل قبل الوصول',
    order_details: lines,
    retailer: {
      retailer_name: `بقالة ${retailer}`,
      retailer_code: `${tag.slice(0, 8)}-${retailer}`,
      retailer_number: `010${String(10_000_000 + ((Number.parseInt(tag.slice(0, 8), 16) + retailer * 7919) % 89_999_999))}`,
      retailer_number2: null,
      retailer_address: 'شارع فيصل، الجيزة',
      address_notes: null,
    },
  };
}

/** Mapped products whose id no other product holds, archived ones included: orders of others are held. */
async function soundProducts(odoo, count) {
  const rows = await client(odoo).call(
    'product.product',
    'search_read',
    { domain: [['x_cartona_id', '!=', false]], fields: ['x_cartona_id'], context: { active_test: false } },
    z.array(z.object({ x_cartona_id: z.string() })),
  );
  const holders = new Map();
  for (const row of rows) holders.set(row.x_cartona_id, (holders.get(row.x_cartona_id) ?? 0) + 1);
  return (await mappedProducts(odoo)).filter((product) => holders.get(product.cartonaId) === 1).slice(0, count);
}

/**
 * The same orders by one bare `load`, for customers that are there: what Odoo itself needs, nothing read back. ms per
 * order.
 */
async function bareLoad(odoo, orders, products, partners, tag) {
  const fields = [
    'id',
    'partner_id/.id',
    'client_order_ref',
    'order_line/id',
    'order_line/product_id/.id',
    'order_line/product_uom_qty',
    'order_line/price_unit',
    odoo.major >= 19 ? 'order_line/tax_ids' : 'order_line/tax_id',
  ];
  const data = [];
  for (let at = 0; at < orders; at += 1) {
    for (let line = 0; line < LINES; line += 1) {
      const own =
        line === 0
          ? [`__cartona__.order_${tag}${at}`, String(partners[at % partners.length]), `${tag}${at}`]
          : ['', '', ''];
      data.push([
        ...own,
        `__cartona__.line_${tag}${at}__${line}`,
        String(products[(at * LINES + line) % products.length].id),
        '2',
        '10.25',
        '',
      ]);
    }
  }
  const started = performance.now();
  const answer = await client(odoo).call(
    'sale.order',
    'load',
    { fields, data, context: { mode: 'update', noupdate: true } },
    z.object({ ids: z.array(z.number()) }),
  );
  if (answer.ids.length !== orders) throw new Error(`load took ${answer.ids.length} of ${orders}`);
  return (performance.now() - started) / orders;
}

/** @param orders pulled in one run @param runs after a first one in which every retailer is a new customer */
export async function run({ orders = 200, runs = 3 } = {}) {
  const odoo = await openOdoo({ products: 1000 });
  const products = await soundProducts(odoo, 1000);
  const marketplace = await openMarketplace(products);
  const home = await makeHome(odoo, marketplace);
  // Of this benchmark run only: on a real server earlier ones have left their orders and customers.
  const tag = randomBytes(4).toString('hex');
  const pull = async (round) => {
    for (let at = 0; at < orders; at += 1)
      marketplace.state.orders.add(makeOrder(`${tag}r${round}n`, at, products, at), null);
    const program = await runProgram(['orders', 'pull', '--json'], home.env);
    const result = program.code === 0 ? JSON.parse(program.stdout) : undefined;
    if (result?.acknowledged !== orders)
      throw new Error(
        `the pull ended with ${program.code} and acknowledged ${result?.acknowledged} of ${orders}: ${program.stdout.slice(0, 600)} ${program.stderr}`,
      );
    return { perOrder: (program.seconds * 1000) / orders, peakMb: program.peakMb };
  };
  try {
    const first = await pull(0);
    const partners = await client(odoo).call(
      'res.partner',
      'search',
      { domain: [['ref', '=like', `${tag}%`]] },
      z.array(z.number()),
    );
    const bare = [];
    const later = [];
    for (let round = 1; round <= runs; round += 1) {
      bare.push(await bareLoad(odoo, orders, products, partners, `${tag}b${round}n`));
      later.push(await pull(round));
    }
    return {
      name: `orders pull, ${orders} orders of ${LINES} lines, ${odoo.name}, 20 ms marketplace`,
      rows: [
        ['one bare `load`, nothing read back, an order', `${median(bare).toFixed(1)} ms`],
        ['an order, every customer new', `${first.perOrder.toFixed(1)} ms`, odoo.real ? 'at most 20 ms' : 'reported'],
        [
          'an order, customers known (median)',
          `${median(later.map((one) => one.perOrder)).toFixed(1)} ms`,
          odoo.real ? 'at most 20 ms' : 'reported',
        ],
        [
          'ratio to the bare `load` (pairwise median)',
          `${median(later.map((one, at) => one.perOrder / bare[at])).toFixed(2)} ×`,
          'reported',
        ],
        ['peak memory', `${Math.max(first.peakMb, ...later.map((one) => one.peakMb)).toFixed(0)} MB`, 'reported'],
      ],
    };
  } finally {
    await home.remove();
    await marketplace.close();
    await odoo.close();
  }
}

if (import.meta.filename === process.argv[1])
  console.log(await run({ orders: Number(process.argv[2] ?? 200), runs: Number(process.argv[3] ?? 3) }));
