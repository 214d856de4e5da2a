import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { changing, type DeclaredLicense, FACES, type Stage, setStage } from "./helpers/harness";

type Program = Readonly<Record<string, DeclaredLicense>>;
const product = "cloudlinux";

/** What the state has of one license, wherever it stands: as a resource of its own, or as `fleet/key`. */
async function held({ workspace }: Stage): Promise<Record<string, { id: string; claim: string }>> {
  const nameOf = (urn: string) => urn.split("::").at(-1) ?? "";
  const found = (await workspace.licenses()).flatMap(({ urn, type, id, outputs }) =>
    type.endsWith("Fleet")
      ? Object.entries(outputs?.licenses ?? {}).map(([key, member]) => [`${nameOf(urn)}/${key}`, member])
      : [[nameOf(urn), { ...outputs, id }]],
  );
  return Object.fromEntries(found);
}

/** The number of each license, by the name under which the state has it. */
async function idsOf(stage: Stage): Promise<Record<string, string>> {
  return Object.fromEntries(Object.entries(await held(stage)).map(([name, { id }]) => [name, id]));
}

/** The number and the claim of one, as a program names it that takes it over. */
async function named(stage: Stage, name: string): Promise<string> {
  const { id, claim } = (await held(stage))[name] ?? {};
  return `${id}@${claim}`;
}

async function up({ workspace }: Stage, ...flags: string[]): Promise<string> {
  const { code, output } = await workspace.up(...flags);
  expect(code, output).toBe(0);
  return output;
}

function sent({ panel }: Stage): string[] {
  const calls = changing(panel.journal()).map(({ func, params }) => `${func} ${params.elid ?? params.ip}`);
  panel.clearJournal();
  return calls.sort();
}

const alive = ({ panel }: Stage) =>
  panel
    .licenses()
    .filter(({ status }) => status === "2")
    .map(({ ip }) => ip)
    .sort();

describe.each(FACES)("licenses that move between resources of their own and a fleet, on the %s face", (face) => {
  let stage: Stage;
  let before: Record<string, string>;
  const original: Program = {
    in1: { product, ip: "192.0.2.1" },
    in2: { product, ip: "192.0.2.2", licenseName: "Shop front" },
    fleet: {
      product,
      licenses: { stays: "192.0.2.5", out1: "192.0.2.3", out2: { ip: "192.0.2.4", licenseName: "Office" } },
    },
  };
  beforeAll(async () => {
    stage = await setStage();
    await declare(original);
    await up(stage, "--skip-preview");
    before = await idsOf(stage);
    stage.panel.clearJournal();
  });
  afterAll(() => stage.close());

  /** With an explicit provider the plugin has them. */
  function declare(program: Program): Promise<void> {
    const given = Object.entries(program).map(([name, one]) => [
      name,
      face === "plugin" ? { ...one, account: "own" } : one,
    ]);
    return stage.declare(Object.fromEntries(given), {}, face === "plugin" ? { own: {} } : {});
  }

  async function moved(adoptedAs: (name: string) => Promise<string>): Promise<Program> {
    return {
      out1: { product, ip: "192.0.2.3", adoptId: await adoptedAs("fleet/out1") },
      out2: { product, ip: "192.0.2.4", licenseName: "Office", adoptId: await adoptedAs("fleet/out2") },
      fleet: {
        product,
        licenses: { stays: "192.0.2.5", in1: "192.0.2.1", in2: { ip: "192.0.2.2", licenseName: "Shop front" } },
        adopt: { in1: await adoptedAs("in1"), in2: await adoptedAs("in2") },
        options: { dependsOn: ["out1", "out2"] },
      },
    };
  }

  it("are named with the claims to write by a preview of a program without them, which changes nothing", async () => {
    await declare(await moved(async (name) => String(before[name])));
    const { code, output } = await stage.workspace.preview();
    expect(code, output).toBe(0);
    expect(output).toContain(`set adoptId: "${await named(stage, "fleet/out1")}"`);
    expect(output).toContain(`"${await named(stage, "in1")}"`);
    expect(sent(stage)).toEqual([]);
  });

  it("go both ways in one update without a purchase, and are given up by nobody", async () => {
    await declare(await moved((name) => named(stage, name)));
    const output = await up(stage);
    expect(output).toContain(`fleet: in1: an update takes over license ${before.in1} under this name`);
    expect(output).toContain(`fleet: out1: license ${before["fleet/out1"]} is left to the resource that takes it over`);
    // The two under automatic names get new ones.
    expect(sent(stage)).toEqual([`softexternal.edit ${before.in1}`, `softexternal.edit ${before["fleet/out1"]}`]);
    expect(await idsOf(stage)).toEqual({
      out1: before["fleet/out1"],
      out2: before["fleet/out2"],
      "fleet/in1": before.in1,
      "fleet/in2": before.in2,
      "fleet/stays": before["fleet/stays"],
    });
    expect(stage.panel.ledger()).toHaveLength(5);
  });

  it("have nothing left to do after it, and end with the stack", async () => {
    await up(stage, "--skip-preview");
    expect(sent(stage)).toEqual([]);
    const destroyed = await stage.workspace.destroy("--skip-preview");
    expect(destroyed.code, destroyed.output).toBe(0);
    expect(sent(stage)).toEqual(
      Object.values(before)
        .map((id) => `softexternal.delete ${id}`)
        .sort(),
    );
  });
});

