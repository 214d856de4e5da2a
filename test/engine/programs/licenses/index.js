const { ComponentResource } = require("@pulumi/pulumi");
const { License, LicenseFleet, Provider } = require("pulumi-billmanager");
const { declared = {}, looked = {}, providers = {}, oneByOne = false } = require("./licenses.json");

module.exports = async () => {
  const outputs = {};
  const licenses = {};
  const components = {};
  const accounts = {};
  for (const [name, settings] of Object.entries(providers)) {
    accounts[name] = new Provider(name, settings);
  }
  for (const [name, declaration] of Object.entries(declared)) {
    const { component, account, deleteBeforeReplace, aliases, options = {}, ...inputs } = declaration;
    if (component) {
      components[component] ??= new ComponentResource("test:index:Server", component);
    }
    const parent = components[component];
    const dependsOn = options.dependsOn?.map((other) => licenses[other]);
    const provider = accounts[account];
    const license = new (inputs.licenses ? LicenseFleet : License)(name, inputs, {
      ...options,
      provider,
      dependsOn,
      parent,
      deleteBeforeReplace,
      aliases,
    });
    licenses[name] = license;
    const { id, status, ip, expiresOn, licenses: members } = license;
    outputs[name] = members ? { id, members } : { id, status, ip, expiresOn };
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
