/**
 * The three products that the vendor documents, with their tariff codes, each sold for one month at a time and bound to one address.
 * @see https://ispsystem.com/docs/billmanager/reselling/reselling-via-api/reselling-third-party-licenses-via-api
 */
const DOCUMENTED = {
  cloudlinux: { pricelist: 9203, title: "CloudLinux" },
  softaculous: { pricelist: 9204, title: "Softaculous" },
  kernelcare: { pricelist: 11738, title: "KernelCare" },
} as const;

export type Pricelists = Readonly<Record<string, number>>;

const DOCUMENTED_PRICELISTS: Pricelists = Object.fromEntries(
  Object.entries(DOCUMENTED).map(([name, { pricelist }]) => [name, pricelist]),
);

/** Names that a program may use for a tariff: the documented ones, overridden and extended by config. */
export function knownProducts(configured: Pricelists): Pricelists {
  return { ...DOCUMENTED_PRICELISTS, ...configured };
}

export function pricelistOf(product: string, configured: Pricelists): number | undefined {
  const known = knownProducts(configured);
  return Object.hasOwn(known, product) ? known[product] : undefined;
}

export function productOf(pricelist: number, configured: Pricelists): string | undefined {
  return Object.entries(knownProducts(configured)).find(([, code]) => code === pricelist)?.[0];
}

/** One month only, and never without an address. */
export function isDocumented(product: string | undefined, pricelist: number | undefined): boolean {
  return Object.entries(DOCUMENTED).some(([name, tariff]) => name === product || tariff.pricelist === pricelist);
}

/** How a line or an error calls a tariff before the panel has shown its name. */
export function tariffTitle(product: string | undefined, pricelist: number): string {
  const documented = Object.entries(DOCUMENTED).find(
    ([name, tariff]) => name === product || (product === undefined && tariff.pricelist === pricelist),
  );
  return documented?.[1].title ?? product ?? `tariff ${pricelist}`;
}
