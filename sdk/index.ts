export { License, type LicenseArgs, type LicenseStatus, type Product } from "./license";
