import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Stage, setStage, spending, takeCalls } from "../engine/helpers/harness";

const ORDER = "softexternal.order.param → ok";
const DELETE = "softexternal.delete → ok";

const EXAMPLES = [
  {
    example: "typescript",
    bought: [
      "order CloudLinux 192.0.2.10 14.00",
      "order KernelCare 192.0.2.30 3.50",
      "order Softaculous 192.0.2.20 2.50",
    ],
  },
  {
    example: "fleet",
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
];

/** The engine's host compiles the program, types and all, each time that it runs it. */
describe.each(EXAMPLES)("the example $example", ({ example, bought }) => {
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
    expect(output).toContain(`${bought.length + 1} unchanged`);
    expect(takeCalls(stage.panel)).toEqual([]);
  });

  it("gives all of them up", async () => {
    const { code, output } = await stage.workspace.destroy("--skip-preview");
    expect(code, output).toBe(0);
    expect(takeCalls(stage.panel).filter((call) => call === DELETE)).toHaveLength(bought.length);
    expect(spending(stage.panel)).toHaveLength(bought.length);
  });
});
