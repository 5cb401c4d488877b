import type { Profile } from '../../settings/profile.js';

const PROTOCOL_NAMES: Readonly<Record<Profile['odoo']['protocol'], string>> = {
  'xml-rpc': 'XML-RPC',
  'json-rpc': 'JSON-RPC',
  'json-2': 'JSON-2',
};

/** Cartona's side of a profile, for a person. */
export const cartonaLine = ({ cartona }: Profile): string =>
  `Cartona     ${cartona.url}, dialect ${cartona.dialect}, products identified by ${cartona.identifyBy}`;

/** Odoo's side of a profile, for a person. */
export const odooLine = ({ odoo }: Profile): string =>
  `Odoo        ${odoo.version.text} at ${odoo.url}, database ${odoo.db}, as ${odoo.login}, company ${odoo.company.name}, over ${PROTOCOL_NAMES[odoo.protocol]}`;

export const idFieldLine = ({ odoo }: Profile): string =>
  `Cartona id  ${odoo.idField ? `${odoo.idField.model}.${odoo.idField.name}` : 'no field for it in Odoo yet: an administrator makes it once with `cartona odoo setup`'}`;

/** What the Odoo user lacks, one line each with what to grant; nothing when nothing is lacking. */
export const missingRights = (
  rights: readonly { what: string; granted: boolean; grant: string }[],
  login: string,
): string[] =>
  rights
    .filter((right) => !right.granted)
    .map((right) => `The Odoo user "${login}" may not ${right.what}: ${right.grant}.`);
