import { describe, expect, it } from "vitest";
import {
  automaticName,
  type Claim,
  characters,
  claimInName,
  claimOf,
  claimOfMember,
  isAutomaticName,
  nameWithClaim,
  nameWithoutClaim,
  parseClaim,
} from "../../provider/license/claim";

const URN = "urn:pulumi:prod::shop::billmanager:index:License::web01";

describe("a claim", () => {
  it("is the same for the same resource, whichever face handles it", () => {
    expect(claimOf("urn:pulumi:prod::shop::pulumi-nodejs:dynamic/billmanager:License::web01")).toBe(claimOf(URN));
  });

  it("stays the same from version to version, since licenses at the vendor carry it", () => {
    expect(claimOf(URN)).toBe("vk76hhv0");
    expect(claimOf(URN, "team-a")).toBe("yhpqk500");
  });

  it("differs between resources and between owners of one account", () => {
    const claims = [claimOf(URN), claimOf(`${URN}b`), claimOf(URN, "team-a"), claimOf(URN, "team-b")];
    expect(new Set(claims).size).toBe(4);
  });

  it("has eight characters", () => {
    expect(claimOf(URN)).toMatch(/^[0-9a-z]{8}$/);
  });

  it("is told from a word of eight letters by its check characters", () => {
    const claim = claimOf(URN);
    expect(parseClaim(claim)).toBe(claim);
    expect(parseClaim(`${claim.slice(0, 7)}${claim.endsWith("0") ? "1" : "0"}`)).toBeUndefined();
    expect(parseClaim("frontend")).toBeUndefined();
    expect(parseClaim("")).toBeUndefined();
  });
});

describe("the claim of a license of a fleet", () => {
  const fleet = claimOf("urn:pulumi:prod::shop::billmanager:index:LicenseFleet::web");

  it("stays the same from version to version, too", () => {
    expect(claimOfMember(fleet, "web01")).toBe("65th8h4b");
    expect(claimOfMember(fleet, "web01", 1)).toBe("x7qj57dr");
  });

  it("is a claim like others, another one for each key, fleet and attempt", () => {
    const claims = [
      claimOfMember(fleet, "web01"),
      claimOfMember(fleet, "web02"),
      claimOfMember(claimOf(URN), "web01"),
      claimOfMember(fleet, "web01", 1),
      claimOfMember(fleet, "web01", 2),
    ];
    expect(claims.map(parseClaim)).toEqual(claims);
    expect(new Set(claims).size).toBe(5);
  });
});

describe("a name at the vendor", () => {
  const claim = claimOf(URN);

  it("shows its claim in both forms", () => {
    expect(claimInName(automaticName("web01", claim))).toBe(claim);
    expect(claimInName(nameWithClaim("Shop front", claim))).toBe(claim);
  });

  it.each(["web01", "web-frontend", "web [frontend]", "", `${claim}-web`])(
    "shows none where it carries none: %j",
    (name) => {
      expect(claimInName(name)).toBeUndefined();
    },
  );

  it("shows none that does not stand at its end", () => {
    expect(claimInName(`web01-${claim}-old`)).toBeUndefined();
    expect(claimInName(`Shop [${claim}] old`)).toBeUndefined();
  });

  it("is made without what no panel keeps: control characters, and blanks at its beginning", () => {
    expect(automaticName(" \tweb\n01", claim)).toBe(`web01-${claim}`);
    expect(automaticName("web ", claim)).toBe(`web -${claim}`);
  });

  it("is shortened to the vendor's 255 characters with its claim whole, without cutting a character in two", () => {
    const name = automaticName("𝔴".repeat(300), claim);
    expect(characters(name)).toHaveLength(255);
    expect(name.isWellFormed()).toBe(true);
    expect(claimInName(name)).toBe(claim);
  });

  it("is read without the claim that an order has put behind it, and otherwise whole", () => {
    expect(nameWithoutClaim(nameWithClaim("Shop front", claim))).toBe("Shop front");
    for (const name of [
      "Shop front",
      "Shop [frontend]",
      "Shop [undefined]",
      automaticName("web01", claim),
      ` [${claim}`,
    ]) {
      expect(nameWithoutClaim(name)).toBe(name);
    }
  });

  it("counts as automatic only with its own claim", () => {
    expect(isAutomaticName(`web01-${claim}`, claim)).toBe(true);
    expect(isAutomaticName("web01", claim)).toBe(false);
    expect(isAutomaticName(`web01-${claim}`, claimOf(`${URN}b`) as Claim)).toBe(false);
  });
});
