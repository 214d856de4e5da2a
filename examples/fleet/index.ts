import { readFileSync } from "node:fs";
import { join } from "node:path";
import { License, type Product } from "pulumi-billmanager";

interface Server {
  readonly ip: string;
  readonly products: readonly Product[];
}

// Adding a server to the file orders its licenses, removing one gives them up, and a changed address moves them.
const servers: Record<string, Server> = JSON.parse(readFileSync(join(__dirname, "servers.json"), "utf8"));

export const expiresOn = Object.fromEntries(
  Object.entries(servers).flatMap(([server, { ip, products }]) =>
    products.map((product) => {
      const name = `${server}-${product}`;
      return [name, new License(name, { product, ip, renewBeforeDays: 7 }).expiresOn];
    }),
  ),
);
