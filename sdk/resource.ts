import * as pulumi from "@pulumi/pulumi";
import { automaticName, type Claim, claimOf } from "../provider/license/claim";
import { Provider } from "./provider";

/**
 * What a program's resource is called at the vendor, from its claim: at once where that can be told, since outputs cost more time than
 * anything else that a program does for a license.
 *
 * @param type the token of the plugin's: claims count it for both faces
 */
export function identityOf(
  name: string,
  type: string,
  opts: pulumi.CustomResourceOptions | undefined,
): { readonly claim: pulumi.Input<Claim>; readonly automatic: pulumi.Input<string> } {
  const owner = new pulumi.Config("billmanager").get("owner");
  if (opts?.parent === undefined) {
    const claim = claimOf(`urn:pulumi:${pulumi.getStack()}::${pulumi.getProject()}::${type}::${name}`, owner);
    return { claim, automatic: automaticName(name, claim) };
  }
  const claim = claimOfChild(name, type, opts.parent, owner);
  return { claim, automatic: claim.apply((own) => automaticName(name, own)) };
}

/**
 * The claim of a resource that has a parent, as an output that does not depend on the parent: the engine's library takes a dependency on
 * a component for one on each of its children, and two licenses of one component would wait for each other for ever.
 */
function claimOfChild(
  name: string,
  type: string,
  parent: pulumi.Resource,
  owner: string | undefined,
): pulumi.Output<Claim> {
  const urn = pulumi.createUrn(name, type, parent);
  return pulumi.output(new Promise<Claim>((resolve) => urn.apply((known) => resolve(claimOf(known, owner)))));
}

/** Whether the resource, or a component that it is part of, is given a provider: then the plugin handles it. */
export function hasProvider(label: string, type: string, opts: pulumi.CustomResourceOptions | undefined): boolean {
  const provider = opts?.provider ?? opts?.parent?.getProvider(type);
  if (provider !== undefined && !Provider.isInstance(provider)) {
    throw new pulumi.RunError(`${label}: the option provider must be a Provider of the package pulumi-billmanager`);
  }
  return provider !== undefined;
}

/**
 * Options that the engine cannot honour for a dynamic resource, and would pass over in silence or fail on without a word of help.
 *
 * @param instead what is to be done in place of each
 */
export function refuseOptions(
  label: string,
  instead: Readonly<Record<string, string>>,
  opts: pulumi.CustomResourceOptions | undefined,
): void {
  for (const [option, advice] of Object.entries(instead)) {
    if (opts?.[option as keyof pulumi.CustomResourceOptions] !== undefined) {
      throw new pulumi.RunError(`${label}: the option ${option} cannot be used; ${advice}, or give it a Provider`);
    }
  }
}
