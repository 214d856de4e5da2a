import { ensureGoProgram } from "./goProgram.mts";
import { CommandError, command } from "./pulumi/command.mts";

/** Makes actionlint available, which checks workflows of GitHub Actions, and tells where it is. */
export function ensureActionlint(): Promise<string> {
  return ensureGoProgram("actionlint", "github.com/rhysd/actionlint/cmd/actionlint");
}

/** What actionlint finds wrong with a workflow, line by line; nothing where it is right. Shell and Python are not looked into. */
export async function complaintsAbout(actionlint: string, workflow: string): Promise<string> {
  try {
    return await command(actionlint, ["-no-color", "-oneline", "-shellcheck=", "-pyflakes=", workflow], {
      env: process.env,
      silence: 60_000,
    });
  } catch (error) {
    if (error instanceof CommandError) {
      return error.message;
    }
    throw error;
  }
}
