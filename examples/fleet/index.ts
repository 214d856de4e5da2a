import { readFileSync } from "node:fs";
import { join } from "node:path";
import { License, LicenseFleet, type Product } from "pulumi-billmanager";

interface Server {
  readonly ip: string;
  readonly products: readonly Product[];
}

// Adding a server to the file orders its licenses, removing one gives them up, and a changed address moves them.
const servers: Record<string, Server> = JSON.parse(readFileSync(join(__dirname, "servers.json"), "utf8"));

// A fleet is one step for the engine, however many members it has.
const cloudlinux = new LicenseFleet("cloudlinux", {
  product: "cloudlinux",
  renewBeforeDays: 7,
  licenses: Object.fromEntries(
    Object.entries(servers)
      .filter(([, { products }]) => products.includes("cloudlinux"))
      .map(([server, { ip }]) => [server, ip]),
  ),
});

// One resource for each license can be protected, depended on and targeted by itself.
const others = Object.entries(servers).flatMap(([server, { ip, products }]) =>
  products
    .filter((product) => product !== "cloudlinux")
    .map((product) => {
      const name = `${server}-${product}`;
      return [name, new License(name, { product, ip, renewBeforeDays: 7 }).expiresOn];
    }),
);

export const expiresSoonest = cloudlinux.expiresSoonest;
export const expiresOn = Object.fromEntries(others);
