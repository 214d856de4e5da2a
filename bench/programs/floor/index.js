const pulumi = require("@pulumi/pulumi");

const provider = {
  check: (_olds, inputs) => ({ inputs }),
  diff: (_id, olds, news) => ({ changes: olds.ip !== news.ip }),
  create: (inputs) => require("./seen")(inputs),
  read: (id, props) => ({ id, props }),
  update: (_id, _olds, news) => require("./seen")(news),
  delete: () => {},
};

// A program can read those outputs of a resource that are named when it is declared.
const outputs = {
  pricelist: undefined,
  period: undefined,
  suspended: undefined,
  autoRenew: undefined,
  renewBeforeDays: undefined,
  paidUntil: undefined,
  maxPrice: undefined,
  adoptId: undefined,
  deletionPolicy: undefined,
  recreateWhenDeleted: undefined,
  status: undefined,
  statusReason: undefined,
  createdOn: undefined,
  expiresOn: undefined,
  tariff: undefined,
  cost: undefined,
  account: undefined,
};

class License extends pulumi.dynamic.Resource {
  constructor(name, inputs) {
    super(provider, name, { ...outputs, ...inputs }, undefined, "billmanager", "License");
  }
}

for (const [name, ip] of Object.entries(require("./licenses.json"))) {
  new License(name, { product: "cloudlinux", ip, claim: "8k2m0xqp", licenseName: `${name}-8k2m0xqp` });
}
