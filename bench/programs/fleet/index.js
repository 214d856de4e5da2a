const { LicenseFleet } = require("pulumi-billmanager");

new LicenseFleet("fleet", { product: "cloudlinux", licenses: require("./licenses.json") });
