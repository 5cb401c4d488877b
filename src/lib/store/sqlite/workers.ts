import { randomUUID } from 'node:crypto';
import { isGone, thisProcess } from '../../common/processes.js';

/** A name for whoever takes rows in this process, from which another process can see whether it still lives. */
export function workerName(): string {
  const { host, pid, started } = thisProcess();
  return [host, pid, randomUUID(), ...(started === undefined ? [] : [started])].join(' ');
}

/** Whether a worker is certainly gone; see `isGone` of a process. */
export function isWorkerGone(worker: string): boolean {
  const [host = '', pid, , started] = worker.split(' ');
  return isGone({ host, pid: Number(pid), started });
}
