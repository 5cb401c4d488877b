import { expect, it } from 'vitest';
import { receiverLog } from '../../../../src/lib/live/webhooks/receiver-log.js';
import type { LiveEvent } from '../../../../src/lib/live/events.js';
import type { ReceiverEvent } from '../../../../src/lib/live/webhooks/receiver.js';

it('logs what a stranger can cause at will once in a while, for each reason', () => {
  const lines: LiveEvent[] = [];
  let now = 0;
  const log = receiverLog(
    (line) => lines.push(line),
    () => now,
  );
  const refused = (reason: 'token' | 'path' | 'not-kept', status: number): ReceiverEvent => ({
    kind: 'refused',
    reason,
    status,
    message: 'No.',
    address: '192.0.2.1',
  });
  const flood = (): void => {
    for (let time = 0; time < 1000; time += 1) {
      log(refused('token', 401));
      log(refused('path', 404));
      log({ kind: 'not-kept', error: new Error('The disk is full.') });
      log(refused('not-kept', 503));
      log({ kind: 'fault', error: new Error(`fault ${time}`) });
    }
  };
  flood();
  expect(lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
    'warn: refused with 401 from 192.0.2.1: No.',
    'warn: refused with 404 from 192.0.2.1: No.',
    'error: not kept, the sender tries again: The disk is full.',
    'error: a fault of the program: fault 0',
  ]);
  now = 10_000;
  flood();
  expect(lines).toHaveLength(8);
  // What was kept needs credentials, and each is told.
  for (let time = 0; time < 3; time += 1) log({ kind: 'received', route: 'order', hashedIds: ['A1'], repeats: 0 });
  expect(lines).toHaveLength(11);
});
