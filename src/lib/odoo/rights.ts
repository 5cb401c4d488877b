import { z } from 'zod';
import { isCartonaError } from '../common/errors.js';
import type { OdooClient } from './client.js';
import type { ProductField } from './id-field.js';

/** One thing the integration user must be able to do. */
export interface Right {
  readonly what: string;
  readonly granted: boolean;
  /** What an administrator gives or installs where it is not granted. */
  readonly grant: string;
}

type Operation = 'read' | 'write' | 'create';

interface Need {
  readonly what: string;
  readonly model: string;
  readonly operation: Operation;
  readonly grant: string;
  readonly app: string;
}

/** Measured on 16, 18 and 19: these groups together can do the whole job without Administration. */
function needs(major: number, idField: ProductField | undefined): Need[] {
  const products = major >= 17 ? 'Extra Rights: Product Creation' : 'Sales: Administrator';
  return [
    { what: 'read products', model: 'product.product', operation: 'read', grant: 'Sales: Administrator', app: 'Sales' },
    {
      what: 'read stock',
      model: 'stock.quant',
      operation: 'read',
      grant: 'Inventory: Administrator',
      app: 'Inventory',
    },
    {
      what: 'write the Cartona id on products',
      model: idField?.model ?? 'product.product',
      operation: 'write',
      grant: products,
      app: 'Sales',
    },
    {
      what: 'create customers',
      model: 'res.partner',
      operation: 'create',
      grant: 'Extra Rights: Contact Creation',
      app: 'Contacts',
    },
    {
      what: 'create sale orders',
      model: 'sale.order',
      operation: 'create',
      grant: 'Sales: Administrator',
      app: 'Sales',
    },
    {
      what: 'confirm and cancel sale orders',
      model: 'sale.order',
      operation: 'write',
      grant: 'Sales: Administrator',
      app: 'Sales',
    },
    {
      what: 'validate deliveries',
      model: 'stock.picking',
      operation: 'write',
      grant: 'Inventory: Administrator',
      app: 'Inventory',
    },
  ];
}

/** Asks Odoo what the user may do, as its access rules say; nothing is tried out. */
export async function checkRights(odoo: OdooClient, idField: ProductField | undefined, uid: number): Promise<Right[]> {
  const rights: Right[] = odoo.major <= LAST_THAT_NEEDS_EMAIL ? [await notesRight(odoo, uid)] : [];
  for (const { what, model, operation, grant, app } of needs(odoo.major, idField)) {
    const allowed = await allows(odoo, model, operation);
    rights.push({
      what,
      granted: allowed === true,
      grant: allowed === 'no model' ? `install the app ${app}` : `grant "${grant}"`,
    });
  }
  return rights;
}

/**
 * Up to 18 a user without an e-mail address cannot leave a note, and Odoo leaves notes of its own: a back order, or
 * another quantity on a confirmed line, is refused with them.
 */
const LAST_THAT_NEEDS_EMAIL = 18;

async function notesRight(odoo: OdooClient, uid: number): Promise<Right> {
  const [user] = await odoo.call('res.users', 'read', { ids: [uid], fields: ['email'] }, userEmails);
  return {
    what: 'leave notes, which deliveries with back orders and changes of confirmed orders need',
    granted: typeof user?.email === 'string' && user.email.trim() !== '',
    grant: 'give this user an e-mail address in Odoo',
  };
}

const userEmails = z.array(z.object({ email: z.union([z.string(), z.literal(false)]) }));

async function allows(odoo: OdooClient, model: string, operation: Operation): Promise<boolean | 'no model'> {
  try {
    return odoo.major >= 18
      ? await odoo.call(model, 'has_access', { ids: [], operation }, z.boolean())
      : await odoo.call(model, 'check_access_rights', { operation, raise_exception: false }, z.boolean());
  } catch (error) {
    if (isCartonaError(error, 'refused') && /does(n't| not) exist/i.test(error.message)) return 'no model';
    if (isCartonaError(error, 'credentials')) return false;
    throw error;
  }
}