describe("a member that becomes a license of its own", () => {
  let stage: Stage;
  const licenses = { web01: "192.0.2.1", web02: "192.0.2.2" };
  beforeAll(async () => {
    stage = await setStage();
    await stage.declare({ fleet: { product, licenses } });
    await up(stage, "--skip-preview");
    stage.panel.clearJournal();
  });
  afterAll(() => stage.close());

  const fleet = { product, licenses: { web02: licenses.web02 } };
  const web01 = async () => ({ product, ip: licenses.web01, adoptId: await named(stage, "fleet/web01") });

  it("is refused by the preview where the fleet comes first, so that no update begins", async () => {
    const declared = { fleet, web01: await web01() };
    await stage.workspace.write("licenses.json", JSON.stringify({ declared, oneByOne: true }));
    const { code, output } = await stage.workspace.up();
    expect(code).not.toBe(0);
    expect(output).toMatch(
      /a fleet of this program gives it up in the same update; let the fleet wait for this resource/,
    );
    expect(sent(stage)).toEqual([]);
  });

  it("is not given up by an update without a preview, whichever of the two comes first", async () => {
    const declared = { fleet, web01: await web01() };
    await stage.declare(declared);
    const { output } = await stage.workspace.up("--skip-preview");
    expect(output).not.toContain("**creating failed**");
    expect(alive(stage)).toEqual(["192.0.2.1", "192.0.2.2"]);
    await stage.declare({ web01: declared.web01, fleet: { ...fleet, options: { dependsOn: ["web01"] } } });
    await up(stage, "--skip-preview");
    expect(Object.keys(await idsOf(stage)).sort()).toEqual(["fleet/web02", "web01"]);
    expect(alive(stage)).toEqual(["192.0.2.1", "192.0.2.2"]);
    expect(stage.panel.ledger()).toHaveLength(2);
  });
});

