import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { PAGES, proseOf, REGISTRY_PAGES, REPOSITORY, textOf } from "./pages";

/** An anchor as GitHub makes it from a heading. */
function anchorsOf(page: string): string[] {
  return [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

function brokenLinks(page: string): string[] {
  const links = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  return links.filter((link) => {
    if (/^https:\/\//.test(link)) {
      return false;
    }
    const [path = "", anchor] = linkOfRegistry(page, link).split("#");
    const target = path === "" ? page : join(dirname(page), path);
    if (target.startsWith("..") || !existsSync(join(REPOSITORY, target))) {
      return true;
    }
    const isPage = statSync(join(REPOSITORY, target)).isFile() && target.endsWith(".md");
    return anchor !== undefined && !(isPage && anchorsOf(target).includes(anchor));
  });
}

/** The registry shows each of its pages in a folder of its own, by which the others link to it. */
function linkOfRegistry(page: string, link: string): string {
  return REGISTRY_PAGES.includes(page) ? link.replace(/^\.\/([\w-]+)\/$/, "$1.md") : link;
}

describe.each(PAGES)("%s", (page) => {
  it("leads nowhere but to what is there", () => {
    expect(brokenLinks(page)).toEqual([]);
  });

  it("names no machine of ours", () => {
    const text = textOf(page);
    expect(text.match(/(?<![\w.])\/(?:home|root|Users|tmp|var|mnt)\/\S*/g) ?? []).toEqual([]);
    expect(text).not.toContain(REPOSITORY);
    expect(text.match(/[\w.-]*(?:artifactory|nexus|verdaccio|registry)[\w-]*\.[\w.-]+/gi) ?? []).toEqual([]);
    expect(text.match(/https?:\/\/(?:10|172\.(?:1[6-9]|2\d|3[01])|192\.168)\.[\d.]+\S*/g) ?? []).toEqual([]);
  });

  it("names files of the repository that exist", () => {
    const named = [...proseOf(page).matchAll(/`((?:sdk|provider|simulator|cli|tools|test|examples|docs)\/[\w./-]+)`/g)];
    const missing = named.map(([, path = ""]) => path).filter((path) => !existsSync(join(REPOSITORY, path)));
    expect(missing).toEqual([]);
  });

  it("names npm scripts that exist", () => {
    const { scripts } = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8"));
    const named = [...textOf(page).matchAll(/\bnpm run (\w[\w:-]*)/g)].map(([, script = ""]) => script);
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });

  it("spells license in one way", () => {
    expect(textOf(page).match(/licenc\w*/gi) ?? []).toEqual([]);
  });
});

describe("the pages for users", () => {
  it("can all be reached from README.md", () => {
    const reached = new Set(["README.md"]);
    for (const page of reached) {
      for (const [, link = ""] of proseOf(page).matchAll(/\]\(([^)\s#]+\.md)(?:#[^)]*)?\)/g)) {
        if (!/^https?:/.test(link)) {
          reached.add(join(dirname(page), link));
        }
      }
    }
    expect(globSync("docs/**/*.md", { cwd: REPOSITORY }).filter((page) => !reached.has(page))).toEqual([]);
  });
});
