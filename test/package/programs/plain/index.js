const { License } = require("pulumi-billmanager");

exports.id = new License("web01", { product: "cloudlinux", ip: "192.0.2.10" }).id;
