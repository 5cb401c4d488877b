import type { Model } from '../types.js';
import type { OdooVersion } from '../values.js';
import { automationModels } from './automation.js';
import { baseModels } from './base.js';
import { metaModels } from './meta.js';
import { moveModels } from './moves.js';
import { orderLineModel } from './order-lines.js';
import { orderModel } from './orders.js';
import { partnerModel } from './partner.js';
import { pickingModel } from './pickings.js';
import { productExtraModels } from './product-extras.js';
import { productModels } from './product.js';
import { quantModel } from './quant-model.js';
import { placeModels } from './stock-places.js';
import { taxModel } from './tax.js';

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
