import { PULUMI_VERSION } from "./version.mts";

export interface Attempt {
  /** What was tried. */
  readonly way: string;
  /** Why it did not work; may have several lines. */
  readonly reason: string;
}

/** Every way that was tried has failed; the message tells why, and what the user can do. */
export class NoPulumiError extends Error {
  override readonly name = "NoPulumiError";

  constructor(attempts: readonly Attempt[]) {
    super(explain(attempts));
  }
}

function explain(attempts: readonly Attempt[]): string {
  const tried = attempts.map(
    ({ way, reason }, index) => `  ${index + 1}. ${way}:\n${reason.replace(/^\s*/gm, "       ")}`,
  );
  return [
    "No Pulumi CLI could be set up. Tried, one after the other:",
    ...tried,
    "Nothing was installed. Any one of these helps:",
    `  - install Pulumi ${PULUMI_VERSION} or a later 3.x with its language hosts, see https://www.pulumi.com/docs/install/, and have it on PATH;`,
    "  - run `npm run setup` where the npm package `pulumi` can download its CLI;",
    "  - install Go, and run `npm run setup` where Go can download modules.",
  ].join("\n");
}
