export { type FleetLicense, type FleetMemberArgs, LicenseFleet, type LicenseFleetArgs } from "./fleet";
export {
  type GetBalanceResult,
  type GetLicenseArgs,
  type GetLicenseOutputArgs,
  type GetLicensesArgs,
  type GetLicensesOutputArgs,
  type GetLicensesResult,
  type GetPriceArgs,
  type GetPriceOutputArgs,
  type GetPriceResult,
  getBalance,
  getBalanceOutput,
  getLicense,
  getLicenseOutput,
  getLicenses,
  getLicensesOutput,
  getPrice,
  getPriceOutput,
  type LicenseInfo,
  type MoneyAmount,
} from "./functions";
export { type DeletionPolicy, License, type LicenseArgs, type LicenseStatus, type Product } from "./license";
export { Provider, type ProviderArgs } from "./provider";
