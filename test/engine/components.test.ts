import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Stage, setStage, spending, takeCalls } from "./helpers/harness";

/** A license's claim is made of its parent's name: to learn it must not mean to wait for the parent's other children. */
describe("several licenses of one component", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage();
    await stage.declare({
      one: { product: "cloudlinux", ip: "192.0.2.10", component: "server" },
      two: { product: "kernelcare", ip: "192.0.2.10", component: "server" },
      three: { product: "softaculous", ip: "192.0.2.10", component: "server", licenseName: "Shop front" },
    });
  });
  afterAll(() => stage.close());

  it("do not wait for each other: a preview names each", async () => {
    const { code, output } = await stage.workspace.preview();
    expect(code, output).toBe(0);
    for (const title of ["CloudLinux", "KernelCare", "Softaculous"]) {
      expect(output).toContain(`an update orders ${title} for 192.0.2.10`);
    }
  });

  it("are each ordered once, and nothing is left to do", async () => {
    const { code, output } = await stage.workspace.up("--skip-preview");
    expect(code, output).toBe(0);
    expect(spending(stage.panel).sort()).toEqual([
      "order CloudLinux 192.0.2.10 14.00",
      "order KernelCare 192.0.2.10 3.50",
      "order Softaculous 192.0.2.10 2.50",
    ]);
    takeCalls(stage.panel);
    expect((await stage.workspace.up("--skip-preview")).output).toContain("5 unchanged");
    expect(takeCalls(stage.panel)).toEqual([]);
  });
});
