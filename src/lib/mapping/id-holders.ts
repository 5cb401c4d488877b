/** A product that holds a Cartona id, as far as it decides which product the id means. */
export interface IdHolder {
  /** The product's template, where the id lives on templates and every variant of one shows it. */
  readonly templateId: number | undefined;
  readonly active: boolean;
}

/**
 * The one product that a Cartona id means among all that hold it, archived ones included. Where the id lives on the
 * template, its one active variant is meant, whatever archived variants it has.
 * @returns `undefined` where the id is ambiguous
 */
export function onlyHolder<H extends IdHolder>(holders: readonly H[]): H | undefined {
  const template = holders[0]?.templateId;
  const oneTemplate = template !== undefined && holders.every((holder) => holder.templateId === template);
  const meant = oneTemplate && holders.length > 1 ? holders.filter((holder) => holder.active) : holders;
  return meant.length === 1 ? meant[0] : undefined;
}
