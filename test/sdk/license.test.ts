import { describe, expect, it } from "vitest";
import { License, type LicenseArgs } from "../../sdk/index";

const args: LicenseArgs = { product: "cloudlinux", ip: "192.0.2.10" };

describe("an option that cannot work for a License", () => {
  it.each([
    [
      { import: "1234567" },
      'License "web01": the option import cannot be used; set the input adoptId: "<the license\'s number>" instead',
    ],
    [
      { replaceOnChanges: ["ip"] },
      'License "web01": the option replaceOnChanges cannot be used; it has no effect here',
    ],
    [
      { replacementTrigger: "2" },
      'License "web01": the option replacementTrigger cannot be used; the old license would be taken for the new one; ' +
        "a changed product or pricelist replaces the license, or give it a Provider",
    ],
    [{ replaceWith: [] }, 'License "web01": the option replaceWith cannot be used; the old license would be taken'],
    [{ customTimeouts: { create: "5m" } }, "set config billmanager:activationTimeout (seconds) instead"],
  ])("%j is refused at once, saying what to use instead", (options, message) => {
    expect(() => new License("web01", args, options)).toThrow(message);
  });
});
