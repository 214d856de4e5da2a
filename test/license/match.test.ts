import { describe, expect, it } from "vitest";
import {
  type CalendarDate,
  calendarDate,
  type LicenseId,
  type LicenseRow,
  licenseId,
} from "../../provider/billmanager/types";
import { claimOf } from "../../provider/license/claim";
import type { Wish } from "../../provider/license/inputs";
import {
  type Handled,
  isLive,
  isOfOthers,
  isOrdered,
  isSetAside,
  matchOrder,
  whyClosing,
} from "../../provider/license/match";

const day = (text: string) => calendarDate(text) as CalendarDate;
const today = day("2026-01-20");
const claim = claimOf("urn:pulumi:prod::shop::billmanager:index:License::web01");
const otherClaim = claimOf("urn:pulumi:prod::shop::billmanager:index:License::web02");

const wish: Wish = {
  claim,
  licenseName: `web01-${claim}`,
  product: "cloudlinux",
  pricelist: 9203,
  ip: "192.0.2.10",
  period: 1,
  suspended: false,
  autoRenew: false,
  deletionPolicy: "delete",
  recreateWhenDeleted: false,
};
const ours: LicenseRow = {
  id: licenseId("77"),
  licenseName: `web01-${claim}`,
  ip: "192.0.2.10",
  pricelist: 9203,
  tariff: "CloudLinux",
  status: "active",
  createdOn: day("2026-01-20"),
};
const nothing: Handled = { known: new Set<LicenseId>(), replaced: new Set<LicenseId>() };

const match = (rows: LicenseRow[], handled: Partial<Handled> = {}, wanted: Partial<Wish> = {}) =>
  matchOrder(rows, { ...wish, ...wanted }, { ...nothing, ...handled }, today);
const stopped = (...args: Parameters<typeof match>) => {
  const result = match(...args);
  return result.kind === "stop" ? result.reason : result.kind;
};

