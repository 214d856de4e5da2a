const { License, Provider } = require("pulumi-billmanager");

const provider = new Provider("account", { parallel: 8 });
for (const [name, ip] of Object.entries(require("./licenses.json"))) {
  new License(name, { product: "cloudlinux", ip }, { provider });
}
