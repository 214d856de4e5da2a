import { createRequire } from "node:module";
import { describe, expect, it, onTestFinished } from "vitest";
import schema from "../../provider/schema.json";
import { ACCOUNT, setStage, spending } from "../engine/helpers/harness";
import { compile } from "./compile";
import { fencesOf, namesIn, REGISTRY_PAGES, tableOf, textOf } from "./pages";

const YAML = createRequire(require.resolve("@pulumi/pulumi"))("js-yaml") as { load(text: string): unknown };
const LANGUAGES = ["typescript", "python", "go", "csharp", "yaml"];
/** Every input of a License or a fleet and every setting of a Provider, as the schema names them. */
const NAMES = [
  ...Object.keys(schema.resources["billmanager:index:License"].inputProperties),
  ...Object.keys(schema.resources["billmanager:index:LicenseFleet"].inputProperties),
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
    const programs = fencesOf(page, "typescript").map(({ text }) => text);
    expect(programs.length).toBeGreaterThan(0);
    expect(compile(programs).flat()).toEqual([]);
  });

  it.each([
    ["python", /^\s+(\w+)=/gm, (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)],
    ["go", /^\s+(\w+): +\w+\.\w+\(/gm, capital],
    ["csharp", /^\s+(\w+) = .*,$/gm, capital],
  ])("has programs in %s that name nothing but what there is", (language, pattern, spell) => {
    const programs = fencesOf(page, language);
    const known = [...NAMES.map(spell), "opts"];
    expect(programs.length).toBeGreaterThan(0);
    for (const { text } of programs) {
      const named = [...text.matchAll(pattern)].map(([, name]) => name);
      expect(named.length).toBeGreaterThan(2);
      expect(named.filter((name) => !known.includes(name ?? ""))).toEqual([]);
    }
  });
});

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

describe("the programs in YAML", () => {
  const programs = REGISTRY_PAGES.flatMap((page) =>
    fencesOf(page, "yaml").filter(({ text }) => text.includes("resources:")),
  );

  it("buy on the account of the environment, and on that of a provider", async () => {
    const other = { username: "other", password: "of the other", balance: "100.00" };
    const { workspace, panel, close } = await setStage({ face: "plugin", simulator: { accounts: [ACCOUNT, other] } });
    onTestFinished(close);
    await workspace.configure({ secondUsername: other.username });
    await workspace.setSecret("secondPassword", other.password);
    const accounts: string[] = [];
    for (const program of programs) {
      await workspace.write("Pulumi.yaml", program.text);
      const { code, output } = await workspace.up("--skip-preview");
      expect(code, output).toBe(0);
      const licenses = await workspace.licenses();
      const members = licenses.flatMap(({ outputs = {} }) => Object.values(outputs.licenses ?? { outputs }));
      accounts.push(...members.map(({ account }) => account.replace(/@.*$/, "")));
    }
    expect(accounts).toEqual(["tester", "tester", "tester", "tester", "other"]);
    expect(spending(panel).sort()).toEqual([
      "order CloudLinux 192.0.2.10 14.00",
      "order CloudLinux 192.0.2.20 14.00",
      "order CloudLinux 192.0.2.31 14.00",
      "order CloudLinux 192.0.2.32 14.00",
      "order KernelCare 192.0.2.33 3.50",
    ]);
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
