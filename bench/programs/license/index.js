const { License } = require("pulumi-billmanager");

for (const [name, ip] of Object.entries(require("./licenses.json"))) {
  new License(name, { product: "cloudlinux", ip });
}
