export { type DeletionPolicy, License, type LicenseArgs, type LicenseStatus, type Product } from "./license";
