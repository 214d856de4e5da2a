import { describe, it } from "vitest";
import { claimOf } from "../../provider/license/claim";
import { playOnBothFaces, type Scenario } from "./helpers/scenarios";

const ORDER = "softexternal.order.param";
const EDIT = "softexternal.edit";
const SUSPEND = "softexternal.suspend";
const RESUME = "softexternal.resume";
const DELETE = "softexternal.delete";
const PROLONG = "service.prolong";

const web = { product: "cloudlinux", ip: "192.0.2.10" };
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const claim = (name: string) => claimOf(`urn:pulumi:dev::licenses::billmanager:index:License::${name}`);
const up = { run: "up" } as const;
const nothing = { ...up, changes: [] };

/** The main job, and each money rule that a face could break. */
const SCENARIOS: readonly Scenario[] = [
  {
    title: "a license lives from its order to its end",
    steps: [
      { run: "preview", program: { web }, changes: [], says: "an update orders CloudLinux for 192.0.2.10" },
      { ...up, changes: [ORDER] },
      nothing,
      { run: "preview", program: { web: { ...web, ip: "192.0.2.11" } }, changes: [], says: "an update moves it" },
      { ...up, changes: [EDIT] },
      { ...up, program: { web: { ...web, ip: "192.0.2.11", licenseName: "Shop front" } }, changes: [EDIT] },
      { ...up, program: { web: { ...web, ip: "192.0.2.11", suspended: true } }, changes: [SUSPEND, EDIT] },
      { ...up, program: { web: { ...web, ip: "192.0.2.11" } }, changes: [RESUME] },
      { ...up, program: { web: { ...web, ip: "192.0.2.11", renewBeforeDays: 40 } }, changes: [PROLONG] },
      { ...up, program: { web: { ...web, ip: "192.0.2.11", paidUntil: inDays(100) } }, changes: [PROLONG, PROLONG] },
      { ...up, program: { web: { ...web, ip: "192.0.2.11", autoRenew: true } }, changes: [EDIT] },
      nothing,
      { run: "refresh", before: (panel) => panel.outside.edit("1000001", { ip: "192.0.2.99" }), changes: [] },
      { ...up, changes: [EDIT], says: "an update moves it from 192.0.2.99 to 192.0.2.11" },
      { run: "destroy", changes: [DELETE] },
    ],
  },
  {
    title: "each product is ordered once, with all that the program asks for",
    steps: [
      {
        ...up,
        program: { front: { ...web, product: "softaculous", licenseName: "Shop front", suspended: true } },
        changes: [ORDER, SUSPEND, EDIT],
      },
      {
        ...up,
        program: {
          front: { ...web, product: "softaculous", licenseName: "Shop front", suspended: true },
          kernel: { product: "kernelcare", ip: "2001:DB8:0::10", autoRenew: true },
        },
        changes: [ORDER],
      },
      nothing,
    ],
  },
  {
    title: "an order whose answer is lost is found, and not sent again",
    steps: [
      {
        ...up,
        program: { web },
        before: (panel) => panel.faults.arm({ func: ORDER, effect: "charge", kind: "closed" }),
        changes: [ORDER],
      },
      nothing,
    ],
  },
  {
    title: "an order that is not found for now fails the run, and the next one finds it",
    config: { "billmanager:searchTimeout": "1" },
    steps: [
      {
        ...up,
        program: { web },
        before: (panel) =>
          panel.faults.arm({ func: ORDER, effect: "charge", kind: "closed", hiddenFor: { seconds: 600 } }),
        changes: [ORDER],
        fails: "so it may or may not have been bought and charged",
      },
      { ...up, before: (panel) => panel.outside.reveal(), changes: [], says: "which an earlier run has bought for it" },
    ],
  },
  {
    title: "what is bought and not finished is saved, and finished without an order",
    config: { "billmanager:activationTimeout": "1" },
    steps: [
      {
        ...up,
        program: { web: { ...web, licenseName: "Shop front" } },
        before: (panel) => panel.knobs.set({ processing: { open: "stuck" } }),
        changes: [ORDER],
        fails: "is still being processed by the vendor after 1 seconds",
      },
      {
        ...up,
        before: (panel) => {
          panel.knobs.reset();
          panel.outside.finish("1000001");
        },
        changes: [EDIT],
      },
      nothing,
    ],
  },
  {
    title: "a renewal whose answer is lost and that does not show is not sent twice",
    config: { "billmanager:searchTimeout": "1" },
    steps: [
      { ...up, program: { web }, changes: [ORDER] },
      {
        ...up,
        program: { web: { ...web, paidUntil: inDays(40) } },
        before: (panel) => panel.faults.arm({ func: PROLONG, kind: "closed", hiddenFor: { seconds: 600 } }),
        changes: [PROLONG],
        fails: "so the renewal may or may not have been charged",
      },
      { ...up, before: (panel) => panel.outside.reveal(), changes: [] },
    ],
  },
  {
    title: "a wrong password is one call and one explanation",
    steps: [
      {
        ...up,
        program: { web },
        before: (panel) => panel.outside.setPassword("tester", "rotated"),
        changes: [],
        fails: "BILLmanager refused",
      },
    ],
  },
  {
    title: "a license that is there already is not bought again",
    steps: [
      {
        ...up,
        program: { web },
        before: (panel) => void panel.outside.order({ pricelist: 9203, licname: "by hand", ip: web.ip }),
        changes: [],
        fails: 'to take it over, set adoptId: "1000001"',
      },
      { ...up, program: { web: { ...web, adoptId: "1000001" } }, changes: [EDIT] },
      nothing,
    ],
  },
  {
    title: "a license that is gone is bought again only on request",
    steps: [
      { ...up, program: { web }, changes: [ORDER] },
      { run: "refresh", before: (panel) => panel.outside.delete("1000001"), changes: [] },
      { ...nothing, says: "the vendor no longer has this license" },
      { ...up, program: { web: { ...web, recreateWhenDeleted: true } }, changes: [ORDER] },
      nothing,
    ],
  },
  {
    title: "limits refuse an order before it is sent",
    steps: [
      {
        run: "preview",
        program: { web: { ...web, maxPrice: "10.00 EUR" } },
        changes: [],
        says: "an update would refuse",
      },
      { ...up, changes: [], fails: "14.00 EUR" },
      { ...up, program: { web: { ...web, maxPrice: "14.00 EUR" } }, changes: [ORDER] },
    ],
  },
  {
    title: "a run that may not order orders nothing",
    config: { "billmanager:allowOrders": "false" },
    steps: [{ ...up, program: { web }, changes: [], fails: "allowOrders" }],
  },
  {
    title: "another product is ordered before the old one is given up, or after",
    steps: [
      { ...up, program: { web }, changes: [ORDER] },
      { ...up, program: { web: { ...web, product: "kernelcare" } }, changes: [ORDER, DELETE] },
      {
        ...up,
        program: { web: { ...web, product: "softaculous", deleteBeforeReplace: true } },
        changes: [DELETE, ORDER],
      },
    ],
  },
  {
    title: "a license that is replaced without need is kept",
    steps: [
      { ...up, program: { web }, changes: [ORDER] },
      { ...nothing, flags: ["--replace", "**::web"], says: "nothing is ordered" },
    ],
  },
  {
    title: "a resource that is renamed with an alias keeps its license",
    steps: [
      { ...up, program: { web }, changes: [ORDER] },
      { ...nothing, program: { shop: { ...web, aliases: [{ name: "web" }] } } },
      { run: "destroy", changes: [DELETE] },
    ],
  },
  {
    title: "a license that is to be kept is suspended, and nobody renews it",
    steps: [
      { ...up, program: { web: { ...web, deletionPolicy: "suspend", autoRenew: true } }, changes: [ORDER] },
      { ...up, program: {}, changes: [EDIT, SUSPEND] },
    ],
  },
  {
    title: "a license that another resource has taken over is left alone",
    steps: [
      { ...up, program: { web }, changes: [ORDER] },
      {
        run: "destroy",
        before: (panel) => panel.outside.edit("1000001", { licname: `shop-${claim("shop")}` }),
        changes: [],
        says: `it carries the claim ${claim("shop")} of another resource`,
      },
    ],
  },
  {
    title: "a panel that cannot be reached takes nothing out of the state",
    config: { "billmanager:timeout": "1" },
    steps: [
      { ...up, program: { web }, changes: [ORDER] },
      {
        run: "refresh",
        before: (panel) => panel.faults.arm({ kind: "http", status: 503, times: 8 }),
        changes: [],
        fails: "503",
      },
      { ...nothing, before: (panel) => panel.faults.clear() },
    ],
  },
];

describe("on both faces", () => {
  it.each(SCENARIOS)("$title", playOnBothFaces);
});
