import { afterEach, describe, expect, it } from "vitest";
import { type DeclaredLicense, type Stage, setStage, takeCalls } from "./helpers/harness";

const LIST = "softexternal → list";
const ORDER = "softexternal.order.param → ok";
const BALANCE = "subaccount → list";
const QUOTE = "softexternal.order.param → form";

const fleet = (size: number): Record<string, DeclaredLicense> =>
  Object.fromEntries(
    Array.from({ length: size }, (_, index) => [
      `web${index + 1}`,
      { product: "cloudlinux", ip: `192.0.2.${1 + (index % 250)}` },
    ]),
  );

/** The balance is read before all else: when it is there, a program on a busy machine, too, has declared its twenty licenses. */
const ALL_AT_ONCE = { latencyMsFor: { subaccount: 3000 } };

const count = (calls: readonly string[], wanted: string) => calls.filter((call) => call === wanted).length;

describe("the cost in calls", () => {
  let stage: Stage;
  afterEach(() => stage.close());

  it("of creating 20 licenses is the balance, one price, 20 orders, and one list before and one after each wave that the engine starts together", async () => {
    stage = await setStage({ simulator: { knobs: ALL_AT_ONCE } });
    await stage.declare(fleet(20));
    expect((await stage.workspace.up("--skip-preview", "--parallel", "20")).code).toBe(0);
    const calls = takeCalls(stage.panel);
    expect(count(calls, ORDER)).toBe(20);
    expect([count(calls, BALANCE), count(calls, QUOTE)]).toEqual([1, 1]);
    expect(calls.length - 22).toBe(count(calls, LIST));
    expect(count(calls, LIST)).toBeLessThanOrEqual(3);
  });

  it("of creating 20 licenses that the vendor takes two polls to open is one shared list per poll more", async () => {
    stage = await setStage({
      simulator: {
        knobs: {
          ...ALL_AT_ONCE,
          processing: {
            open: { polls: 2 },
            close: "none",
            edit: "none",
            prolong: "none",
            resume: "none",
            suspend: "none",
          },
        },
      },
    });
    await stage.declare(fleet(20));
    expect((await stage.workspace.up("--skip-preview", "--parallel", "20")).code).toBe(0);
    const calls = takeCalls(stage.panel);
    expect(count(calls, ORDER)).toBe(20);
    expect(count(calls, LIST)).toBeLessThanOrEqual(5);
    expect(stage.panel.licenses().map(({ status }) => status)).toEqual(Array(20).fill("2"));
  });

  it("of refreshing 200 licenses is one list call per page and nothing else", async () => {
    stage = await setStage();
    await stage.declare(fleet(200));
    expect((await stage.workspace.up("--skip-preview")).code).toBe(0);
    expect(count(takeCalls(stage.panel), ORDER)).toBe(200);

    expect((await stage.workspace.refresh("--skip-preview")).code).toBe(0);
    expect(takeCalls(stage.panel)).toEqual([LIST]);

    stage.panel.knobs.pageSizeCap = 60;
    expect((await stage.workspace.refresh("--skip-preview")).code).toBe(0);
    expect(takeCalls(stage.panel)).toEqual([LIST, LIST, LIST, LIST]);

    expect((await stage.workspace.up("--skip-preview")).code).toBe(0);
    expect(takeCalls(stage.panel)).toEqual([]);
  });
});
