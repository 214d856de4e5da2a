const { License } = require("pulumi-billmanager");
const { declared = {}, looked = {} } = require("./licenses.json");

for (const [name, { options, ...inputs }] of Object.entries(declared)) {
  const license = new License(name, inputs, options);
  exports[name] = { id: license.id, status: license.status, ip: license.ip, expiresOn: license.expiresOn };
}
for (const [name, id] of Object.entries(looked)) {
  const { ip, licenseName, product, pricelist, status, expiresOn, tariff } = License.get(name, id);
  exports[name] = { ip, licenseName, product, pricelist, status, expiresOn, tariff };
}
