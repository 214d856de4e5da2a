import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { PROVIDER_TEXT } from "../../provider/dynamic";
import { face } from "../../provider/dynamicProvider";
import { type Simulator, startSimulator } from "../../simulator/index";
import { wishFor } from "../license/helpers";

/** How the engine writes a value that it does not know yet. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const { claim, licenseName } = wishFor("web01");
const inputs = { __provider: PROVIDER_TEXT, claim, licenseName, product: "cloudlinux", ip: "192.0.2.10" };

describe("the dynamic face", () => {
  let panel: Simulator;
  const printed = vi.spyOn(console, "log").mockReturnValue(undefined);
  const said = () => printed.mock.calls.map(([line]) => line);

  beforeAll(async () => {
    panel = await startSimulator();
    const config: Record<string, string> = {
      "billmanager:endpoint": panel.endpoint,
      "billmanager:username": "demo",
      "billmanager:password": "demo",
      "billmanager:activationTimeout": "1",
    };
    await face.configure({ config: { get: (key) => config[key] } });
  });
  afterAll(() => panel.close());
  beforeEach(() => {
    printed.mockClear();
  });

  it("hands back what a preview does not know yet, and says what it does know", async () => {
    const { inputs: checked, failures } = await face.check({}, { ...inputs, ip: UNKNOWN });
    expect(failures).toEqual([]);
    expect(checked.ip).toBe(UNKNOWN);
    expect(said()).toEqual([`${licenseName}: an update orders CloudLinux`]);
  });

  it("takes a change to a value not known yet for a change, of which nothing can be said", async () => {
    const { id, outs } = await face.create(inputs);
    printed.mockClear();
    const { inputs: checked } = await face.check(inputs, { ...inputs, ip: UNKNOWN });
    expect(await face.diff(id, outs, checked)).toEqual({ changes: true, replaces: [] });
    expect(said()).toEqual([]);
  });

  it("begins a warning with the word, since the host shows no severity", async () => {
    const { id, outs } = await face.create({
      ...inputs,
      ...wishFor("web03", { ip: "192.0.2.13" }),
      pricelist: undefined,
    });
    await face.diff(id, { ...outs, status: "deleted" }, inputs);
    expect(said().at(-1)).toMatch(/^warning: .*the vendor no longer has this license/);
  });

  it("passes a partial failure on with what the engine needs to save it and to find the provider again", async () => {
    panel.knobs.processing = { ...panel.knobs.processing, open: "stuck" };
    const failing = face.create({ ...inputs, ...wishFor("web02", { ip: "192.0.2.12" }), pricelist: undefined });
    await expect(failing).rejects.toMatchObject({
      id: expect.stringMatching(/^\d+$/),
      properties: { __provider: PROVIDER_TEXT, status: "processing", ip: "192.0.2.12" },
      reasons: [expect.stringContaining("is still being processed by the vendor after 1 seconds")],
    });
    panel.knobs.reset();
  });

  it("does not take a refresh, which compares, too, for a program that declares the license", async () => {
    const gone = { ...inputs, ...wishFor("web04", { ip: "192.0.2.14" }), pricelist: undefined };
    const id = panel.outside.order({ pricelist: 9203, licname: gone.licenseName, ip: gone.ip ?? "" });
    const { props } = await face.read(id, { ...gone, pricelist: 9203, status: "active", period: 1, account: "" });
    await face.diff(id, props, gone);
    await face.delete(id, props);
    expect(panel.licenses().find((license) => license.id === id)?.status).toBe("4");
  });

  it("names more renewals than one update pays for as the input's failure", async () => {
    const { failures } = await face.check({}, { ...inputs, paidUntil: "2099-01-01" });
    expect(failures).toEqual([
      { property: "paidUntil", reason: expect.stringMatching(/^paidUntil 2099-01-01 lies more than 24 periods after/) },
    ]);
  });

  it("lets no stack trace out where the host would print it", async () => {
    const failing = face.read("9999999", { __provider: PROVIDER_TEXT });
    await expect(failing).rejects.toMatchObject({
      stack: "",
      message: expect.stringContaining("shows no license 9999999"),
    });
  });
});
