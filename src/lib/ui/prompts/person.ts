import { userInfo } from 'node:os';

/** Who runs the command, as the machine knows them. */
export function personName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run a user without a name.
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
}
