import * as pulumi from "@pulumi/pulumi";
import { License, type Product } from "pulumi-billmanager";

export interface LicensedServerArgs {
  readonly ip: pulumi.Input<string>;
  /** Products that the server has for good: each is a license of its own. */
  readonly products: readonly Product[];
  /** The one product of a kind of which a server has only one; another one takes its place. */
  readonly installer?: Product;
  /** Lets nothing give up these licenses. Default false. */
  readonly protect?: boolean;
}

/** One server with all its licenses. */
export class LicensedServer extends pulumi.ComponentResource {
  /** By the name of each license's resource. */
  readonly expiresOn: pulumi.Output<Record<string, string | undefined>>;

  constructor(name: string, args: LicensedServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("example:index:LicensedServer", name, {}, opts);
    const { ip, products, installer, protect = false } = args;
    const expiresOn: Record<string, pulumi.Output<string | undefined>> = {};

    // The name of a resource is unique in the whole stack, and the name at the vendor is made of it: the server's name comes first.
    const declare = (resource: string, product: Product, options: pulumi.CustomResourceOptions) => {
      const license = new License(
        resource,
        { product, ip, renewBeforeDays: 7 },
        // A license's claim is made of its parents, too. With this alias one that stood outside of any component moves in: it keeps
        // its claim and its name, and nothing is ordered.
        { parent: this, protect, aliases: [{ parent: pulumi.rootStackResource }], ...options },
      );
      expiresOn[resource] = license.expiresOn;
    };

    for (const product of products) {
      declare(`${name}-${product}`, product, {});
    }
    if (installer !== undefined) {
      // Its product may change, and the server has only room for one: the old one is given up before the new one is ordered.
      declare(`${name}-installer`, installer, { deleteBeforeReplace: true });
    }

    this.expiresOn = pulumi.output(expiresOn);
    this.registerOutputs({ expiresOn: this.expiresOn });
  }
}
