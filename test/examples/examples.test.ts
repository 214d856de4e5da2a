import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Stage, setStage, spending, takeCalls } from "../engine/helpers/harness";

const ORDER = "softexternal.order.param → ok";
const DELETE = "softexternal.delete → ok";

/** `resources`: with the stack and the components, and a fleet counted as one. */
const EXAMPLES = [
  {
    example: "typescript",
    resources: 4,
    bought: [
      "order CloudLinux 192.0.2.10 14.00",
      "order KernelCare 192.0.2.30 3.50",
      "order Softaculous 192.0.2.20 2.50",
    ],
  },
  {
    example: "fleet",
    resources: 6,
    bought: [
      "order CloudLinux 192.0.2.11 14.00",
      "order CloudLinux 192.0.2.12 14.00",
      "order CloudLinux 192.0.2.13 14.00",
      "order KernelCare 192.0.2.11 3.50",
      "order KernelCare 192.0.2.12 3.50",
      "order KernelCare 2001:db8::21 3.50",
      "order Softaculous 192.0.2.13 2.50",
    ],
  },
  {
    example: "component",
    resources: 7,
    bought: [
      "order CloudLinux 192.0.2.41 14.00",
      "order KernelCare 192.0.2.41 3.50",
      "order KernelCare 2001:db8::41 3.50",
      "order Softaculous 192.0.2.41 2.50",
    ],
  },
];

/** The engine's host compiles the program, types and all, each time that it runs it. */
describe.each(EXAMPLES)("the example $example", ({ example, resources, bought }) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({ workspace: { project: join(__dirname, "../../examples", example) } });
  });
  afterAll(() => stage.close());

  it("buys each license that it declares once", async () => {
    const { code, output } = await stage.workspace.up("--skip-preview");
    expect(code, output).toBe(0);
    expect(spending(stage.panel).sort()).toEqual(bought);
    expect(takeCalls(stage.panel).filter((call) => call === ORDER)).toHaveLength(bought.length);
  });

  it("finds nothing to do the second time, and calls nothing", async () => {
    const { code, output } = await stage.workspace.up("--skip-preview");
    expect(code, output).toBe(0);
    expect(output).toContain(`${resources} unchanged`);
    expect(takeCalls(stage.panel)).toEqual([]);
  });

  it("gives all of them up", async () => {
    const { code, output } = await stage.workspace.destroy("--skip-preview");
    expect(code, output).toBe(0);
    expect(takeCalls(stage.panel).filter((call) => call === DELETE)).toHaveLength(bought.length);
    expect(spending(stage.panel)).toHaveLength(bought.length);
  });
});

describe("the component of the example", () => {
  const project = join(__dirname, "../../examples/component");
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({
      simulator: { tariffs: [{ pricelist: 9999, name: "Installatron", price: "3.00" }] },
      workspace: { project },
    });
    const outside = ["cloudlinux", "kernelcare"].map(
      (product) => `new License("web01-${product}", { product: "${product}", ip: "192.0.2.41", renewBeforeDays: 7 });`,
    );
    await stage.workspace.write("index.ts", ['import { License } from "pulumi-billmanager";', ...outside].join("\n"));
    expect((await stage.workspace.up("--skip-preview")).code).toBe(0);
  });
  afterAll(() => stage.close());
  const held = () =>
    stage.panel
      .licenses()
      .map(({ tariff, ip, licname, status }) => `${tariff} ${ip} ${licname.slice(0, -8)} ${status}`);

  it("takes in licenses that stood outside of it: they keep their names, and none is ordered or given up", async () => {
    const names = stage.panel.licenses().map(({ licname }) => licname);
    takeCalls(stage.panel);
    await stage.workspace.write("index.ts", await readFile(join(project, "index.ts"), "utf8"));
    const { code, output } = await stage.workspace.up("--skip-preview");
    expect(code, output).toBe(0);
    expect(stage.panel.licenses().map(({ licname }) => licname)).toEqual(expect.arrayContaining(names));
    expect(held().sort()).toEqual([
      "CloudLinux 192.0.2.41 web01-cloudlinux- 2",
      "KernelCare 192.0.2.41 web01-kernelcare- 2",
      "KernelCare 2001:db8::41 db01-kernelcare- 2",
      "Softaculous 192.0.2.41 web01-installer- 2",
    ]);
    expect(takeCalls(stage.panel).filter((call) => call === ORDER)).toHaveLength(2);
    const parents = (await stage.workspace.licenses()).map(({ urn }) => urn.includes("example:index:LicensedServer$"));
    expect(parents).toEqual([true, true, true, true]);
  });

  it("gives up the installer before it orders another, for there is room for one", async () => {
    const program = await readFile(join(project, "index.ts"), "utf8");
    const other = program.replace('installer: "softaculous"', 'installer: "installatron"');
    await stage.workspace.configure({ "billmanager:pricelists": '{"installatron":9999}' });
    await stage.workspace.write("index.ts", other);
    const { code, output } = await stage.workspace.up("--skip-preview");
    expect(code, output).toBe(0);
    const changes = takeCalls(stage.panel).filter((call) => call === ORDER || call === DELETE);
    expect(changes).toEqual([DELETE, ORDER]);
  });

  it("lets nothing be given up that is protected", async () => {
    await stage.workspace.configure({ "component:protected": "true" });
    expect((await stage.workspace.up("--skip-preview")).code).toBe(0);
    takeCalls(stage.panel);
    const { code, output } = await stage.workspace.destroy("--skip-preview");
    expect(code).not.toBe(0);
    expect(output).toContain("protect");
    expect(takeCalls(stage.panel)).toEqual([]);
  });
});
