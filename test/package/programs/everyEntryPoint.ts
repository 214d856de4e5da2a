import type { Output } from "@pulumi/pulumi";
import {
  type GetBalanceResult,
  type GetLicensesArgs,
  type GetPriceResult,
  getBalance,
  getBalanceOutput,
  getLicense,
  getLicenseOutput,
  getLicenses,
  getLicensesOutput,
  getPrice,
  getPriceOutput,
  License,
  type LicenseArgs,
  LicenseFleet,
  type LicenseFleetArgs,
  type LicenseInfo,
  Provider,
  type ProviderArgs,
} from "pulumi-billmanager";
import { listLicenses, type Order, orderLicense, Panel } from "pulumi-billmanager/client";
import { PROVIDER_TEXT } from "pulumi-billmanager/dynamic";
import { faces } from "pulumi-billmanager/provider";
import { type Simulator, startSimulator } from "pulumi-billmanager/simulator";

const declared: Readonly<Record<string, LicenseArgs>> = { web01: { product: "cloudlinux", ip: "192.0.2.10" } };
const account: ProviderArgs = { username: "user", password: "pass", pricelists: { bitninja: 55369 } };
const fleet: LicenseFleetArgs = {
  product: "cloudlinux",
  licenses: { web01: "192.0.2.10", web02: { ip: "192.0.2.11", suspended: true } },
};
const order: Order = { pricelist: 9203, period: 1, licenseName: "web01", ip: "192.0.2.10", autoRenew: false };

const chosen: GetLicensesArgs = { product: "cloudlinux", status: "active", expiringWithinDays: 40 };

/** Types alone: what a program gets from the functions, as values and as outputs. */
export async function types(license: License): Promise<[LicenseInfo, GetBalanceResult, GetPriceResult]> {
  const seen: Output<LicenseInfo> = getLicenseOutput({ id: license.id });
  const cost: Output<string | undefined> = getLicensesOutput({ ip: license.ip }).apply(
    ({ licenses }) => licenses[0]?.cost,
  );
  const amount: Output<string> = getPriceOutput({ pricelist: license.pricelist }).amount;
  const currency: Output<string | undefined> = getBalanceOutput().apply(({ balances }) => balances[0]?.currency);
  void [seen, cost, amount, currency, account];
  return [await getLicense({ id: "1" }), await getBalance(), await getPrice({ pricelist: 9203, period: 1 })];
}

async function orderOne(): Promise<string[]> {
  const simulator: Simulator = await startSimulator({ accounts: [{ username: "user", password: "pass" }] });
  const panel = new Panel({ endpoint: simulator.endpoint, username: "user", password: "pass" });
  try {
    await orderLicense(panel, order);
    const listed = (await listLicenses(panel)).map(({ licenseName }) => licenseName);
    const settings = { ENDPOINT: simulator.endpoint, USERNAME: "user", PASSWORD: "pass" };
    for (const [name, value] of Object.entries(settings)) {
      process.env[`BILLMANAGER_${name}`] = value;
    }
    return [...listed, ...(await getLicenses(chosen)).licenses.map(({ licenseName }) => licenseName ?? "")];
  } finally {
    await panel.close();
    await simulator.close();
  }
}

orderOne().then((licenses) => {
  const kinds = {
    License: typeof License,
    Provider: typeof Provider,
    LicenseFleet: typeof LicenseFleet,
    faces: [typeof faces.license.create, typeof faces.fleet.create],
    PROVIDER_TEXT: typeof PROVIDER_TEXT,
  };
  console.log(
    JSON.stringify({ ...kinds, declared: [...Object.keys(declared), ...Object.keys(fleet.licenses)], licenses }),
  );
});