describe("before an order", () => {
  it("an empty account stands in no way, nor do licenses of other addresses and products", () => {
    expect(match([])).toEqual({ kind: "none" });
    expect(match([{ ...ours, id: licenseId("1"), licenseName: "web", ip: "192.0.2.11" }])).toEqual({ kind: "none" });
    expect(match([{ ...ours, id: licenseId("2"), licenseName: "web", pricelist: 9204 }])).toEqual({ kind: "none" });
  });

  it("the license that an interrupted run has bought is found, by automatic name, explicit name or remote id", () => {
    for (const row of [
      ours,
      { ...ours, licenseName: `Shop [${claim}]` },
      { ...ours, licenseName: "Shop", remoteId: claim },
    ]) {
      expect(match([row])).toEqual({ kind: "ours", id: "77" });
    }
  });

  it("a license still being opened is found too, but one that is deleted or closing is not", () => {
    expect(match([{ ...ours, status: "processing", statusReason: "open" }])).toEqual({ kind: "ours", id: "77" });
    expect(match([{ ...ours, status: "deleted" }])).toEqual({ kind: "none" });
    expect(match([{ ...ours, status: "processing", statusReason: "close" }])).toEqual({ kind: "none" });
  });

  describe("one of our claim that was suspended", () => {
    const aside: LicenseRow = { ...ours, pricelist: 11738, tariff: "KernelCare", status: "suspended" };
    const policy = { deletionPolicy: "suspend" } as const;

    it("stands in no way where another product has replaced it and the policy leaves it in the account", () => {
      expect(match([aside], {}, policy)).toEqual({ kind: "none" });
      expect(match([aside, { ...ours, id: licenseId("78") }], {}, policy)).toEqual({ kind: "ours", id: "78" });
    });

    it("stops the order in all other cases", () => {
      const others: [Partial<LicenseRow>, Partial<Wish>][] = [
        [{}, {}],
        [{ status: "active" }, policy],
        [{ statusReason: "autosuspend" }, policy],
        [{ pricelist: 9203, createdOn: day("2026-01-01") }, policy],
      ];
      for (const [changed, wanted] of others) {
        expect(stopped([{ ...aside, ...changed }], {}, wanted)).toMatch(/carries this resource's claim/);
      }
      const { pricelist: _, ...unnumbered } = aside;
      expect(stopped([unnumbered], {}, policy)).toMatch(/its tariff is not shown/);
    });

    it("is told of only where it was this resource's", () => {
      expect(isSetAside(aside, { ...wish, ...policy })).toBe(true);
      expect(isSetAside({ ...aside, licenseName: `web02-${otherClaim}` }, { ...wish, ...policy })).toBe(false);
      expect(isSetAside({ ...aside, licenseName: "bought by hand" }, { ...wish, ...policy })).toBe(false);
    });

    it("is taken where it is of the tariff that is wanted", () => {
      expect(match([{ ...aside, pricelist: 9203 }], {}, policy)).toEqual({ kind: "ours", id: "77" });
    });
  });

  it("one of our claim on another address or of another tariff stops the order", () => {
    expect(stopped([{ ...ours, ip: "192.0.2.11" }])).toBe(
      `license 77 (192.0.2.11) carries this resource's claim ${claim} but is on another address. Nothing was ordered; ` +
        'take it over as it is (adoptId: "77", ip: "192.0.2.11") and change that afterwards, or rename or delete it in the panel',
    );
    expect(stopped([{ ...ours, pricelist: 9204 }])).toMatch(
      /but is of another tariff\. Nothing was ordered; take it over as it is \(adoptId: "77", tariff 9204\) and change/,
    );
    expect(stopped([{ ...ours, pricelist: 9204, ip: "192.0.2.11" }])).toMatch(
      /\(adoptId: "77", tariff 9204, ip: "192\.0\.2\.11"\)/,
    );
  });

  it("advises nothing that the next update would refuse", () => {
    const { pricelist: _, ...unnumbered } = ours;
    expect(stopped([unnumbered])).toMatch(/is not shown\. Nothing was ordered; rename or delete it in the panel$/);
    const { ip: __, ...unplaced } = ours;
    expect(stopped([unplaced])).toMatch(/take it over as it is \(adoptId: "77"\) and change that afterwards/);
    // Its claim does not go with its name.
    expect(stopped([{ ...ours, pricelist: 9204, remoteId: claim }])).toMatch(/afterwards, or delete it in the panel$/);
    const others = [
      { ...ours, pricelist: 9204 },
      { ...ours, id: licenseId("78"), ip: "192.0.2.11" },
    ];
    expect(stopped(others)).toMatch(/77 and 78 do\. Nothing was ordered; rename or delete all but one of them in the/);
    expect(stopped([...others, { ...ours, id: licenseId("79") }])).toMatch(
      /^license 79 .* 77 and 78 and 79 do\. Nothing was ordered; to keep it, set adoptId: "79"$/,
    );
  });

  it("one of our claim that was bought long ago stops the order: no interrupted run has just bought it", () => {
    expect(match([{ ...ours, createdOn: day("2026-01-13") }])).toEqual({ kind: "ours", id: "77" });
    expect(stopped([{ ...ours, createdOn: day("2026-01-12") }])).toMatch(/was bought on 2026-01-12.*set adoptId: "77"/);
    const { createdOn: _, ...dateless } = ours;
    expect(stopped([dateless])).toMatch(/shows no date/);
  });

  it("two of our claim stop the order and are both named", () => {
    expect(stopped([ours, { ...ours, id: licenseId("78") }])).toMatch(/77 and 78/);
  });

  it("one of our claim that stands in the state of this run stops the order", () => {
    expect(stopped([ours], { known: new Set([ours.id]) })).toMatch(
      /stands in the state of this run already\. Nothing was ordered; if another resource has it, give one of the two another name; for --replace, leave --refresh out$/,
    );
    // To delete it, as is advised of others on another address, would take it from that resource.
    const elsewhere = { ...ours, ip: "192.0.2.11" };
    expect(stopped([elsewhere], { known: new Set([ours.id]) })).toMatch(/give one of the two another name/);
  });

  it("somebody else's license of this product on this address stops the order and says how it could be taken over", () => {
    expect(stopped([{ ...ours, licenseName: "bought by hand" }])).toBe(
      'license 77 (192.0.2.10) is a CloudLinux license on this address already. Nothing was ordered; to take it over, set adoptId: "77"',
    );
    expect(stopped([{ ...ours, licenseName: `web02-${otherClaim}` }])).toBe(
      `license 77 (192.0.2.10) is a CloudLinux license on this address already, bought for another resource (claim ${otherClaim}). Nothing was ordered; to take it over, set adoptId: "77@${otherClaim}"`,
    );
  });

  it("a license without an address is known by its name", () => {
    const { ip: _, ...anywhere } = { ...wish, product: "bitninja", pricelist: 55369, licenseName: "shop" };
    const { ip: __, ...row } = { ...ours, pricelist: 55369, licenseName: "shop" };
    const found = matchOrder([row], anywhere, nothing, today);
    expect(found.kind === "stop" && found.reason).toMatch(/^license 77 is a bitninja license of this name already/);
    expect(matchOrder([{ ...row, licenseName: "other" }], anywhere, nothing, today)).toEqual({ kind: "none" });
  });

  it("one that the vendor will close stops the order, with its date", () => {
    expect(stopped([{ ...ours, licenseName: "old", scheduledClose: { on: day("2026-02-01") } }])).toBe(
      "license 77 (192.0.2.10) is a CloudLinux license on this address that the vendor will close on 2026-02-01. Nothing was ordered; wait until it is gone",
    );
    expect(stopped([{ ...ours, licenseName: "old", scheduledClose: {} }])).toMatch(
      /that the vendor will close\. Nothing was ordered; wait until it is gone$/,
    );
  });

  it("one that the vendor will close elsewhere stands in no way, not even with our claim", () => {
    const closing = { ...ours, scheduledClose: { on: day("2026-02-01") } };
    expect(match([{ ...closing, ip: "192.0.2.11" }])).toEqual({ kind: "none" });
    expect(match([{ ...closing, pricelist: 9204 }])).toEqual({ kind: "none" });
  });

  it("the license that is being replaced by another product does not stand in the way of the new one", () => {
    const softaculous = { product: "softaculous", pricelist: 9204 };
    expect(match([ours], { replaced: new Set([ours.id]) }, softaculous)).toEqual({ kind: "none" });
    expect(stopped([ours], {}, softaculous)).toMatch(/of another tariff/);
  });

  it("a license whose tariff the panel does not show stops the order: it may be the one", () => {
    const { pricelist: _, ...unnumbered } = ours;
    expect(stopped([{ ...unnumbered, licenseName: "bought by hand" }])).toMatch(
      /whose tariff the panel does not show\. Nothing was ordered; it may be the one that is to be ordered: look in the panel$/,
    );
    expect(stopped([unnumbered])).toMatch(/but its tariff is not shown\. Nothing was ordered/);
  });

  it("the claim in the name of a license that was taken over counts more than the remote id of its order", () => {
    expect(stopped([{ ...ours, licenseName: `web02-${otherClaim}`, remoteId: claim }])).toMatch(
      /bought for another resource/,
    );
    expect(match([{ ...ours, remoteId: otherClaim }])).toEqual({ kind: "ours", id: "77" });
  });
});

describe("before an order without an address", () => {
  const { ip: _, ...anywhere } = ours;
  const other: LicenseRow = { ...anywhere, licenseName: "Shop", pricelist: 55369, tariff: "BitNinja" };
  const anywhereNamed = (rows: LicenseRow[], licenseName = "Shop") => {
    const { ip: __, product: ___, ...rest } = wish;
    return matchOrder(rows, { ...rest, licenseName, pricelist: 55369 }, nothing, today);
  };

  it("licenses of other names and tariffs stand in no way, wherever they are", () => {
    expect(
      anywhereNamed([
        { ...other, licenseName: "Shop 2" },
        { ...other, pricelist: 9203 },
      ]),
    ).toEqual({
      kind: "none",
    });
  });

  it.each([
    ["Shop", "license 77 is a tariff 55369 license of this name already. Nothing was ordered"],
    [`Shop [${otherClaim}]`, `of this name already, bought for another resource (claim ${otherClaim})`],
  ])("one of the same tariff that is called %j stops it, as the same address would", (licenseName, reason) => {
    expect(anywhereNamed([{ ...other, licenseName }])).toMatchObject({
      kind: "stop",
      reason: expect.stringContaining(reason),
    });
  });

  it("one of this name that is about to close stops it", () => {
    expect(anywhereNamed([{ ...other, scheduledClose: { on: day("2026-02-01") } }])).toMatchObject({
      reason: expect.stringContaining("license of this name that the vendor will close on 2026-02-01"),
    });
    expect(anywhereNamed([{ ...other, licenseName: "Shop 2", scheduledClose: {} }])).toEqual({ kind: "none" });
  });

  it("the license that an interrupted run has bought is found, also where the panel has given it an address", () => {
    expect(anywhereNamed([{ ...other, licenseName: `Shop [${claim}]` }])).toEqual({ kind: "ours", id: "77" });
    expect(anywhereNamed([{ ...other, licenseName: `Shop [${claim}]`, ip: "192.0.2.77" }])).toEqual({
      kind: "ours",
      id: "77",
    });
  });
});

describe("whether a license is there to stay", () => {
  it.each<[string, Partial<LicenseRow>, boolean]>([
    ["in service", {}, true],
    ["being opened", { status: "processing", statusReason: "open" }, true],
    ["suspended by the vendor", { status: "suspended", statusReason: "abusesuspend" }, true],
    ["deleted", { status: "deleted" }, false],
    ["being closed", { status: "processing", statusReason: "close" }, false],
    ["to be closed on a day", { scheduledClose: { on: day("2026-02-01") } }, false],
    ["to be closed on a day that is not shown", { scheduledClose: {} }, false],
  ])("is told of one %s: %j, %s", (_, changed, expected) => {
    expect(isLive({ ...ours, ...changed })).toBe(expected);
  });

  it("is told with the day where one is shown, and with what can be done", () => {
    expect(whyClosing({ ...ours, scheduledClose: { on: day("2026-02-01") } })).toBe(
      "the vendor will close it on 2026-02-01; cancel that in the panel first",
    );
    const closing = "the vendor is closing it; cancel that in the panel first";
    expect(whyClosing({ ...ours, scheduledClose: {} })).toBe(closing);
    expect(whyClosing({ ...ours, status: "processing", statusReason: "close" })).toBe(closing);
  });
});

describe("a license that an order's answer named, or that appeared after it", () => {
  const order = { claim, pricelist: 9203, ip: "192.0.2.10" };
  const byHand: LicenseRow = { ...ours, licenseName: "bought by hand" };

  it("is what was ordered where claim, tariff and address agree and it is there to stay", () => {
    expect(isOrdered(ours, order)).toBe(true);
    for (const changed of [
      { licenseName: `web02-${otherClaim}` },
      { licenseName: "bought by hand" },
      { pricelist: 9204 },
      { ip: "192.0.2.11" },
      { status: "deleted" },
      { scheduledClose: {} },
    ] as const) {
      expect(isOrdered({ ...ours, ...changed }, order)).toBe(false);
    }
  });

  it("may be on any address where the order named none", () => {
    const anywhere = { claim, pricelist: 9203 };
    expect(isOrdered(ours, anywhere)).toBe(true);
    expect(isOrdered({ ...ours, pricelist: 9204 }, anywhere)).toBe(false);
  });

  it("is somebody else's where it carries another claim, and never where it carries ours", () => {
    expect(isOfOthers({ ...ours, licenseName: `web02-${otherClaim}` }, order)).toBe(true);
    expect(isOfOthers(ours, order)).toBe(false);
    expect(isOfOthers({ ...ours, pricelist: 9204, ip: "192.0.2.11" }, order)).toBe(false);
  });

  it("is somebody else's without a claim where tariff or address is another, and in doubt otherwise", () => {
    const { pricelist: _, ...unnumbered } = byHand;
    expect(isOfOthers({ ...byHand, pricelist: 9204 }, order)).toBe(true);
    expect(isOfOthers({ ...byHand, ip: "192.0.2.11" }, order)).toBe(true);
    expect(isOfOthers({ ...unnumbered, ip: "192.0.2.11" }, order)).toBe(true);
    expect(isOfOthers(byHand, order)).toBe(false);
    expect(isOfOthers(unnumbered, order)).toBe(false);
  });
});
