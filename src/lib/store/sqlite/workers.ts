import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

/** Whether a process of this machine still lives. A process of another user counts as living. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A name for whoever takes rows in this process, from which another process can see whether it still lives. */
export const workerName = (): string => `${hostname()} ${process.pid} ${randomUUID()}`;

/**
 * Whether a worker is certainly gone: one of this machine whose process is no more. Of another machine nobody here can
 * tell.
 */
export function isGone(worker: string): boolean {
  const [host, pid] = worker.split(' ');
  return host === hostname() && !lives(Number(pid));
}
