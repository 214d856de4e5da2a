import { DEFAULTS, type LicenseInputs, UNKNOWN, withoutAbsent } from "./inputs";
import { type Pricelists, pricelistOf } from "./products";
import type { LicenseOutputs } from "./state";
import type { LicenseDiff } from "./update";

/** Outputs as a preview knows them. */
export type PlannedOutputs = Readonly<Record<string, unknown>>;

/** The outputs of a license to be ordered, as far as they can be told before. */
export function plannedOrder(inputs: LicenseInputs, pricelists: Pricelists, account: string): PlannedOutputs {
  return { ...asked(inputs, pricelists), ...ONLY_THE_VENDOR_KNOWS, account };
}

/** The outputs of a license after an update. What becomes of its status and its term is the vendor's to tell. */
export function plannedUpdate(
  inputs: LicenseInputs,
  pricelists: Pricelists,
  old: LicenseOutputs,
  { changed }: Pick<LicenseDiff, "changed">,
): PlannedOutputs {
  const { status, statusReason, createdOn, expiresOn, tariff, cost, account } = old;
  const isTouched = changed.some((name) => name === "suspended" || name === "expiresOn" || name === "status");
  // What the program asks for and no step brings about stays as it was seen.
  const asSeen = SHOWN.filter((name) => inputs[name] !== UNKNOWN && !changed.includes(name));
  return {
    ...withoutAbsent({ statusReason, createdOn, expiresOn, tariff, cost }),
    status,
    account,
    ...asked(inputs, pricelists),
    ...Object.fromEntries(asSeen.map((name) => [name, old[name]])),
    ...(isTouched ? { status: UNKNOWN, statusReason: UNKNOWN } : {}),
    ...(changed.includes("expiresOn") ? { expiresOn: UNKNOWN } : {}),
  };
}

/** Outputs that are the vendor's, and inputs at the same time. */
const SHOWN = ["licenseName", "ip", "suspended", "autoRenew"] as const;

const ONLY_THE_VENDOR_KNOWS = {
  status: UNKNOWN,
  statusReason: UNKNOWN,
  createdOn: UNKNOWN,
  expiresOn: UNKNOWN,
  tariff: UNKNOWN,
  cost: UNKNOWN,
  autoRenew: UNKNOWN,
};

function asked(inputs: LicenseInputs, pricelists: Pricelists): PlannedOutputs {
  const { product, pricelist } = inputs;
  const tariff = typeof product === "string" ? pricelistOf(product, pricelists) : (product ?? pricelist);
  return { ...DEFAULTS, ...inputs, pricelist: tariff };
}
