import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { setStage, spending, takeCalls } from "../engine/helpers/harness";
import { compile } from "./compile";
import { fencesOf, PAGES, REPOSITORY } from "./pages";

/** Names that a program of a page takes for granted. */
const GIVEN: Readonly<Record<string, string>> = { "docs/simulator.md": "declare const id: string;\n" };

const PROGRAMS = PAGES.flatMap((page) =>
  fencesOf(page, "ts").map(({ text }, index) => ({ title: `${page}, program ${index + 1}`, page, text })),
);

describe("the programs of the pages", () => {
  it("compile", () => {
    const complaints = compile(PROGRAMS.map(({ page, text }) => `${GIVEN[page] ?? ""}${text}`));
    expect(Object.fromEntries(PROGRAMS.map(({ title }, index) => [title, complaints[index]]))).toEqual(
      Object.fromEntries(PROGRAMS.map(({ title }) => [title, []])),
    );
    expect(PROGRAMS.length).toBeGreaterThanOrEqual(7);
  });

  it("would not compile with an input, an option or a name that does not exist", () => {
    const [input, option, name] = compile([
      'import { License } from "pulumi-billmanager";\nnew License("a", { product: "cloudlinux", maxprice: "1" });',
      'import { Panel } from "pulumi-billmanager/client";\nnew Panel({ url: "" });',
      'import { getNothing } from "pulumi-billmanager";\ngetNothing();',
    ]);
    expect(input).not.toEqual([]);
    expect(option).not.toEqual([]);
    expect(name).not.toEqual([]);
  });
});

describe("the first program of README.md", () => {
  it("previews as the page shows, reading alone, orders one license, and calls nothing the second time", async () => {
    const { workspace, panel, close } = await setStage();
    onTestFinished(close);
    const [project] = fencesOf("README.md", "yaml");
    const [program] = fencesOf("README.md", "ts");
    await workspace.write("Pulumi.yaml", project?.text ?? "");
    await workspace.write("index.ts", program?.text ?? "");
    await workspace.write("package.json", JSON.stringify({ name: "licenses", private: true, main: "index.ts" }));

    const preview = await workspace.preview();
    const shown = fencesOf("README.md", "console").find(({ text }) => text.startsWith("$ pulumi preview\n"));
    const lines = (text: string) => text.split("\n").map((line) => line.trim().replace(/\d{4}-\d{2}-\d{2}/, "<day>"));
    const wanted = lines(shown?.text ?? "").filter((line) => line !== "" && !line.startsWith("$"));
    expect(wanted.length).toBeGreaterThan(5);
    expect(lines(preview.output)).toEqual(expect.arrayContaining(wanted));
    expect(takeCalls(panel)).toEqual(["subaccount → list", "softexternal.order.param → form"]);

    expect((await workspace.up("--skip-preview")).code).toBe(0);
    expect(spending(panel)).toEqual(["order CloudLinux 192.0.2.10 14.00"]);
    takeCalls(panel);
    expect((await workspace.up("--skip-preview")).code).toBe(0);
    expect(takeCalls(panel)).toEqual([]);
  });
});

describe("the program of docs/functions.md", () => {
  it("gives what the page says", async () => {
    const weeks = (count: number) => new Date(Date.now() + count * 7 * 86_400_000).toISOString().slice(0, 10);
    const { workspace, panel, close } = await setStage({
      simulator: {
        accounts: [{ username: "demo", password: "demo", balance: "100.00" }],
        now: weeks(-4),
      },
      workspace: { env: {}, install: "copy" },
    });
    onTestFinished(close);
    panel.outside.order({ pricelist: 9203, licname: "Shop front", ip: "192.0.2.10" });
    await workspace.configure({ "billmanager:endpoint": panel.endpoint, "billmanager:username": "demo" });
    await workspace.setSecret("billmanager:password", "demo");
    const [program] = fencesOf("docs/functions.md", "ts");
    await workspace.write("index.ts", program?.text ?? "");
    await workspace.write("package.json", JSON.stringify({ name: "functions", private: true, main: "index.ts" }));
    const { code, output } = await workspace.up("--skip-preview");
    expect(code, output).toBe(0);
    const [told] = fencesOf("docs/functions.md", "json");
    // The days of the page are those of its writing.
    const withoutDays = (value: unknown) => JSON.parse(JSON.stringify(value).replace(/\d{4}-\d{2}-\d{2}/g, "day"));
    expect(withoutDays(await workspace.outputs())).toEqual(withoutDays(JSON.parse(told?.text ?? "")));
  });
});

describe("the program of docs/client.md", () => {
  it("runs and prints what the page says", async () => {
    const folder = await mkdtemp(join(tmpdir(), "pulumi-billmanager-docs-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    await mkdir(join(folder, "node_modules"));
    await symlink(REPOSITORY, join(folder, "node_modules/pulumi-billmanager"), "dir");
    const [program] = fencesOf("docs/client.md", "ts");
    const [printed] = fencesOf("docs/client.md", "console");
    await writeFile(join(folder, "try.mts"), program?.text ?? "");
    const { stdout } = await promisify(execFile)(process.execPath, ["try.mts"], { cwd: folder });
    expect(stdout).toBe(printed?.text);
  });
});
