import { z } from 'zod';
import type { Store } from './store.js';

/** What is done again and again, by the service or by commands, and recorded when it succeeded. */
export const SERVICE_TASKS = ['tail', 'sweep', 'price', 'stock', 'orders_pull', 'order_state'] as const;
export type ServiceTask = (typeof SERVICE_TASKS)[number];

/** UTC ms. */
export const successSchema = z.object({ at: z.number() });

/** Under which name the runtime state holds the last success of a task. */
export const successName = (task: ServiceTask): string => `success.${task}`;

export const recordSuccess = ({ store }: { readonly store: Store }, task: ServiceTask, at: number): Promise<void> =>
  store.runtimeState.put(successName(task), JSON.stringify({ at }), at);
