const { ComponentResource } = require("@pulumi/pulumi");
const { License } = require("pulumi-billmanager");
const { declared = {}, looked = {} } = require("./licenses.json");

for (const [name, { component, deleteBeforeReplace, ...inputs }] of Object.entries(declared)) {
  const parent = component && new ComponentResource("test:index:Server", component);
  const license = new License(name, inputs, { parent, deleteBeforeReplace });
  exports[name] = { id: license.id, status: license.status, ip: license.ip, expiresOn: license.expiresOn };
}
for (const [name, id] of Object.entries(looked)) {
  const { ip, licenseName, product, pricelist, status, expiresOn, tariff } = License.get(name, id);
  exports[name] = { ip, licenseName, product, pricelist, status, expiresOn, tariff };
}
