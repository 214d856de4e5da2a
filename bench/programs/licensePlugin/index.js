const { Config } = require("@pulumi/pulumi");
const { License, Provider } = require("pulumi-billmanager");

// An explicit provider has none of the stack's config.
const provider = new Provider("account", { parallel: new Config("billmanager").requireNumber("parallel") });
for (const [name, ip] of Object.entries(require("./licenses.json"))) {
  new License(name, { product: "cloudlinux", ip }, { provider });
}
