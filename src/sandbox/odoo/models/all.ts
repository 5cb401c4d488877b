import type { Model } from '../orm/types.js';
import type { OdooVersion } from '../orm/values.js';
import { automationModels } from './automation.js';
import { baseModels } from './base.js';
import { metaModels } from './meta.js';
import { moveModels } from './stock/moves.js';
import { orderLineModel } from './sales/order-lines.js';
import { orderModel } from './sales/orders.js';
import { partnerModel } from './partner.js';
import { pickingModel } from './stock/pickings.js';
import { productExtraModels } from './products/product-extras.js';
import { productModels } from './products/product.js';
import { quantModel } from './stock/quant-model.js';
import { placeModels } from './stock/stock-places.js';
import { taxModel } from './products/tax.js';

/** Every model that the sandbox knows, as this version has it; automation rules where their app is installed. */
export function allModels(version: OdooVersion, automation: boolean): Model[] {
  return [
    ...baseModels(version),
    ...metaModels(),
    ...(automation ? automationModels(version) : []),
    partnerModel(version),
    taxModel(version),
    ...productExtraModels(version),
    ...productModels(version),
    ...placeModels(),
    quantModel(),
    ...moveModels(version),
    pickingModel(version),
    orderModel(version),
    orderLineModel(version),
  ];
}
