import {
  BadRequestError,
  type Fields,
  monthsOf,
  numberIfAny,
  numberOf,
  recordOf,
  textIfAny,
  textOf,
} from "./controlFields";
import type { Outside, SuspensionCode } from "./types";

/** Reads one act's arguments from JSON, does it and returns what it returns. */
type JsonAct = (outside: Outside, fields: Fields) => unknown;

/** Each act with the names of its arguments, which are those of {@link Outside}. */
const acts: { readonly [Act in keyof Outside]: { readonly fields: readonly string[]; readonly run: JsonAct } } = {
  order: {
    fields: ["pricelist", "licname", "ip", "period", "autoprolong", "remoteid", "account"],
    run: (outside, fields) =>
      outside.order({
        pricelist: numberOf(fields, "pricelist"),
        licname: textOf(fields, "licname"),
        ip: textIfAny(fields, "ip"),
        period: numberIfAny(fields, "period"),
        autoprolong: fields.autoprolong === undefined ? undefined : monthsOf(fields, "autoprolong"),
        remoteid: textIfAny(fields, "remoteid"),
        account: textIfAny(fields, "account"),
      }),
  },
  edit: {
    fields: ["id", "licname", "ip"],
    run: (outside, fields) =>
      outside.edit(textOf(fields, "id"), { licname: textIfAny(fields, "licname"), ip: textIfAny(fields, "ip") }),
  },
  suspend: {
    fields: ["id", "code"],
    run: (outside, fields) =>
      // An unknown code is refused by the act itself.
      outside.suspend(textOf(fields, "id"), textIfAny(fields, "code") as SuspensionCode | undefined),
  },
  resume: { fields: ["id"], run: (outside, fields) => outside.resume(textOf(fields, "id")) },
  prolong: {
    fields: ["id", "period"],
    run: (outside, fields) => outside.prolong(textOf(fields, "id"), numberIfAny(fields, "period")),
  },
  delete: { fields: ["id"], run: (outside, fields) => outside.delete(textOf(fields, "id")) },
  setAutoprolong: {
    fields: ["id", "value"],
    run: (outside, fields) => outside.setAutoprolong(textOf(fields, "id"), monthsOf(fields, "value")),
  },
  deposit: {
    fields: ["amount", "username"],
    run: (outside, fields) => outside.deposit(textOf(fields, "amount"), textIfAny(fields, "username")),
  },
  setPassword: {
    fields: ["username", "password"],
    run: (outside, fields) => outside.setPassword(textOf(fields, "username"), textOf(fields, "password")),
  },
  pay: { fields: ["id"], run: (outside, fields) => outside.pay(textOf(fields, "id")) },
  reveal: { fields: [], run: (outside) => outside.reveal() },
  finish: { fields: ["id"], run: (outside, fields) => outside.finish(textOf(fields, "id")) },
};

/** Does the act that `POST /outside/<name>` asks for. An order answers the new license's id. */
export function outsideAct(outside: Outside, name: string, body: unknown): { id?: string } {
  if (!Object.hasOwn(acts, name)) {
    throw new BadRequestError(`no outside act "${name}"; there are ${Object.keys(acts).join(", ")}`);
  }
  const act = acts[name as keyof Outside];
  const given = recordOf(body, "the body");
  const unknown = Object.keys(given).find((field) => !act.fields.includes(field));
  if (unknown !== undefined) {
    throw new BadRequestError(`"${name}" knows no "${unknown}"; expected ${act.fields.join(", ")}`);
  }
  const id = act.run(outside, given);
  return typeof id === "string" ? { id } : {};
}
