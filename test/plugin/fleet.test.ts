import { describe, expect, it } from "vitest";
import { claimOf, claimOfMember } from "../../provider/license/claim";
import {
  books,
  calls,
  changing,
  checked,
  DIFF,
  FLEET,
  login,
  membersOf,
  ordered,
  panel,
  plugin,
  startingAnewForEachTest,
  two,
  UNKNOWN,
  URN,
} from "./fleetHelpers";
import { failureOf } from "./helpers";

const NOTHING = { changes: DIFF.none, replaces: [], diffs: [], details: {} };
const secret = (value: unknown) => ({ "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value });
const said = () =>
  plugin.lines.flatMap(({ severity, message }) => message.split("\n").map((line) => `${severity} ${line}`));

startingAnewForEachTest();

describe("a check of a fleet", () => {
  it("records the fleet's name, and each member as inputs with a claim and a name of its own", async () => {
    await login();
    const licenses = { web01: "2001:DB8:0::10", web02: { ip: "192.0.2.11", licenseName: "Shop front" } };
    const [first, second] = ["web01", "web02"].map((key) => claimOfMember(claimOf(URN), key, 0));
    expect(await checked({ product: "cloudlinux", licenses })).toEqual({
      fleet: FLEET,
      product: "cloudlinux",
      licenses: {
        web01: { ip: "2001:db8::10", claim: first, licenseName: `web01-${first}` },
        web02: { ip: "192.0.2.11", claim: second, licenseName: "Shop front" },
      },
    });
    expect(said()).toContain("info servers: in all, an update orders 2 licenses, and spends 28.00 EUR");
  });

  it("tells every problem with the path of its property, and calls nothing", async () => {
    await login();
    const { failures } = await plugin.check(
      URN,
      {},
      {
        product: "cloudlinux",
        period: 2.5,
        maxprice: "20.00 EUR",
        adoptId: "1000001",
        adopt: { web09: "1000001" },
        licenses: {
          web01: { ip: "192.0.2" },
          "web01.example.com": { ip: "somewhere", licencename: "x" },
          'the "old" one': {},
          web04: 7,
        },
      },
    );
    expect(Object.keys(failures).sort()).toEqual([
      "adopt.web09",
      "adoptId",
      "licenses.web01.ip",
      "licenses.web04",
      'licenses["the \\"old\\" one"].ip',
      'licenses["web01.example.com"].ip',
      'licenses["web01.example.com"].licencename',
      "maxprice",
      "period",
    ]);
    expect(failures['licenses["web01.example.com"].ip']).toBe(
      'licenses["web01.example.com"].ip must be one IPv4 or IPv6 address such as 192.0.2.10 or 2001:db8::10, not "somewhere"',
    );
    expect(calls()).toEqual([]);
  });

  it.each([
    ["address", { licenses: { web01: UNKNOWN } }],
    ["input of a member", { licenses: { web01: { ip: UNKNOWN } } }],
    ["map", { licenses: UNKNOWN }],
    ["input of all", { licenses: { web01: "192.0.2.10" }, suspended: UNKNOWN }],
    ["number to take over", { licenses: { web01: "192.0.2.10" }, adopt: { web01: UNKNOWN } }],
  ])("finds nothing wrong with an unknown %s", async (_, given) => {
    await login();
    const inputs = await checked({ product: "cloudlinux", ...given });
    expect(inputs).toMatchObject({ fleet: FLEET });
    expect(changing()).toEqual([]);
  });

  it.each([
    ["an address", { web01: secret("192.0.2.10") }],
    ["an input", { web01: { ip: secret("192.0.2.10") } }],
    ["a member", { web01: secret({ ip: "192.0.2.10" }) }],
    ["the whole map", secret({ web01: "192.0.2.10" })],
  ])("takes %s that is a secret", async (_, licenses) => {
    await login();
    const inputs = await checked({ product: "cloudlinux", licenses });
    expect(membersOf(inputs).web01).toMatchObject({ ip: "192.0.2.10" });
    const { outputs } = await plugin.create(URN, inputs);
    expect(membersOf(outputs).web01).toMatchObject({ ip: "192.0.2.10", status: "active" });
  });
});

describe("a comparison of a fleet", () => {
  it("finds no difference in what was just ordered, and calls nothing", async () => {
    const { id, inputs, outputs } = await ordered();
    expect(await plugin.diff(URN, id, outputs, await checked(two, inputs))).toEqual(NOTHING);
    expect(calls()).toEqual([]);
    expect(said()).toEqual([expect.stringContaining("web01, web02.example.com: nothing renews this license")]);
  });

  it("names what differs down to the input of a member, and replaces nothing", async () => {
    const { id, inputs, outputs } = await ordered({
      ...two,
      licenses: {
        web01: { ip: "192.0.2.10", renewBeforeDays: 3 },
        web02: "192.0.2.11",
        web03: "192.0.2.12",
        web04: "192.0.2.13",
      },
    });
    const news = await checked(
      {
        ...two,
        autoRenew: true,
        licenses: {
          web01: { ip: "192.0.2.20", maxPrice: "20.00 EUR" },
          web02: { ip: "192.0.2.21", autoRenew: false },
          web03: { ip: "192.0.2.12", product: "kernelcare" },
          web05: "192.0.2.14",
        },
      },
      inputs,
    );
    expect(await plugin.diff(URN, id, outputs, news)).toEqual({
      changes: DIFF.some,
      replaces: [],
      diffs: expect.arrayContaining(["licenses", "autoRenew"]),
      details: {
        autoRenew: "update",
        "licenses.web01.ip": "update",
        "licenses.web01.maxPrice": "add",
        "licenses.web01.renewBeforeDays": "delete",
        "licenses.web02.ip": "update",
        "licenses.web03.product": "update",
        "licenses.web04": "delete",
        "licenses.web05": "add",
      },
    });
  });

  it("of a member that is due to be renewed is a change of nothing that replaces", async () => {
    const { id, inputs, outputs } = await ordered();
    await plugin.diff(URN, id, outputs, await checked({ ...two, renewBeforeDays: 40 }, inputs));
    const due = Object.entries(membersOf(outputs)).map(([key, member]) => [key, { ...member, renewBeforeDays: 40 }]);
    const licenses = Object.fromEntries(due);
    plugin.forgetLines();
    const news = await checked({ ...two, renewBeforeDays: 40 }, { ...inputs, renewBeforeDays: 40 });
    expect(await plugin.diff(URN, id, { ...outputs, licenses }, news)).toEqual({ ...NOTHING, changes: DIFF.some });
    expect(said().join("\n")).toContain("servers: in all, an update renews 2 licenses, and spends 28.00 EUR");
  });

  it("tells another key for one license as a member that comes and one that goes, and orders nothing", async () => {
    const { id, inputs, outputs } = await ordered();
    const news = await checked({ ...two, licenses: { shop: "192.0.2.10", "web02.example.com": "192.0.2.11" } }, inputs);
    const { changes, details } = await plugin.diff(URN, id, outputs, news);
    expect(changes).toBe(DIFF.some);
    expect(details).toMatchObject({ "licenses.shop": "add", "licenses.web01": "delete" });
    expect(said()).toContain("info servers: shop: this is web01 under another key: nothing is ordered for it");
    const updated = await plugin.update(URN, id, outputs, news);
    expect(membersOf(updated).shop?.id).toBe(membersOf(outputs).web01?.id);
    expect(panel.ledger()).toHaveLength(2);
  });

  it.each([
    [
      "two keys that swap their addresses",
      { web01: "192.0.2.11", "web02.example.com": "192.0.2.10" },
      { "licenses.web01": "update", 'licenses["web02.example.com"]': "update" },
    ],
    [
      "a key whose address goes to a new key",
      { ...two.licenses, web01: "192.0.2.12", shop: "192.0.2.10" },
      { "licenses.web01": "update", "licenses.shop": "add" },
    ],
    [
      "a key that gets the address of one that goes",
      { "web02.example.com": "192.0.2.10" },
      { "licenses.web01": "delete", 'licenses["web02.example.com"]': "update" },
    ],
  ])("tells no key that the program has as one that goes: %s", async (_, licenses, expected) => {
    const { id, inputs, outputs } = await ordered();
    const { details } = await plugin.diff(URN, id, outputs, await checked({ ...two, licenses }, inputs));
    expect(details).toEqual(expected);
  });

  it("tells a license that is still to be given up by its number", async () => {
    const { id, inputs, outputs } = await ordered();
    const leaving = { "1000077": { ...membersOf(outputs).web01, id: "1000077", claim: "876xr536" } };
    const { details } = await plugin.diff(URN, id, { ...outputs, leaving }, await checked(two, inputs));
    expect(details).toEqual({ 'leaving["1000077"]': "delete" });
  });

  it.each([
    ["map", UNKNOWN, { licenses: "update" }],
    ["address", { ...two.licenses, web01: UNKNOWN }, { "licenses.web01": "update" }],
    ["input", { ...two.licenses, web01: { ip: UNKNOWN } }, { "licenses.web01.ip": "update" }],
    ["new address", { ...two.licenses, web03: UNKNOWN }, { "licenses.web03": "add" }],
  ])("finds a difference in an unknown %s, and gives nothing up for it", async (_, licenses, details) => {
    const { id, inputs, outputs } = await ordered();
    const news = await checked({ ...two, licenses }, inputs);
    expect(await plugin.diff(URN, id, outputs, news)).toEqual({
      changes: DIFF.some,
      replaces: [],
      diffs: ["licenses"],
      details,
    });
    expect(said().join("\n")).not.toContain("gives up");
    expect(calls()).toEqual([]);
  });

  it("says at the fleet what an update would do for which member, warnings as such", async () => {
    const { id, inputs, outputs } = await ordered();
    const { web01, "web02.example.com": web02 } = membersOf(outputs);
    const licenses = { web01: { ...web01, status: "deleted" }, "web02.example.com": web02 };
    const moved = { ...two, renewBeforeDays: 7, licenses: { ...two.licenses, "web02.example.com": "192.0.2.12" } };
    const news = await checked(moved, inputs);
    await plugin.diff(URN, id, { ...outputs, licenses }, news);
    expect(plugin.lines).toEqual([
      {
        severity: "info",
        urn: URN,
        message: [
          "servers: web02.example.com: an update moves it from 192.0.2.11 to 192.0.2.12",
          "servers: in all, an update moves 1 license",
        ].join("\n"),
      },
      {
        severity: "warning",
        urn: URN,
        message: expect.stringMatching(/^servers: web01: the vendor no longer has this/),
      },
    ]);
  });
});

describe("a preview of a fleet", () => {
  it("knows of an order what the program says, and calls nothing", async () => {
    await login();
    const inputs = await checked({ ...two, licenses: { ...two.licenses, web03: UNKNOWN, web04: { ip: UNKNOWN } } });
    panel.clearJournal();
    const { id, outputs } = await plugin.create(URN, inputs, { preview: true });
    expect(id).toBe("");
    expect(outputs).toMatchObject({ fleet: FLEET, counts: UNKNOWN, expiresSoonest: UNKNOWN });
    const account = `tester@${new URL(panel.endpoint).host}`;
    const planned = { id: UNKNOWN, pricelist: 9203, status: UNKNOWN, expiresOn: UNKNOWN, account };
    expect(membersOf(outputs)).toEqual({
      web01: expect.objectContaining({ ...planned, ip: "192.0.2.10", licenseName: expect.stringMatching(/^web01-/) }),
      "web02.example.com": expect.objectContaining({ ...planned, ip: "192.0.2.11" }),
      web03: UNKNOWN,
      web04: expect.objectContaining({ ...planned, ip: UNKNOWN }),
    });
    expect(calls()).toEqual([]);
  });

  it("knows no member of a map that is not known yet", async () => {
    await login();
    const inputs = await checked({ ...two, licenses: UNKNOWN });
    const { outputs } = await plugin.create(URN, inputs, { preview: true });
    expect(outputs).toEqual({ fleet: FLEET, licenses: UNKNOWN, counts: UNKNOWN, expiresSoonest: UNKNOWN });
    expect((await failureOf(plugin.create(URN, inputs))).message).toContain("not known yet");
    expect(calls()).toEqual([]);
  });

  it("knows of an update what stays of each member, and calls nothing", async () => {
    const { id, inputs, outputs } = await ordered();
    const licenses = { web01: "192.0.2.20", "web02.example.com": { ip: "192.0.2.11", product: "kernelcare" } };
    const news = await checked({ ...two, licenses }, inputs);
    panel.clearJournal();
    const planned = membersOf(await plugin.update(URN, id, outputs, news, { preview: true }));
    expect(planned.web01).toEqual({ ...membersOf(outputs).web01, ip: "192.0.2.20" });
    expect(planned["web02.example.com"]).toMatchObject({ id: UNKNOWN, pricelist: 11738, status: UNKNOWN });
    expect(calls()).toEqual([]);
  });

  it("keeps nothing of a map that is not known yet, and gives nothing up", async () => {
    const { id, inputs, outputs } = await ordered();
    const news = await checked({ ...two, licenses: UNKNOWN }, inputs);
    expect(await plugin.update(URN, id, outputs, news, { preview: true })).toMatchObject({ licenses: UNKNOWN });
    expect((await failureOf(plugin.update(URN, id, outputs, news))).message).toContain("not known yet");
    expect(calls()).toEqual([]);
    expect(books()).toEqual(["192.0.2.10 2", "192.0.2.11 2"]);
  });
});
