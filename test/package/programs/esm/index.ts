import { License } from "pulumi-billmanager";

export const { id } = new License("web01", { product: "cloudlinux", ip: "192.0.2.10" });