describe("a license that becomes a member of a fleet", () => {
  let stage: Stage;
  let ids: Record<string, string>;
  const web = (number: number) => ({ product, ip: `192.0.2.${number}` });
  const all = { web01: web(1), web02: web(2), web03: { ...web(3), licenseName: "Shop front" } };
  beforeAll(async () => {
    // Claims go with the remote id as well as with the name.
    stage = await setStage({ face: "plugin", simulator: { knobs: { listColumns: ["remoteid"] } } });
    await stage.declare({ ...all, fleet: { product, licenses: { stays: "192.0.2.9" } } });
    await up(stage, "--skip-preview");
    ids = await idsOf(stage);
    stage.panel.clearJournal();
  });
  afterAll(() => stage.close());

  it("is kept while the fleet's update fails, at it or at another member, and gone over by the next one", async () => {
    const { web01, ...others } = all;
    const licenses = { stays: "192.0.2.9", web01: web01.ip, new: "192.0.2.8" };
    const adopt = { web01: await named(stage, "web01") };
    await stage.declare({ ...others, fleet: { product, licenses, adopt } });
    stage.panel.faults.arm({ kind: "error", type: "exists", func: "softexternal.order.param", effect: "charge" });
    stage.panel.faults.arm({ kind: "error", type: "busy", func: "softexternal.edit", effect: "change" });
    expect((await stage.workspace.up("--skip-preview")).code).not.toBe(0);
    expect(alive(stage)).toContain("192.0.2.1");
    await up(stage, "--skip-preview");
    expect(await idsOf(stage)).toMatchObject({ "fleet/web01": ids.web01, "fleet/stays": ids["fleet/stays"] });
    expect(alive(stage)).toEqual(["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.8", "192.0.2.9"]);
    expect(stage.panel.ledger()).toHaveLength(5);
    stage.panel.clearJournal();
  });

  it("is given up by nobody where the fleet is refused it, whatever the engine goes on with", async () => {
    const licenses = { stays: "192.0.2.9", web01: "192.0.2.1", new: "192.0.2.8", web02: "192.0.2.2" };
    const { web03 } = all;
    await stage.declare({ web03, fleet: { product, licenses, adopt: { web02: ids.web02 } } });
    const { code, output } = await stage.workspace.up("--skip-preview", "--continue-on-error");
    expect(code).not.toBe(0);
    expect(output).toContain("cannot be taken over: it was bought for another resource");
    expect(sent(stage)).toEqual([]);
    const adopt = /set \w+: .*?("\d+@[0-9a-z]{8}")/.exec(output)?.[1] ?? '""';
    await stage.declare({ web03, fleet: { product, licenses, adopt: { web02: JSON.parse(adopt) } } });
    await up(stage, "--skip-preview");
    expect(await idsOf(stage)).toMatchObject({ "fleet/web02": ids.web02 });
    expect(sent(stage)).toEqual([`softexternal.edit ${ids.web02}`]);
  });

  it("moves with the fleet alone as the target, under an explicit name, and leaves the other resource at the next update", async () => {
    const licenses = {
      stays: "192.0.2.9",
      web01: "192.0.2.1",
      new: "192.0.2.8",
      web02: "192.0.2.2",
      web03: { ip: "192.0.2.3", licenseName: "Shop front" },
    };
    await stage.declare({ fleet: { product, licenses, adopt: { web03: await named(stage, "web03") } } });
    await up(stage, "--skip-preview", "--target", "**::fleet");
    const members = Object.keys(licenses).map((key) => `fleet/${key}`);
    expect(Object.keys(await idsOf(stage)).sort()).toEqual([...members, "web03"].sort());
    await up(stage, "--skip-preview");
    expect(Object.keys(await idsOf(stage)).sort()).toEqual(members.sort());
    expect(sent(stage)).toEqual([]);
    expect(alive(stage)).toHaveLength(5);
    expect(stage.panel.ledger()).toHaveLength(5);
  });
});

describe("a license that changes between a fleet and a provider of its own", () => {
  it("is kept by two processes of one run that know of each other", async () => {
    const stage = await setStage();
    onTestFinished(() => stage.close());
    const own = { product, ip: "192.0.2.1", account: "own" };
    const providers = { own: {} };
    await stage.declare(
      { web01: own, fleet: { product, licenses: { web02: "192.0.2.2", web03: "192.0.2.3" } } },
      {},
      providers,
    );
    await up(stage, "--skip-preview");
    const ids = await idsOf(stage);
    stage.panel.clearJournal();
    await stage.declare(
      {
        web02: { ...own, ip: "192.0.2.2", adoptId: await named(stage, "fleet/web02") },
        fleet: {
          product,
          licenses: { web01: "192.0.2.1", web03: "192.0.2.3" },
          adopt: { web01: await named(stage, "web01") },
          options: { dependsOn: ["web02"] },
        },
      },
      {},
      providers,
    );
    await up(stage, "--skip-preview");
    // Each process sends its own, in whatever order.
    expect(sent(stage).sort()).toEqual(
      [`softexternal.edit ${ids.web01}`, `softexternal.edit ${ids["fleet/web02"]}`].sort(),
    );
    expect(await idsOf(stage)).toEqual({
      web02: ids["fleet/web02"],
      "fleet/web01": ids.web01,
      "fleet/web03": ids["fleet/web03"],
    });
  });
});
