import * as pulumi from "@pulumi/pulumi";
import { PROVIDER_TEXT } from "../provider/dynamic";
import { hasProvider, identityOf, refuseOptions } from "./resource";

/** The products that the vendor documents, and any name that config `billmanager:pricelists` adds. */
export type Product = "cloudlinux" | "softaculous" | "kernelcare" | (string & {});

/** What the vendor shows of a license's life. */
export type LicenseStatus = "ordered" | "processing" | "active" | "suspended" | "deleted";

/** What becomes of a license whose resource is destroyed. */
export type DeletionPolicy = "delete" | "suspend";

/** What a program asks for. */
export interface LicenseArgs {
  /** A product's name; give either this or `pricelist`. A changed product is another license: ordered before the old one is given up. */
  product?: pulumi.Input<Product | undefined>;
  /** A tariff's number, such as 9203; give either this or `product`. */
  pricelist?: pulumi.Input<number | undefined>;
  /** The address that the license is for, IPv4 or IPv6. A changed address moves the license. */
  ip?: pulumi.Input<string | undefined>;
  /** The name at the vendor, 1 to 244 characters. Default: the resource's name and its claim, `web01-8k2m0xqp`. */
  licenseName?: pulumi.Input<string | undefined>;
  /** Months per order and per renewal. Default 1. */
  period?: pulumi.Input<number | undefined>;
  /** Out of service, but kept. Default false. */
  suspended?: pulumi.Input<boolean | undefined>;
  /** The vendor renews at expiry, from the account's balance. Default false. */
  autoRenew?: pulumi.Input<boolean | undefined>;
  /** An update that runs this many days before expiry, or later, renews one period. Default: none does. */
  renewBeforeDays?: pulumi.Input<number | undefined>;
  /** An update renews until the license is paid at least to this day, `YYYY-MM-DD`. Default: none does. */
  paidUntil?: pulumi.Input<string | undefined>;
  /**
   * The most that one period may cost, such as `"20.00 EUR"`: an order or a renewal above it is refused, and so is one whose price
   * the vendor does not tell. Default: none.
   */
  maxPrice?: pulumi.Input<string | undefined>;
  /** Take over the license of this number instead of ordering one. Matters only when the resource is created. */
  adoptId?: pulumi.Input<string | undefined>;
  /** What destroying the resource does: give the license up, or suspend it and keep it. Default `delete`. */
  deletionPolicy?: pulumi.Input<DeletionPolicy | undefined>;
  /** Order anew what the vendor shows as deleted. Default false. */
  recreateWhenDeleted?: pulumi.Input<boolean | undefined>;
}

/**
 * One software license for one server, bought on a BILLmanager account.
 *
 * Creating it orders it and charges the account's balance; deleting it gives it up, usually without a refund. A preview does neither.
 */
export class License extends pulumi.CustomResource {
  /** The tariff's number. */
  declare readonly pricelist: pulumi.Output<number>;
  declare readonly product: pulumi.Output<string | undefined>;
  /** As the vendor shows it, in canonical form. */
  declare readonly ip: pulumi.Output<string | undefined>;
  /** As the vendor shows it. */
  declare readonly licenseName: pulumi.Output<string>;
  declare readonly period: pulumi.Output<number>;
  /** Whether the license is suspended on the customer's own request. */
  declare readonly suspended: pulumi.Output<boolean>;
  /** Whether the vendor renews, as observed; absent where the panel does not show it. */
  declare readonly autoRenew: pulumi.Output<boolean | undefined>;
  declare readonly renewBeforeDays: pulumi.Output<number | undefined>;
  declare readonly paidUntil: pulumi.Output<string | undefined>;
  declare readonly maxPrice: pulumi.Output<string | undefined>;
  declare readonly adoptId: pulumi.Output<string | undefined>;
  declare readonly deletionPolicy: pulumi.Output<DeletionPolicy>;
  declare readonly recreateWhenDeleted: pulumi.Output<boolean>;
  declare readonly status: pulumi.Output<LicenseStatus>;
  /** The vendor's sub-code, such as `autosuspend` or `abusesuspend`; absent where there is none. */
  declare readonly statusReason: pulumi.Output<string | undefined>;
  /** `YYYY-MM-DD`; absent where the vendor shows no date. */
  declare readonly createdOn: pulumi.Output<string | undefined>;
  /** `YYYY-MM-DD`; absent where the vendor shows no date. */
  declare readonly expiresOn: pulumi.Output<string | undefined>;
  /** The tariff's name at the vendor. */
  declare readonly tariff: pulumi.Output<string | undefined>;
  /** Price and period in the vendor's words, such as `14.00 EUR / Month`. */
  declare readonly cost: pulumi.Output<string | undefined>;
  /** `username@host` that showed the license last. */
  declare readonly account: pulumi.Output<string>;

