import { describe, it } from "vitest";
import { claimOf } from "../../provider/license/claim";
import { playOnBothFaces, type Scenario } from "./helpers/scenarios";

const ORDER = "softexternal.order.param";
const EDIT = "softexternal.edit";
const DELETE = "softexternal.delete";
const PROLONG = "service.prolong";

/** One call after the other, so that both faces buy in the same order. */
const ONE_BY_ONE = { "billmanager:parallel": "1" };
const up = { run: "up" } as const;
const nothing = { ...up, changes: [] };
const fleet = (licenses: Readonly<Record<string, unknown>>, others: object = {}) => ({
  servers: { product: "cloudlinux", licenses, ...others },
});

const claim = claimOf("urn:pulumi:dev::licenses::billmanager:index:License::web");
const web = { product: "cloudlinux", ip: "192.0.2.10" };
const three = {
  web01: "192.0.2.10",
  web02: { ip: "192.0.2.11", licenseName: "Shop front" },
  "web03.example": "192.0.2.12",
};
const moved = { web01: "192.0.2.20", web02: "192.0.2.11", web04: { product: "kernelcare", ip: "192.0.2.13" } };
const { web01, ...others } = moved;

const SCENARIOS: readonly Scenario[] = [
  {
    title: "a fleet lives from its order to its end",
    config: ONE_BY_ONE,
    sharesLists: true,
    steps: [
      {
        run: "preview",
        program: fleet(three),
        changes: [],
        says: "servers: in all, an update orders 3 licenses, and spends 42.00 EUR",
      },
      { ...up, changes: [ORDER, ORDER, ORDER, EDIT] },
      nothing,
      { ...up, program: fleet(moved), changes: [ORDER, EDIT, EDIT, DELETE], says: "web01: an update moves it" },
      { ...nothing, program: fleet({ shop: web01, ...others }), says: "this is web01 under another key" },
      {
        ...up,
        program: fleet({ shop: web01, ...others }, { renewBeforeDays: 40 }),
        changes: [PROLONG, PROLONG, PROLONG],
      },
      { run: "refresh", before: (panel) => panel.outside.edit("1000001", { ip: "192.0.2.99" }), changes: [] },
      { ...up, changes: [EDIT], says: "shop: an update moves it from 192.0.2.99 to 192.0.2.20" },
      { run: "destroy", changes: [DELETE, DELETE, DELETE] },
    ],
  },
  {
    title: "what fails for some members is told of each, saved, and finished without a second order",
    config: ONE_BY_ONE,
    sharesLists: true,
    steps: [
      {
        ...up,
        program: fleet(three),
        before: (panel) => void panel.outside.order({ pricelist: 9203, licname: "by hand", ip: "192.0.2.12" }),
        changes: [ORDER, ORDER, EDIT],
        fails: 'to take it over, set adopt: { "web03.example": "1000001" }',
      },
      { ...up, program: fleet(three, { adopt: { "web03.example": "1000001" } }), changes: [EDIT] },
      nothing,
    ],
  },
  {
    title: "a license moves into a fleet without a purchase, and stays when that is replaced without need",
    config: ONE_BY_ONE,
    sharesLists: true,
    steps: [
      { ...up, program: { web }, changes: [ORDER] },
      {
        ...up,
        program: fleet({ web01: "192.0.2.10", web02: "192.0.2.11" }, { adopt: { web01: `1000001@${claim}` } }),
        // An automatic name waits for no order.
        changes: [EDIT, ORDER],
      },
      nothing,
      { ...nothing, flags: ["--replace", "**::servers"], says: "nothing is ordered" },
    ],
  },
  {
    title: "limits hold for a fleet as a whole, before its first order",
    config: { ...ONE_BY_ONE, "billmanager:maxOrders": "2" },
    sharesLists: true,
    steps: [
      { run: "preview", program: fleet(three), changes: [], says: "maxOrders" },
      { ...up, changes: [], fails: "web01, web02, web03.example: 3 are to be ordered" },
    ],
  },
];

describe("on both faces", () => {
  it.each(SCENARIOS)("$title", playOnBothFaces);
});
