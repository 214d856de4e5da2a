import { type License, stateOf } from "./books/license";
import { parseAmount } from "./money";
import type { Panel } from "./panel/call";
import { periodsOf, priceOf, type Tariff } from "./tariffs";
import type { Outside, SuspensionCode } from "./types";

const suspensions: readonly SuspensionCode[] = ["3", "3_autosuspend", "3_employeesuspend", "3_abusesuspend"];

/**
 * The acts of others.
 *
 * @param catchUp brings the books up to the moment, before each act
 */
export function createOutside(panel: Panel, catchUp: () => void): Outside {
  const { acts, books, clock, lags, tariffs } = panel;

  /** A license to act upon; what the panel was busy with is over. */
  function licenseOf(id: string): License {
    catchUp();
    const license = books.licenses.get(id);
    if (license === undefined) throw new RangeError(`no license ${id}`);
    acts.finish(license, clock.now());
    if (stateOf(license) === "4") throw new RangeError(`license ${id} is deleted`);
    return license;
  }

  function paidLicenseOf(id: string): License {
    const license = licenseOf(id);
    if (stateOf(license) === "1") throw new RangeError(`license ${id} waits for payment`);
    return license;
  }

  return {
    order({ pricelist, licname, ip = "", period = 1, autoprolong = null, remoteid, account }) {
      catchUp();
      const tariff = tariffs.get(pricelist);
      if (tariff === undefined) throw new RangeError(`no tariff ${pricelist}`);
      checkPeriod(tariff, period);
      const owner = books.account(account);
      if ((tariff.currency ?? owner.currency) !== owner.currency) {
        throw new RangeError(`tariff ${pricelist} has no price in ${owner.currency}`);
      }
      if (!books.canPay(owner, priceOf(tariff, period, owner.currency))) {
        throw new RangeError(`account "${owner.username}" cannot pay for tariff ${pricelist}`);
      }
      const wish = { tariff, licname, ip, period, autoprolong, remoteid, project: "" };
      const license = acts.place(owner, wish, clock.now());
      acts.pay(license, clock.now(), true);
      return license.id;
    },
    edit(id, { licname, ip }) {
      const change = { ...(licname !== undefined && { licname }), ...(ip !== undefined && { ip }) };
      acts.edit(licenseOf(id), change, clock.now());
    },
    suspend(id, code = "3") {
      if (!suspensions.includes(code)) throw new RangeError(`"${code}" is none of ${suspensions.join(", ")}`);
      acts.suspend(paidLicenseOf(id), code, clock.now(), true);
    },
    resume(id) {
      acts.resume(paidLicenseOf(id), clock.now(), true);
    },
    prolong(id, period) {
      const license = paidLicenseOf(id);
      if (license.expiredate === undefined) throw new RangeError(`license ${id} lasts for life`);
      checkPeriod(license.tariff, period ?? license.period);
      acts.prolong(license, period ?? license.period, clock.now(), true);
    },
    delete(id) {
      acts.close(licenseOf(id), clock.now(), true);
    },
    setAutoprolong(id, value) {
      acts.edit(licenseOf(id), { autoprolong: value }, clock.now());
    },
    deposit(amount, username) {
      catchUp();
      const account = books.account(username);
      books.deposit(account, parseAmount(amount, account.currency), clock.now());
    },
    setPassword(username, password) {
      books.account(username).password = password;
    },
    pay(id) {
      acts.pay(licenseOf(id), clock.now());
    },
    finish(id) {
      catchUp();
      const license = books.licenses.get(id);
      if (license === undefined) throw new RangeError(`no license ${id}`);
      acts.finish(license, clock.now());
    },
    reveal() {
      lags.clear();
    },
  };
}

function checkPeriod(tariff: Tariff, period: number): void {
  if (!periodsOf(tariff, true).includes(period)) {
    throw new RangeError(`tariff ${tariff.pricelist} has no period ${period}`);
  }
}
