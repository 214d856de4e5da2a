import { type CalendarDate, isLicenseId, type LicenseId, type LicenseState } from "../billmanager/types";
import { addDays } from "./calendar";
import { ArgumentsError } from "./errors";
import {
  checkOneTariff,
  checkPeriod,
  checkProduct,
  type InputFailure,
  Invalid,
  isDocumentedTariff,
  type RawInputs,
  READERS,
  shown,
  withoutAbsent,
} from "./inputs";
import { type Pricelists, pricelistOf } from "./products";
import { STATUSES } from "./state";

/** What a row has to be to be among the licenses asked for; what is absent does not matter. */
export interface Filter {
  readonly pricelists: readonly number[];
  readonly ip?: string;
  readonly licenseName?: string;
  readonly status?: LicenseState;
  /** Where no status is asked for, deleted ones count only with it. */
  readonly deleted?: true;
  /** the last day of expiry that counts */
  readonly expiresUntil?: CalendarDate;
}

export function licenseAsked(args: RawInputs): LicenseId {
  return judged("getLicense", args, ({ read }) => read("id", idOf, { required: true }));
}

/** @param today UTC */
export function filterAsked(args: RawInputs, pricelists: Pricelists, today: CalendarDate): Filter {
  return judged("getLicenses", args, ({ read, fail }) => {
    const product = read("product", READERS.product);
    const pricelist = read("pricelist", READERS.pricelist);
    checkProduct(product, pricelists, fail);
    const ofProduct = product === undefined ? undefined : pricelistOf(product, pricelists);
    const days = read("expiringWithinDays", daysOf);
    return {
      pricelists: [ofProduct, pricelist].filter((number) => number !== undefined),
      ...withoutAbsent({
        ip: read("ip", READERS.ip),
        licenseName: read("licenseName", nameOf),
        status: read("status", statusOf),
        expiresUntil: days === undefined ? undefined : addDays(today, days),
      }),
    };
  });
}

export function nothingAsked(args: RawInputs): void {
  judged("getBalance", args, () => undefined);
}

export function priceAsked(args: RawInputs, pricelists: Pricelists): { pricelist: number; period: number } {
  return judged("getPrice", args, ({ read, fail }) => {
    const product = read("product", READERS.product);
    const pricelist = read("pricelist", READERS.pricelist);
    const period = read("period", READERS.period) ?? 1;
    checkOneTariff(args, fail);
    checkProduct(product, pricelists, fail);
    checkPeriod(isDocumentedTariff(product, pricelist, pricelists), period, fail);
    const number = pricelist ?? (product === undefined ? undefined : pricelistOf(product, pricelists));
    return number === undefined ? undefined : { pricelist: number, period };
  });
}

interface Judge {
  /** The member as a value, or `undefined` where it is not given or not right. */
  read<T>(name: string, reader: (value: unknown) => T | Invalid, options?: { required: boolean }): T | undefined;
  fail(name: string, reason: string): void;
}

/**
 * Reads arguments, with everything that is wrong with them told at once.
 *
 * @param asks what the arguments ask for; `undefined` only after a failure
 * @throws ArgumentsError before anything is called
 */
function judged<T>(func: string, args: RawInputs, asks: (judge: Judge) => T): Exclude<T, undefined>;
function judged(func: string, args: RawInputs, asks: (judge: Judge) => unknown): unknown {
  const failures: InputFailure[] = [];
  const names: string[] = [];
  const fail = (property: string, reason: string) => void failures.push({ property, reason: `${property} ${reason}` });
  const asked = asks({
    fail,
    read(name, reader, options = { required: false }) {
      names.push(name);
      const value = args[name];
      if ((value === undefined || value === null) && !options.required) {
        return undefined;
      }
      const result = reader(value);
      if (result instanceof Invalid) {
        fail(name, result.reason);
        return undefined;
      }
      return result;
    },
  });
  for (const name of Object.keys(args).filter((given) => !names.includes(given))) {
    const known = names.length === 0 ? "there is none" : `the arguments are ${names.join(", ")}`;
    fail(name, `is no argument of ${func}; ${known}`);
  }
  if (failures.length > 0) {
    throw new ArgumentsError(failures);
  }
  return asked;
}

function idOf(value: unknown): LicenseId | Invalid {
  return typeof value === "string" && isLicenseId(value)
    ? value
    : new Invalid(`must be a license's number as text, such as "1234567", not ${shown(value)}`);
}

function nameOf(value: unknown): string | Invalid {
  return typeof value === "string" && value !== ""
    ? value
    : new Invalid(`must be the whole name of a license, not ${shown(value)}`);
}

function statusOf(value: unknown): LicenseState | Invalid {
  return (
    STATUSES.find((status) => status === value) ??
    new Invalid(`must be one of ${STATUSES.join(", ")}, not ${shown(value)}`)
  );
}

/** More than any term has. */
const MOST_DAYS = 100_000;

function daysOf(value: unknown): number | Invalid {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= MOST_DAYS
    ? value
    : new Invalid(`must be a whole number of days, from 0 to ${MOST_DAYS}, not ${shown(value)}`);
}
