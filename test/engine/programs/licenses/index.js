const { ComponentResource } = require("@pulumi/pulumi");
const { License } = require("pulumi-billmanager");
const { declared = {}, looked = {}, oneByOne = false } = require("./licenses.json");

module.exports = async () => {
  const outputs = {};
  const licenses = {};
  const components = {};
  for (const [name, { component, deleteBeforeReplace, aliases, options = {}, ...inputs }] of Object.entries(declared)) {
    if (component) {
      components[component] ??= new ComponentResource("test:index:Server", component);
    }
    const parent = components[component];
    const dependsOn = options.dependsOn?.map((other) => licenses[other]);
    const license = new License(name, inputs, { ...options, dependsOn, parent, deleteBeforeReplace, aliases });
    licenses[name] = license;
    outputs[name] = { id: license.id, status: license.status, ip: license.ip, expiresOn: license.expiresOn };
    if (oneByOne) {
      await new Promise((resolve) => license.urn.apply(resolve));
    }
  }
  for (const [name, id] of Object.entries(looked)) {
    const { ip, licenseName, product, pricelist, status, expiresOn, tariff } = License.get(name, id);
    outputs[name] = { ip, licenseName, product, pricelist, status, expiresOn, tariff };
  }
  return outputs;
};
