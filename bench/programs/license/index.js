const { License } = require("pulumi-billmanager");

for (let index = 0; index < Number(process.env.LICENSES); index += 1) {
  new License(`web${index}`, {
    product: "cloudlinux",
    ip: `198.18.${Math.floor(index / 250)}.${1 + (index % 250)}`,
  });
}
