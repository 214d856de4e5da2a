// What a panel would show of a license.
const seen = {
  account: "demo@127.0.0.1:12345",
  autoRenew: false,
  cost: "14.00 EUR / Month",
  createdOn: "2026-01-15",
  deletionPolicy: "delete",
  expiresOn: "2026-02-15",
  period: 1,
  pricelist: 9203,
  recreateWhenDeleted: false,
  status: "active",
  suspended: false,
  tariff: "CloudLinux",
};

/** What create and update of a provider return; an update needs no id. */
module.exports = (props) => ({ id: "1000001", outs: { ...props, ...seen } });
