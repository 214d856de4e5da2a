import { automaticName, type Claim, claimOf, claimOfMember } from "../../../provider/license/claim";
import type { Goal, Saved } from "../../model/engine";
import type { Books } from "./cell";
import { CLAIM, CREATE, type Inputs, NAME, NAMING, type Operation } from "./operations";

/** How the license that a cell is about is declared. */
export interface Form {
  readonly claim: Claim;
  /** What the others cost that are there before. */
  readonly others: number;
  /** The list calls that go before the one call of an operation, without the last of them. */
  looks(operation: Operation): number;
  /** @param inputs nothing where the license is not declared */
  goals(inputs: Inputs | undefined): Goal[];
  licenseIn(saved: readonly Saved[]): Pick<Saved, "id" | "outputs" | "hasInitErrors"> | undefined;
  /** An error as that of a license of its own reads. */
  errorsIn(message: string): string[];
}

/** A license of its own. A new one is looked at once more before its name is set. */
export const ALONE: Form = {
  claim: CLAIM,
  others: 0,
  looks: (operation) => (operation === NAMING ? 1 : 0),
  goals: (inputs) => (inputs === undefined ? [] : [{ kind: "license", name: NAME, inputs }]),
  licenseIn: ([saved]) => saved,
  errorsIn: (message) => [message],
};

const FLEET = "servers";
const FLEET_CLAIM = claimOf(`urn:pulumi:dev::matrix::billmanager:index:LicenseFleet::${FLEET}`);
const OTHERS = { web00: "192.0.2.8", web02: "192.0.2.9" };

/** What is told of the license that a cell is about, and of the others. */
interface Split {
  readonly books: Books;
  readonly others: { readonly orders: number; readonly active: number };
}

/**
 * The second of three members, of which the others stay as they are. A fleet looks once for all its orders before each looks by itself,
 * and once more when all are there, before names are set.
 */
export const MEMBER: Form & { split(books: Books): Split } = {
  claim: claimOfMember(FLEET_CLAIM, NAME),
  others: 28,
  looks: (operation) => ({ [CREATE.title]: 1, [NAMING.title]: 3 })[operation.title] ?? ALONE.looks(operation),
  goals(inputs) {
    const { __provider, claim: _, licenseName, adoptId, ...own } = inputs ?? {};
    const isNamed = inputs !== undefined && licenseName !== automaticName(NAME, CLAIM);
    const member = { ...own, ...(isNamed ? { licenseName } : {}) };
    return [
      {
        kind: "fleet",
        name: FLEET,
        inputs: {
          __provider: "exports.handler=…",
          fleet: automaticName(FLEET, FLEET_CLAIM),
          product: "cloudlinux",
          licenses: inputs === undefined ? OTHERS : { ...OTHERS, [NAME]: member },
          ...(adoptId === undefined ? {} : { adopt: { [NAME]: adoptId } }),
        },
      },
    ];
  },
  licenseIn([fleet]) {
    const outputs = (fleet?.outputs.licenses as Record<string, Saved["outputs"]> | undefined)?.[NAME];
    return fleet && outputs && { id: String(outputs.id), outputs, hasInitErrors: fleet.hasInitErrors };
  },
  split({ licenses, ledger }) {
    const isOfOthers = ({ ip }: { readonly ip?: string | undefined }) => Object.values(OTHERS).includes(ip ?? "");
    const isOwn = (one: { readonly ip?: string | undefined }) => !isOfOthers(one);
    return {
      books: { licenses: licenses.filter(isOwn), ledger: ledger.filter(isOwn) },
      others: {
        orders: ledger.filter(isOfOthers).filter(({ kind }) => kind === "order").length,
        active: licenses.filter(isOfOthers).filter(({ status }) => status === "2").length,
      },
    };
  },
  // One that is being given up is told by its name, which begins with its key.
  errorsIn: (message) =>
    message
      .split("\n")
      .map((line) => line.replace(/^web01\S*: /, "").replace(/adopt: \{ web01: ("\d+") \}/, "adoptId: $1")),
};
