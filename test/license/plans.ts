import { type CalendarDate, calendarDate } from "../../provider/billmanager/types";
import { claimOf } from "../../provider/license/claim";
import type { Wish } from "../../provider/license/inputs";
import { describe as phrases, plan } from "../../provider/license/plan";
import type { Observed } from "../../provider/license/state";

export const day = (text: string) => calendarDate(text) as CalendarDate;
export const today = day("2026-01-20");

export const wish: Wish = {
  claim: claimOf("urn:pulumi:prod::shop::billmanager:index:License::web01"),
  licenseName: "web01",
  product: "cloudlinux",
  pricelist: 9203,
  ip: "192.0.2.10",
  period: 1,
  suspended: false,
  autoRenew: false,
  deletionPolicy: "delete",
  recreateWhenDeleted: false,
};
export const observed: Observed = {
  licenseName: "web01",
  ip: "192.0.2.10",
  status: "active",
  expiresOn: day("2026-02-15"),
  cost: "14.00 EUR / Month",
  autoRenew: false,
};

/** The printout of the plan, which is what a preview shows. */
export const says = (changed: Partial<Observed> | undefined, wanted: Partial<Wish> = {}, on = today) => {
  const seen = changed && { ...observed, ...changed };
  return plan(seen, { ...wish, ...wanted }, on).flatMap((step) => phrases(step, seen, { ...wish, ...wanted }));
};
