/**
 * How long to wait before something is tried again: exponential backoff with full jitter. (cockatiel's own backoff
 * counts the attempts of one call; these counts outlive calls, and some outlive the process.)
 * @param failures how often it failed before; each doubles the bound
 * @param firstMs the bound without a failure
 * @param random from 0 up to 1: the part of the bound that is waited
 */
export function backoffMs(failures: number, firstMs: number, longestMs: number, random = Math.random()): number {
  return random * Math.min(longestMs, firstMs * 2 ** failures);
}
