import * as pulumi from "@pulumi/pulumi";

/** The settings of one account; what is left out comes from the environment, or has the default of the stack's config of that name. */
export interface ProviderArgs {
  /** Where the panel's API answers. Default `BILLMANAGER_ENDPOINT`, or the vendor's documented address. */
  endpoint?: pulumi.Input<string | undefined>;
  /** Default `BILLMANAGER_USERNAME`. */
  username?: pulumi.Input<string | undefined>;
  /** Kept as a secret. Default `BILLMANAGER_PASSWORD`, which enters no state. */
  password?: pulumi.Input<string | undefined>;
  /** How to log in: with every call, or once for a session. Default `authinfo`. */
  auth?: pulumi.Input<"authinfo" | "session" | undefined>;
  /** Names of products and their tariff numbers, beside the three documented ones, or in their place. */
  pricelists?: pulumi.Input<Record<string, pulumi.Input<number>> | undefined>;
  /** Seconds that one call may take. Default 60. */
  timeout?: pulumi.Input<number | undefined>;
  /** Seconds that a create or an update waits for the vendor to finish; 0: not at all. Default 120. */
  activationTimeout?: pulumi.Input<number | undefined>;
  /** Seconds to look for an order or a renewal whose answer was lost. Default 60. */
  searchTimeout?: pulumi.Input<number | undefined>;
  /** Calls in flight. Default 8. */
  parallel?: pulumi.Input<number | undefined>;
  /** Orders that one run may send at the most. Default: no limit. */
  maxOrders?: pulumi.Input<number | undefined>;
  /** Whether a run may order at all. Default true. */
  allowOrders?: pulumi.Input<boolean | undefined>;
  /** Whether an order carries the claim as `remoteid`, beside the name. Default true. */
  sendRemoteId?: pulumi.Input<boolean | undefined>;
  /** Tells stacks of equal name apart that buy on the same account. Default empty. */
  owner?: pulumi.Input<string | undefined>;
}

const TYPE = "billmanager";

/**
 * One account at one panel, for a program that works with several, or that needs what dynamic resources cannot do: `import`,
 * `replaceOnChanges`, `customTimeouts`. A `License` that is given it is handled by the plugin `pulumi-resource-billmanager`, which the
 * engine has to find: by `plugins` in `Pulumi.yaml`, or on the PATH.
 */
export class Provider extends pulumi.ProviderResource {
  static override isInstance(resource: unknown): resource is Provider {
    return (
      typeof resource === "object" &&
      resource !== null &&
      "__pulumiType" in resource &&
      resource.__pulumiType === `pulumi:providers:${TYPE}`
    );
  }

  constructor(name: string, args: ProviderArgs = {}, opts?: pulumi.ResourceOptions) {
    const { password, ...others } = args;
    super(
      TYPE,
      name,
      {
        ...Object.fromEntries(Object.entries(others).map(([setting, value]) => [setting, asText(value)])),
        password: password === undefined ? undefined : pulumi.secret(password),
      },
      opts,
    );
  }
}

/** The engine keeps a provider's settings as texts. */
function asText(value: unknown): pulumi.Output<string | undefined> {
  return pulumi.jsonStringify(value).apply((text) => {
    const known: unknown = text === undefined ? undefined : JSON.parse(text);
    return typeof known === "string" ? known : text;
  });
}
