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

/** Declares as many resources as there are licenses. */
module.exports = (License, licenses) => {
  for (const [name, ip] of Object.entries(licenses)) {
    const inputs = { product: "cloudlinux", ip, claim: "8k2m0xqp", licenseName: `${name}-8k2m0xqp` };
    new License(name, { ...outputs, ...inputs });
  }
};
