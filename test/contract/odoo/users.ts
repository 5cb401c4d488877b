import { z } from 'zod';
import { unique } from './goods.js';
import type { Credentials, Odoo } from './subjects.js';

/** The id of a group by its external id, as an administrator finds it. */
export async function groupId(odoo: Odoo, externalId: string): Promise<number> {
  const [module = '', xml_id = ''] = externalId.split('.');
  return z
    .tuple([z.string(), z.number()])
    .parse(await odoo.call('ir.model.data', 'check_object_reference', { module, xml_id }, 'admin'))[1];
}

/** A user with these groups, made by an administrator. */
export async function makeUser(odoo: Odoo, groups: readonly string[]): Promise<Credentials> {
  const login = unique(odoo);
  const group = odoo.major >= 19 ? 'group_ids' : 'groups_id';
  const memberships = await Promise.all(groups.map((externalId) => groupId(odoo, externalId)));
  await odoo.create('res.users', { name: login, login, password: `${login}-Secret1`, [group]: [[6, 0, memberships]] }, 'admin', {
    no_reset_password: true,
  });
  return { login, secret: `${login}-Secret1` };
}