  constructor(name: string, args: LicenseArgs, opts?: pulumi.CustomResourceOptions) {
    const label = `License "${name}"`;
    const isOnPlugin = hasProvider(label, TYPE, opts);
    if (!isOnPlugin) {
      refuseOptions(label, INSTEAD_OF_OPTIONS, opts);
    }
    // The engine's library takes a stack trace for each property of each resource, through the source maps of a TypeScript program:
    // without them a program with hundreds of licenses starts in half the time. The place of the declaration is taken apart from it.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      if (isOnPlugin) {
        super(TYPE, name, { ...INPUTS, ...args, ...OBSERVED }, opts);
      } else {
        const properties = opts?.id === undefined ? declared(name, args, opts) : LOOKED_UP;
        super("pulumi-nodejs:dynamic/billmanager:License", name, properties, opts);
      }
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  }

  /** Reads a license that exists at the vendor, by its number there, without managing it. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): License {
    return new License(name, {}, { ...opts, id });
  }
}

/** The type of a license that the plugin handles; claims count it as that of every license. */
const TYPE = "billmanager:index:License";

/** Properties that only the vendor knows: naming them makes them outputs. */
const OBSERVED = {
  status: undefined,
  statusReason: undefined,
  createdOn: undefined,
  expiresOn: undefined,
  tariff: undefined,
  cost: undefined,
  account: undefined,
};

const INPUTS = {
  pricelist: undefined,
  product: undefined,
  ip: undefined,
  licenseName: undefined,
  period: undefined,
  suspended: undefined,
  autoRenew: undefined,
  renewBeforeDays: undefined,
  paidUntil: undefined,
  maxPrice: undefined,
  adoptId: undefined,
  deletionPolicy: undefined,
  recreateWhenDeleted: undefined,
} satisfies { [K in keyof Required<LicenseArgs>]: undefined };

const LOOKED_UP: pulumi.Inputs = { __provider: PROVIDER_TEXT, ...INPUTS, ...OBSERVED };

/** The properties of a new resource. The claim is made here, since the engine tells a dynamic provider no URN. */
function declared(name: string, args: LicenseArgs, opts: pulumi.CustomResourceOptions | undefined): pulumi.Inputs {
  const { claim, automatic } = identityOf(name, TYPE, opts);
  const licenseName = named(args.licenseName, automatic);
  return { __provider: PROVIDER_TEXT, ...INPUTS, ...args, claim, licenseName, ...OBSERVED };
}

function named(given: LicenseArgs["licenseName"], automatic: pulumi.Input<string>): pulumi.Input<string> {
  if (given === undefined || typeof given === "string") {
    return given ?? automatic;
  }
  return pulumi.all([given, automatic]).apply(([name, own]) => name ?? own);
}

const BY_PRODUCT_ONLY =
  "the old license would be taken for the new one; a changed product or pricelist replaces the license";

const INSTEAD_OF_OPTIONS = {
  import: 'set the input adoptId: "<the license\'s number>" instead',
  replaceOnChanges:
    "it has no effect here; a changed product or pricelist replaces the license, everything else is changed in place",
  replacementTrigger: BY_PRODUCT_ONLY,
  replaceWith: BY_PRODUCT_ONLY,
  customTimeouts: "set config billmanager:activationTimeout (seconds) instead",
};
