/** The parts of docs/performance.md and docs/scale.md that come from measurements; everything around them is written by hand. */
export type PartName = "stacks" | "start" | "scale";

/**
 * The page with another content between the marks of a part.
 *
 * @throws Error where the page has no such marks
 */
export function withPart(page: string, name: PartName, content: string): string {
  const [opening, closing] = [`<!-- measured: ${name} -->`, `<!-- end of ${name} -->`];
  const [start, end] = [page.indexOf(opening), page.indexOf(closing)];
  if (start < 0 || end < start) {
    throw new Error(`the page has no "${opening}" with "${closing}" after it`);
  }
  return `${page.slice(0, start + opening.length)}\n\n${content}\n\n${page.slice(end)}`;
}
