import { describe, expect, it } from "vitest";
import { resourceNames } from "../../cli/resourceNames";
import { licenseId } from "../../provider/billmanager/types";
import { automaticName, claimOf, nameWithClaim } from "../../provider/license/claim";

const CLAIM = claimOf("urn:pulumi:dev::licenses::billmanager:index:License::web01");

/** The resource names of licenses with these names, by their numbers. */
function named(...licenses: [id: string, licenseName: string][]): Record<string, string> {
  return Object.fromEntries(resourceNames(licenses.map(([id, licenseName]) => ({ id: licenseId(id), licenseName }))));
}

describe("the name of a resource", () => {
  it.each([
    ["web01", "web01"],
    ["Web_01.example-com", "Web_01.example-com"],
    [automaticName("web01.example.com", CLAIM), "web01.example.com"],
    [automaticName("web-", CLAIM), "web-"],
    [nameWithClaim("Shop front", CLAIM), "Shop-front"],
    ["web01-notaclam", "web01-notaclam"],
    ["  Büro [2]: café ", "Buro-2-cafe"],
    ["2nd server", "license-2nd-server"],
    ["_hidden", "license-_hidden"],
    ["../../x", "x"],
    ["Сервер", "license-7"],
    ["Сервер 1", "license-1"],
    ["", "license-7"],
    [automaticName("", CLAIM), "license-7"],
  ])("of %j is %s", (licenseName, name) => {
    expect(named(["7", licenseName])).toEqual({ 7: name });
  });

  it("is one for each license, whatever they share", () => {
    expect(named(["7", "web"], ["9", "web!"], ["10", "web-9"], ["11", automaticName("web", CLAIM)])).toEqual({
      7: "web",
      9: "web-9",
      10: "web-9-10",
      11: "web-11",
    });
  });

  it("is that of the oldest license that has it, in whatever order they are listed and whatever is bought later", () => {
    const all: [string, string][] = [
      ["1000", "web"],
      ["999", "web"],
      ["1001", "db"],
    ];
    expect(named(...all.toReversed())).toEqual(named(...all));
    expect(named(...all, ["1002", "web"], ["1003", "db"])).toMatchObject(named(...all));
    expect(named(...all)).toMatchObject({ 999: "web", 1000: "web-1000" });
  });
});
