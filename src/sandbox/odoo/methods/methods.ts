import { READING } from './methods-read.js';
import { WRITING } from './methods-write.js';
import type { Method } from '../orm/types.js';

/** The methods that every model has, in this version. */
export function commonMethods(version: number): ReadonlyMap<string, Method> {
  const present = [...READING, ...WRITING].filter(
    (method) => version >= (method.since ?? 0) && version < (method.until ?? Infinity),
  );
  return new Map(present.map((method) => [method.label.replace('BaseModel.', ''), method]));
}
