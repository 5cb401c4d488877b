import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Which process of which machine. The number alone does not tell: it is given again after a restart of the machine, and
 * in a container the program is process 1 every time.
 */
export interface ProcessIdentity {
  readonly host: string;
  readonly pid: number;
  /** When it started, in words of the system: the machine's boot and the tick. Absent where the system does not tell. */
  readonly started?: string | undefined;
}

export const thisProcess = (): ProcessIdentity => ({
  host: hostname(),
  pid: process.pid,
  started: startOf(process.pid)?.started,
});

/**
 * Whether a process is certainly gone: one of this machine that is no more, or whose number another one has now. Of
 * another machine nobody here can tell, and a process of another user counts as living where it cannot be seen.
 */
export function isGone({ host, pid, started }: ProcessIdentity): boolean {
  if (host !== hostname()) return false;
  if (!hasProcess(pid)) return true;
  const now = startOf(pid);
  if (now === undefined) return false;
  return now.ended || (started !== undefined && now.started !== started);
}

function hasProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Of Linux alone; `ended`: it only waits for its parent to take note. */
function startOf(pid: number): { readonly started: string; readonly ended: boolean } | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name stands in brackets and may hold anything; the state and the numbers follow the last of them.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, ticks] = [fields[0], fields[19]];
    return ticks === undefined ? undefined : { started: `${boot}/${ticks}`, ended: state === 'Z' || state === 'X' };
  } catch {
    return undefined;
  }
}
