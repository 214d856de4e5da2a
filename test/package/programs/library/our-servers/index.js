const { ComponentResource } = require("@pulumi/pulumi");
const { License } = require("pulumi-billmanager");

exports.Server = class extends ComponentResource {
  constructor(name, ip) {
    super("our:index:Server", name);
    this.license = new License(name, { product: "cloudlinux", ip }, { parent: this });
  }
};
