import { automaticName, claimOf } from "../../../provider/license/claim";

/** What somebody asks for by changing a program, and the one call that brings it about. */
export interface Operation {
  readonly title: string;
  readonly func: string;
  /** What the program declared before, and what was brought about without a fault; nothing for a new license. */
  readonly before: Inputs | undefined;
  /** What it declares now; nothing once the license has been removed from it. */
  readonly wanted: Inputs | undefined;
  /** What was removed from the program stays in the account. */
  readonly leaves?: true;
}

export type Inputs = Readonly<Record<string, unknown>>;

export const NAME = "web01";
export const TODAY = "2026-01-15";
export const CLAIM = claimOf(`urn:pulumi:dev::matrix::billmanager:index:License::${NAME}`);

const plain: Inputs = {
  __provider: "exports.handler=…",
  claim: CLAIM,
  licenseName: automaticName(NAME, CLAIM),
  product: "cloudlinux",
  ip: "192.0.2.10",
};
const named = { ...plain, licenseName: "Shop front" };
const suspended = { ...plain, suspended: true };

export const CREATE: Operation = {
  title: "Create",
  func: "softexternal.order.param",
  before: undefined,
  wanted: plain,
};
export const NAMING: Operation = {
  title: "Create: a name of your own, set as the last step",
  func: "softexternal.edit",
  before: undefined,
  wanted: named,
};
export const RENEW: Operation = {
  title: "Renew",
  func: "service.prolong",
  before: plain,
  wanted: { ...plain, paidUntil: "2026-03-01" },
};
export const EDIT: Operation = {
  title: "Change address and name",
  func: "softexternal.edit",
  before: plain,
  wanted: { ...named, ip: "192.0.2.11" },
};
export const SUSPEND: Operation = {
  title: "Suspend",
  func: "softexternal.suspend",
  before: plain,
  wanted: suspended,
};
export const RESUME: Operation = {
  title: "Resume",
  func: "softexternal.resume",
  before: suspended,
  wanted: plain,
};
export const DELETE: Operation = {
  title: "Delete",
  func: "softexternal.delete",
  before: plain,
  wanted: undefined,
};

export const SET_ASIDE: Operation = {
  title: "Suspend instead of delete, as `deletionPolicy` says",
  func: "softexternal.suspend",
  before: { ...plain, deletionPolicy: "suspend" },
  wanted: undefined,
  leaves: true,
};

export const OPERATIONS: readonly Operation[] = [CREATE, NAMING, RENEW, EDIT, SUSPEND, RESUME, DELETE, SET_ASIDE];
