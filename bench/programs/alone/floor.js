const pulumi = require("@pulumi/pulumi");

const provider = {
  check: (_olds, inputs) => ({ inputs }),
  diff: (_id, olds, news) => ({ changes: olds.ip !== news.ip }),
  create: (inputs) => require("./seen")(inputs),
  read: (id, props) => ({ id, props }),
  update: (_id, _olds, news) => require("./seen")(news),
  delete: () => {},
};

/** What does nothing, as `pulumi.dynamic.Resource` has it. */
module.exports = class License extends pulumi.dynamic.Resource {
  constructor(name, properties) {
    super(provider, name, properties, undefined, "billmanager", "License");
  }
};
