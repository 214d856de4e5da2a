const { Server } = require("our-servers");

exports.id = new Server("web01", "192.0.2.10").license.id;
