import { License, type LicenseArgs } from "pulumi-billmanager";
import { listLicenses, type Order, orderLicense, Panel } from "pulumi-billmanager/client";
import { PROVIDER_TEXT } from "pulumi-billmanager/dynamic";
import { face } from "pulumi-billmanager/provider";
import { type Simulator, startSimulator } from "pulumi-billmanager/simulator";

const declared: Readonly<Record<string, LicenseArgs>> = { web01: { product: "cloudlinux", ip: "192.0.2.10" } };
const order: Order = { pricelist: 9203, period: 1, licenseName: "web01", ip: "192.0.2.10", autoRenew: false };

async function orderOne(): Promise<string[]> {
  const simulator: Simulator = await startSimulator({ accounts: [{ username: "user", password: "pass" }] });
  const panel = new Panel({ endpoint: simulator.endpoint, username: "user", password: "pass" });
  try {
    await orderLicense(panel, order);
    return (await listLicenses(panel)).map(({ licenseName }) => licenseName ?? "");
  } finally {
    await panel.close();
    await simulator.close();
  }
}

orderOne().then((licenses) => {
  const kinds = { License: typeof License, face: typeof face.create, PROVIDER_TEXT: typeof PROVIDER_TEXT };
  console.log(JSON.stringify({ ...kinds, declared: Object.keys(declared), licenses }));
});
