/** A dictionary whose keys are numbers: JSON turns them into text, XML-RPC refuses them. */
export class NumberKeyed {
  constructor(readonly entries: ReadonlyMap<number, unknown>) {}

  toJSON(): Record<string, unknown> {
    return Object.fromEntries(this.entries);
  }
}
