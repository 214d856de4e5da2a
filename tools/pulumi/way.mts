/** Where a {@link Way} works: a folder that is thrown away unless it succeeds. */
export interface Staging {
  /** Becomes the `bin` folder of the installation. */
  readonly bin: string;
  /** The `bin` folder that it takes the place of; there may be none, or one that does not work. */
  readonly before: string;
  /** For whatever does not belong into the installation. */
  readonly temporary: string;
  /** Grows while something is written into either. */
  progress(): Promise<number>;
}

export interface WayContext {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Tells the user one line. */
  report(line: string): void;
}

/** One way to fill a `bin` folder with the Pulumi CLI and its language hosts. */
export interface Way {
  readonly source: "npm" | "go";
  readonly title: string;
  /** @throws the reason why it cannot be done this way */
  install(staging: Staging, context: WayContext): Promise<void>;
}
