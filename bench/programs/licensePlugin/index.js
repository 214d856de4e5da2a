const { License, Provider } = require("pulumi-billmanager");

const provider = new Provider("account");
for (const [name, ip] of Object.entries(require("./licenses.json"))) {
  new License(name, { product: "cloudlinux", ip }, { provider });
}
