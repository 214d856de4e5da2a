import { createRequire } from "node:module";
import { describe, expect, it, onTestFinished } from "vitest";
import schema from "../../provider/schema.json";
import { ACCOUNT, setStage, spending } from "../engine/helpers/harness";
import { compile } from "./compile";
import { fencesOf, namesIn, REGISTRY_PAGES, tableOf, textOf } from "./pages";

const YAML = createRequire(require.resolve("@pulumi/pulumi"))("js-yaml") as { load(text: string): unknown };
const LANGUAGES = ["typescript", "python", "go", "csharp", "yaml"];
/** Every input of a License and every setting of a Provider, as the schema names them. */
const NAMES = [
  ...Object.keys(schema.resources["billmanager:index:License"].inputProperties),
  ...Object.keys(schema.provider.inputProperties),
];

describe.each(REGISTRY_PAGES)("%s", (page) => {
  it("begins with what the registry asks for", () => {
    const [, head = ""] = /^---\n(.*?)\n---\n/s.exec(textOf(page)) ?? [];
    expect(YAML.load(head)).toEqual({
      title: expect.stringMatching(/^BILLmanager/),
      meta_desc: expect.stringMatching(/^.{50,160}$/),
      layout: "package",
    });
  });

  it("has a tab for each language in every chooser", () => {
    const marks = [...textOf(page).matchAll(/\{\{([<%]) (\/?)(\w+)(?: language "?([\w,]+)"?)? [>%]\}\}/g)].map(
      ([, , end = "", kind = "", value = ""]) => `${end}${kind} ${value}`.trim(),
    );
    const tabs = LANGUAGES.flatMap((language) => [`choosable ${language}`, "/choosable"]);
    const chooser = [`chooser ${LANGUAGES.join(",")}`, ...tabs, "/chooser"];
    expect(marks.length).toBeGreaterThan(0);
    expect(marks).toEqual(
      Array(marks.length / chooser.length)
        .fill(chooser)
        .flat(),
    );
    expect(textOf(page).match(/\{\{/g)).toHaveLength(marks.length);
  });

  it("has programs that compile in TypeScript", () => {
    expect(compile(fencesOf(page, "typescript").map(({ text }) => text))).toEqual([[]]);
  });

  it.each([
    ["python", /^\s+(\w+)=/gm, (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)],
    ["go", /^\s+(\w+): +\w+\.\w+\(/gm, capital],
    ["csharp", /^\s+(\w+) = .*,$/gm, capital],
  ])("has a program in %s that names nothing but what there is", (language, pattern, spell) => {
    const [program] = fencesOf(page, language);
    const named = [...(program?.text ?? "").matchAll(pattern)].map(([, name]) => name);
    const known = [...NAMES.map(spell), "opts"];
    expect(named.length).toBeGreaterThan(2);
    expect(named.filter((name) => !known.includes(name ?? ""))).toEqual([]);
  });
});

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

describe("the programs in YAML", () => {
  const programs = REGISTRY_PAGES.map((page) => fencesOf(page, "yaml").find(({ text }) => text.includes("runtime:")));

  it("buy on the account of the environment, and on that of a provider", async () => {
    const other = { username: "other", password: "of the other", balance: "100.00" };
    const { workspace, panel, close } = await setStage({ face: "plugin", simulator: { accounts: [ACCOUNT, other] } });
    onTestFinished(close);
    await workspace.configure({ secondUsername: other.username });
    await workspace.setSecret("secondPassword", other.password);
    const accounts: string[] = [];
    for (const program of programs) {
      await workspace.write("Pulumi.yaml", program?.text ?? "");
      const { code, output } = await workspace.up("--skip-preview");
      expect(code, output).toBe(0);
      const licenses = await workspace.licenses();
      accounts.push(...licenses.map(({ outputs }) => String(outputs?.account).replace(/@.*$/, "")));
    }
    expect(accounts).toEqual(["tester", "other"]);
    expect(spending(panel)).toEqual(["order CloudLinux 192.0.2.10 14.00", "order CloudLinux 192.0.2.20 14.00"]);
  });
});

describe("docs/installation-configuration.md", () => {
  const rows = tableOf("docs/installation-configuration.md", "option");

  it("lists every setting as the schema describes it", () => {
    const described = rows.map(([option = "", , meaning]) => [namesIn(option)[0], meaning]);
    const settings = Object.entries(schema.config.variables).map(([name, { description }]) => [name, description]);
    expect(described).toEqual(settings);
  });

  it("lists the variables of the environment", () => {
    const listed = rows.map(([option = "", variable = ""]) => [namesIn(option)[0], namesIn(variable)]);
    const read = Object.entries(schema.config.variables).map(([name, spec]) => [
      name,
      "defaultInfo" in spec ? spec.defaultInfo.environment : [],
    ]);
    expect(listed).toEqual(read);
  });
});
