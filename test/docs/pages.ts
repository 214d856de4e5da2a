import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const REPOSITORY = join(__dirname, "../..");

/** Every page for people, by its path in the repository. */
export const PAGES: readonly string[] = globSync("{*,docs/**/*,examples/**/*}.md", {
  cwd: REPOSITORY,
  exclude: (path) => path.includes("node_modules"),
}).sort();

/** The pages that the Pulumi Registry takes over. */
export const REGISTRY_PAGES: readonly string[] = ["docs/_index.md", "docs/installation-configuration.md"];

export interface Fence {
  readonly language: string;
  readonly text: string;
}

export function textOf(page: string): string {
  return readFileSync(join(REPOSITORY, page), "utf8");
}

/** The fenced blocks of a page, in their order. */
export function fencesOf(page: string, language?: string): Fence[] {
  const fences = [...textOf(page).matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, kind = "", text = ""]) => ({
    language: kind,
    text,
  }));
  return fences.filter((fence) => language === undefined || fence.language === language);
}

/** The page without its fenced blocks, where signs mean themselves. */
export function proseOf(page: string): string {
  return textOf(page).replace(/^```\w*\n.*?^```$/gms, "");
}

/** The rows of the table under a heading, each as its cells; the first such table where there are several. */
export function tableOf(page: string, firstHeader: string): string[][] {
  const [, body = ""] =
    new RegExp(`^\\| ${firstHeader} \\|.*\\n\\|[-| ]+\\|\\n((?:\\|.*\\n)+)`, "m").exec(textOf(page)) ?? [];
  return body
    .trim()
    .split("\n")
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

/** What stands between backticks in a cell. */
export function namesIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
}
