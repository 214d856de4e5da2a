const pulumi = require("@pulumi/pulumi");
const {
  License,
  getBalance,
  getBalanceOutput,
  getLicense,
  getLicenseOutput,
  getLicenses,
  getLicensesOutput,
  getPrice,
  getPriceOutput,
} = require("pulumi-billmanager");
const { known, wrong } = require("./asked.json");

module.exports = async () => {
  if (wrong !== undefined) {
    return { asOutput: getLicensesOutput(wrong), asValue: await getLicenses(wrong) };
  }
  const web = new License("web", { product: "cloudlinux", ip: "192.0.2.10" });
  const [one, all, balance, price] = await Promise.all([
    getLicense({ id: known }),
    getLicenses({ expiringWithinDays: 40 }),
    getBalance(),
    getPrice({ product: "kernelcare" }),
  ]);
  return {
    one,
    all: all.licenses.map(({ id }) => id),
    balance: balance.balances,
    price,
    ofKnown: getLicenseOutput({ id: pulumi.output(known) }).licenseName,
    ofWeb: getLicenseOutput({ id: web.id }),
    onAddress: getLicensesOutput({ ip: web.ip, status: "active" }).apply(({ licenses }) => licenses.length),
    priceOfWeb: getPriceOutput({ pricelist: web.pricelist }).amount,
    left: getBalanceOutput().balances[0].amount,
    ofSecret: getLicenseOutput({ id: pulumi.secret(known) }).ip,
  };
};
