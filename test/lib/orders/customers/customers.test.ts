import { describe, expect, it } from 'vitest';
import { pullOrders } from '../../../../src/lib/orders/inbox/pull.js';
import { freshPhone, loaded, openWorld, TARGETS, targetName, type World } from '../../../fixtures/orders-world.js';

const retailer = (fields: Record<string, unknown>): Record<string, unknown> => ({
  retailer: {
    retailer_name: 'بقالة النور',
    retailer_code: null,
    retailer_number: null,
    retailer_number2: null,
    retailer_address: null,
    address_notes: null,
    ...fields,
  },
});

const contact = async (world: World, fields: Record<string, string>): Promise<number> =>
  (await loaded(world.admin, 'res.partner', Object.keys(fields), [Object.values(fields)]))[0] ?? 0;
const customer = async (world: World, hashedId: string): Promise<number> => (await world.sale(hashedId)).partner_id;

describe.each(TARGETS.map((target) => [targetName(target), target] as const))('customers in %s', (_name, target) => {
  it('two shops of one name with different codes are two, and stay the same two', async () => {
    const world = await openWorld(target);
    await world.products(['P1']);
    const [one, two] = [
      retailer({ retailer_code: world.id('A'), retailer_number: freshPhone() }),
      retailer({ retailer_code: world.id('B'), retailer_number: freshPhone() }),
    ];
    const orders = [world.place([{}], one), world.place([{}], two), world.place([{}], one)];
    await pullOrders(world.session);
    const [first, second, third] = await Promise.all(orders.map((id) => customer(world, id)));
    expect(second).not.toBe(first);
    expect(third).toBe(first);
    const later = world.place([{}], two);
    await pullOrders(world.machine());
    expect(await customer(world, later)).toBe(second);
  });

  it('two codes with one phone, new together or one after the other, are two', async () => {
    const world = await openWorld(target);
    await world.products(['P1']);
    const phone = freshPhone();
    const a = world.place([{}], retailer({ retailer_code: world.id('A'), retailer_number: phone }));
    const b = world.place([{}], retailer({ retailer_code: world.id('B'), retailer_number: phone }));
    await pullOrders(world.session);
    const c = world.place([{}], retailer({ retailer_code: world.id('C'), retailer_number: phone }));
    await pullOrders(world.session);
    expect(new Set(await Promise.all([a, b, c].map((id) => customer(world, id)))).size).toBe(3);
  });

  it('a contact that was there is found by its reference, else by its phone, however that is written', async () => {
    const world = await openWorld(target);
    await world.products(['P1']);
    const phone = freshPhone();
    const arabicPhone = freshPhone();
    const arabic = [...arabicPhone].map((digit) => String.fromCharCode(0x0660 + Number(digit))).join('');
    const byRef = await contact(world, { name: 'A', ref: world.id('A') });
    const byPhone = await contact(world, {
      name: 'B',
      phone: `+20 ${phone.slice(1, 3)} ${phone.slice(3, 7)}-${phone.slice(7)}`,
    });
    const byArabic = await contact(world, { name: 'C', phone: arabic });
    const orders = [
      world.place([{}], retailer({ retailer_code: world.id('A'), retailer_number: freshPhone() })),
      world.place([{}], retailer({ retailer_code: world.id('X'), retailer_number: phone })),
      world.place([{}], retailer({ retailer_number: `0020${arabicPhone.slice(1)}` })),
    ];
    await pullOrders(world.session);
    expect(await Promise.all(orders.map((id) => customer(world, id)))).toEqual([byRef, byPhone, byArabic]);
  });

  it('a shop that is told with its code once and without it later is one customer', async () => {
    const world = await openWorld(target);
    await world.products(['P1']);
    const phone = freshPhone();
    const withCode = world.place([{}], retailer({ retailer_code: world.id('A'), retailer_number: phone }));
    const without = world.place([{}], retailer({ retailer_number: `+20${phone.slice(1)}` }));
    await pullOrders(world.session);
    expect(await customer(world, without)).toBe(await customer(world, withCode));
  });

  it('a contact of the same name is not taken', async () => {
    const world = await openWorld(target);
    await world.products(['P1']);
    const name = `بقالة ${world.tag}`;
    const namesake = await contact(world, { name });
    const id = world.place(
      [{}],
      retailer({ retailer_name: name, retailer_code: world.id('A'), retailer_number: freshPhone() }),
    );
    await pullOrders(world.session);
    expect(await customer(world, id)).not.toBe(namesake);
  });

  it('several contacts with one phone: nobody is guessed, and the order waits until one is told apart', async () => {
    const world = await openWorld(target);
    await world.products(['P1']);
    const phone = freshPhone();
    const [one, two] = [await contact(world, { name: 'A', phone }), await contact(world, { name: 'B', phone })];
    const id = world.place([{}], retailer({ retailer_code: world.id('A'), retailer_number: phone }));
    const { held } = await pullOrders(world.session);
    expect(held[0]?.reason).toMatch(new RegExp(`\\(id ${one}\\).*\\(id ${two}\\)`));
    await world.write('res.partner', two, { ref: world.id('A') });
    await pullOrders(world.session);
    expect(await customer(world, id)).toBe(two);
  });

  it('with neither a code nor a phone the order is held', async () => {
    const world = await openWorld(target);
    await world.products(['P1']);
    const id = world.place([{}], retailer({ retailer_number: '-' }));
    expect((await pullOrders(world.session)).held[0]?.reason).toContain('neither a code nor a phone');
    expect(await world.sales(id)).toEqual([]);
  });

  it('a customer who was deleted in Odoo is found or made again', async () => {
    const world = await openWorld(target);
    await world.products(['P1']);
    const phone = freshPhone();
    const gone = await contact(world, { name: 'A', phone });
    await world.session.store.retailers.put([{ key: `code:${world.id('A')}`, partnerId: gone }]);
    await world.call('res.partner', 'unlink', { ids: [gone] });
    const id = world.place([{}], retailer({ retailer_code: world.id('A'), retailer_number: phone }));
    await pullOrders(world.session);
    expect(await world.partner(await customer(world, id))).toMatchObject({ ref: world.id('A') });
  });
});
