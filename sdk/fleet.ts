import * as pulumi from "@pulumi/pulumi";
import { FLEET_PROVIDER_TEXT } from "../provider/dynamic";
import type { DeletionPolicy, LicenseArgs, LicenseStatus } from "./license";
import { hasProvider, identityOf, refuseOptions } from "./resource";

/** What a program asks for of one license of a fleet; what is left out is as the fleet says. */
export type FleetMemberArgs = Omit<LicenseArgs, "adoptId">;

/** What a program asks for. Inputs of a license hold for all members that say nothing else. */
export interface LicenseFleetArgs extends FleetMemberArgs {
  /**
   * The licenses, each under a key of its own choice, such as a server's name: its address, or its inputs. A key that changes while tariff
   * and address stay is a rename.
   */
  licenses: pulumi.Input<Record<string, pulumi.Input<string | FleetMemberArgs>>>;
  /** Licenses to take over instead of ordering them, by the member's key: each one's number. Matters only when the member is new. */
  adopt?: pulumi.Input<Record<string, pulumi.Input<string>> | undefined>;
}

/** One license of a fleet, as the vendor shows it. What is absent the vendor does not show, or the program does not say. */
export interface FleetLicense {
  /** The license's number at the vendor. */
  readonly id: string;
  readonly licenseName: string;
  /** The tariff's number. */
  readonly pricelist: number;
  readonly product?: string;
  /** In canonical form. */
  readonly ip?: string;
  readonly period: number;
  /** Whether the license is suspended on the customer's own request. */
  readonly suspended: boolean;
  readonly autoRenew?: boolean;
  readonly renewBeforeDays?: number;
  readonly paidUntil?: string;
  readonly maxPrice?: string;
  readonly adoptId?: string;
  readonly deletionPolicy: DeletionPolicy;
  readonly recreateWhenDeleted: boolean;
  readonly status: LicenseStatus;
  /** The vendor's sub-code, such as `autosuspend`. */
  readonly statusReason?: string;
  /** `YYYY-MM-DD` */
  readonly createdOn?: string;
  /** `YYYY-MM-DD` */
  readonly expiresOn?: string;
  /** The tariff's name at the vendor. */
  readonly tariff?: string;
  /** Price and period in the vendor's words, such as `14.00 EUR / Month`. */
  readonly cost?: string;
  /** `username@host` that showed the license last. */
  readonly account: string;
}

/**
 * Many software licenses as one resource, which the engine handles in one step: hundreds are bought about as fast as their orders can be
 * sent. Each keeps the rules of a `License`.
 *
 * An update that cannot be carried out for some members is carried out for all others; the next one goes on.
 */
export class LicenseFleet extends pulumi.CustomResource {
  /** The licenses by their keys. */
  declare readonly licenses: pulumi.Output<Record<string, FleetLicense>>;
  /** The first day on which one of them runs out, `YYYY-MM-DD`; absent where the vendor shows no date. */
  declare readonly expiresSoonest: pulumi.Output<string | undefined>;
  /** How many there are of each status. */
  declare readonly counts: pulumi.Output<Record<LicenseStatus, number>>;

  constructor(name: string, args: LicenseFleetArgs, opts?: pulumi.CustomResourceOptions) {
    const label = `LicenseFleet "${name}"`;
    if (hasProvider(label, TYPE, opts)) {
      super(TYPE, name, { ...args, ...OBSERVED }, opts);
    } else {
      refuseOptions(label, INSTEAD_OF_OPTIONS, opts);
      const { automatic } = identityOf(name, TYPE, opts);
      const properties = { __provider: FLEET_PROVIDER_TEXT, ...args, fleet: automatic, ...OBSERVED };
      super("pulumi-nodejs:dynamic/billmanager:LicenseFleet", name, properties, opts);
    }
  }
}

const TYPE = "billmanager:index:LicenseFleet";

/** Properties that only the vendor knows: naming them makes them outputs. */
const OBSERVED = { expiresSoonest: undefined, counts: undefined };

const OF_MEMBERS = "a changed product or pricelist replaces the member's license, everything else is changed in place";

const INSTEAD_OF_OPTIONS = {
  import: 'set the input adopt: { "<key>": "<the license\'s number>" } instead',
  replaceOnChanges: `it has no effect here; ${OF_MEMBERS}`,
  replacementTrigger: OF_MEMBERS,
  replaceWith: OF_MEMBERS,
  customTimeouts: "set config billmanager:activationTimeout (seconds) instead",
};
