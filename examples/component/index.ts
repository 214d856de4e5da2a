import * as pulumi from "@pulumi/pulumi";
import { LicensedServer } from "./licensedServer";

const protect = new pulumi.Config().requireBoolean("protected");

const web01 = new LicensedServer("web01", {
  ip: "192.0.2.41",
  products: ["cloudlinux", "kernelcare"],
  installer: "softaculous",
  protect,
});

const db01 = new LicensedServer("db01", { ip: "2001:db8::41", products: ["kernelcare"], protect });

export const expiresOn = { web01: web01.expiresOn, db01: db01.expiresOn };
