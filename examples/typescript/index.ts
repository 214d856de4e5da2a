import * as pulumi from "@pulumi/pulumi";
import { License } from "pulumi-billmanager";

const config = new pulumi.Config();

const cloudlinux = new License("cloudlinux", {
  product: "cloudlinux",
  ip: config.require("webServer"),
  paidUntil: config.require("paidUntil"),
});

const softaculous = new License("softaculous", {
  product: "softaculous",
  ip: config.require("panelServer"),
  licenseName: config.require("panelName"),
});

const kernelcare = new License("kernelcare", {
  product: "kernelcare",
  ip: config.require("databaseServer"),
  suspended: !config.requireBoolean("databaseInUse"),
});

export const licenses = [cloudlinux, softaculous, kernelcare].map((license) => ({
  id: license.id,
  name: license.licenseName,
  ip: license.ip,
  status: license.status,
  expiresOn: license.expiresOn,
  cost: license.cost,
}));
