import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PASSWORD, type Stage, setStage, spending, takeCalls } from "./helpers/harness";

const count = (calls: readonly string[], wanted: string) => calls.filter((call) => call === wanted).length;
const QUOTE = "softexternal.order.param → form";

describe("the functions, in a program with the real engine", () => {
  let stage: Stage;
  let known: string;
  const ask = (asked: object) => stage.workspace.write("asked.json", JSON.stringify(asked));

  beforeAll(async () => {
    stage = await setStage({ workspace: { project: join(__dirname, "programs/functions") } });
    // The password as a secret of the stack, as the README tells.
    await stage.workspace.setSecret("billmanager:password", PASSWORD);
    known = stage.panel.outside.order({ pricelist: 11738, licname: "by hand", ip: "192.0.2.99" });
    await ask({ known });
  });
  afterAll(() => stage.close());

  it("answer in a preview what is known, leave the rest unknown, and change nothing", async () => {
    const { code, output } = await stage.workspace.preview();
    expect(code, output).toBe(0);
    expect(output).toMatch(/\bofKnown\s*: "by hand"/);
    expect(output).toMatch(/\bofWeb\s*: \[unknown\]/);
    expect(output).toMatch(/\bpriceOfWeb\s*: \[unknown\]/);
    // The address stands in the program: what is on it before the update is known.
    expect(output).toMatch(/\bonAddress\s*: 0/);
    const calls = takeCalls(stage.panel);
    // Of the two prices one is asked for, the tariff of the other is not known yet; and the provider asks for that of its order.
    expect(count(calls, QUOTE)).toBe(1 + 1);
    expect(calls.filter((call) => /→ ok$/.test(call))).toEqual([]);
    expect(spending(stage.panel)).toEqual(["order KernelCare 192.0.2.99 3.50"]);
  });

  it("read in an update what the vendor shows, a license just bought included", async () => {
    const { code, output } = await stage.workspace.up("--skip-preview");
    expect(code, output).toBe(0);
    const outputs = await stage.workspace.outputs();
    const [web] = await stage.workspace.licenses();
    expect(outputs).toMatchObject({
      one: { id: known, licenseName: "by hand", ip: "192.0.2.99", product: "kernelcare", status: "active" },
      all: [known],
      balance: [{ amount: "9996.50", currency: "EUR" }],
      price: { amount: "3.50", currency: "EUR", period: 1 },
      ofKnown: "by hand",
      ofWeb: { id: web?.id, ip: "192.0.2.10", product: "cloudlinux", status: "active" },
      onAddress: 1,
      priceOfWeb: "14.00",
    });
    expect(spending(stage.panel)).toEqual(["order KernelCare 192.0.2.99 3.50", "order CloudLinux 192.0.2.10 14.00"]);
    expect(count(takeCalls(stage.panel), QUOTE)).toBe(2 + 1);
  });

  it("make nothing secret that is none, and keep secret what a secret has chosen", async () => {
    const exported = await stage.workspace.stackExport();
    expect(exported).not.toContain("canary");
    const { deployment } = JSON.parse(exported) as {
      deployment: { resources: { type: string; outputs: Record<string, unknown> }[] };
    };
    const outputs = deployment.resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ?? {};
    const secret = Object.keys(outputs).filter((name) => JSON.stringify(outputs[name]).includes("ciphertext"));
    expect(secret).toEqual(["ofSecret"]);
  });

  it("say in one line what arguments cannot be meant, and call nothing", async () => {
    await ask({ known, wrong: { status: "gone", address: "192.0.2.10" } });
    takeCalls(stage.panel);
    const { code, output } = await stage.workspace.preview();
    expect(code).not.toBe(0);
    expect(output).toContain(
      'getLicenses: status must be one of ordered, processing, active, suspended, deleted, not "gone"; address is no argument of getLicenses',
    );
    expect(output).not.toMatch(/functions\.js:|index\.js:| at async /);
    expect(takeCalls(stage.panel)).toEqual([]);
  });
});
