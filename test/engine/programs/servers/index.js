const { all, dynamic } = require("@pulumi/pulumi");
const { LicenseFleet } = require("pulumi-billmanager");
const { late, addresses } = require("./servers.json");

const provider = {
  create: async ({ given }) => ({ id: given, outs: { given, address: given } }),
  update: async (_id, _olds, { given }) => ({ outs: { given, address: given } }),
};

/** Its address is known when it has been made. */
class Server extends dynamic.Resource {
  constructor(name, given) {
    super(provider, name, { given, address: undefined });
  }
}

const servers = Object.entries(addresses).map(([name, given]) => [name, new Server(name, given)]);
const members = Object.fromEntries(servers.map(([name, { address }]) => [name, { ip: address }]));

new LicenseFleet("fleet", {
  product: "cloudlinux",
  licenses:
    late === "member"
      ? members
      : all(servers.map(([name, { address }]) => address.apply((ip) => [name, ip]))).apply(Object.fromEntries),
});
