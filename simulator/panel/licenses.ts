import { type License, stateOf } from "../books/license";
import { addMonths, dateOf } from "../calendar";
import { PanelError } from "../messages";
import { branch, type Element, leaf, ok } from "../render/element";
import { periodsOf } from "../tariffs";
import { type Answer, type Call, param } from "./call";
import { autoprolongNamed, checkIp, checkName, periodNamed, refuseDuplicate, refuseEarlyIpChange } from "./fields";
import { actionable, licenseNamed, licensesNamed, shownNow, wrongState } from "./find";
import { scheduledCloseOf } from "./list";
import { autoprolongChoices, insufficientFunds, periodChoices } from "./orders";

const done: Answer = { result: "ok", body: [ok] };

/** `softexternal.edit`: the form without `sok`, a change with it. */
export function edit(call: Call): Answer {
  const license = licenseNamed(call);
  const { acts, knobs } = call.panel;
  if (!call.performs || knobs.editAnswer === "form") {
    const shown = shownNow(call, license);
    if (stateOf(shown) === "4" && knobs.deletedForm === "missed") actionable(call, license);
    const form = formOf(call, shown);
    acts.seen(license, call.at);
    return form;
  }
  actionable(call, license);
  const licname = editedField(call, "licname", checkName) ?? license.licname;
  const ip = editedField(call, "ip", (given) => checkIp(call, license.tariff, given)) ?? license.ip;
  if (ip !== license.ip) {
    refuseEarlyIpChange(call, license);
    refuseDuplicate(call, license.tariff, ip, license);
  }
  const autoprolong = knobs.formAutoprolong === "present" ? call.params.get("autoprolong") : undefined;
  acts.edit(
    license,
    { licname, ip, ...(autoprolong !== undefined && { autoprolong: autoprolongNamed(autoprolong) }) },
    call.at,
  );
  if (stateOf(license) !== "1") acts.processEdit(license, call.at);
  return knobs.editAnswer === "ok-text" ? { result: "ok", body: [leaf("ok", "func=softexternal")] } : done;
}

/** `softexternal.suspend`; the contract's example sends no `sok`. */
export function suspend(call: Call): Answer {
  refuseSuspendResume(call);
  const licenses = licensesNamed(call);
  const unpaid = licenses.find((license) => stateOf(license) === "1");
  if (unpaid !== undefined) throw wrongState(unpaid);
  for (const license of licenses) {
    if (stateOf(license) === "2") call.panel.acts.suspend(license, "3", call.at);
  }
  return done;
}

/** `softexternal.resume`; seen in clients: not after a suspension by staff. */
export function resume(call: Call): Answer {
  refuseSuspendResume(call);
  const { knobs } = call.panel;
  const licenses = licensesNamed(call);
  for (const license of licenses) {
    if (stateOf(license) === "1") throw wrongState(license);
    const isLapsed = license.status === "3_autosuspend";
    const isRefused = isLapsed ? knobs.resumeLapsed === "refused" : license.status.startsWith("3_");
    if (isRefused) throw new PanelError(knobs.resumeRefusedType, "softexternal.resume", "resumeRefused", license.id);
  }
  for (const license of licenses) {
    if (stateOf(license) === "3") call.panel.acts.resume(license, call.at);
  }
  return done;
}

/** `service.prolong` and `softexternal.prolong`: a preview without `sok`, a charge with it. */
export function prolong(call: Call): Answer {
  const { acts, books, knobs } = call.panel;
  const license = licenseNamed(call);
  if (call.performs || stateOf(license) === "4") actionable(call, license);
  const period = periodNamed(call, license.tariff, license.period);
  if (!call.performs) {
    const preview = previewOf(call, license, period);
    acts.seen(license, call.at);
    return preview;
  }
  if (stateOf(license) === "1" || license.expiredate === undefined || license.scheduledclose !== undefined) {
    throw wrongState(license);
  }
  const price = acts.price(license, period);
  if (!books.canPay(call.account, price)) {
    if (knobs.insufficientFunds !== "billorder") throw insufficientFunds(call, price);
    const bill = books.nextBill();
    return { result: "ok", body: [leaf("billorder", bill), leaf("ok", `func=payment.add&billorder=${bill}`)] };
  }
  const { until = "" } = acts.renewedTerm(license, period, call.at);
  acts.prolong(license, period, call.at);
  const date = branch("doc", [leaf("newexpiredate", until)]);
  if (knobs.renewalAnswer === "ok") return done;
  return { result: "ok", body: knobs.renewalAnswer === "newexpiredate" ? [date, ok] : [date] };
}

/** `softexternal.delete`. */
export function remove(call: Call): Answer {
  const { acts, knobs } = call.panel;
  const licenses = licensesNamed(call);
  if (!call.performs) return { result: "form", body: [leaf("elid", param(call, "elid"))] };
  for (const license of licenses) refuseDeletion(call, license);
  for (const license of licenses) {
    const isDue = license.expiredate === undefined || license.expiredate <= dateOf(call.at);
    if (knobs.deletion === "scheduled" && stateOf(license) !== "1" && !isDue) {
      license.scheduledclose = license.expiredate;
    } else acts.close(license, call.at);
  }
  return done;
}

function refuseDeletion(call: Call, license: License): void {
  const { deletion, deletionForbiddenType, deletionPhoneType } = call.panel.knobs;
  if (deletion === "forbidden") throw new PanelError(deletionForbiddenType, "softexternal.delete", "deletionForbidden");
  if (deletion === "phone") throw new PanelError(deletionPhoneType, undefined, "phone");
  if (deletion === "minimum-term") {
    // Seen in a client: a minimum of one month.
    const deletableFrom = addMonths(license.createdate, 1);
    if (dateOf(call.at) < deletableFrom) {
      throw new PanelError("pricelist_min_order", undefined, "minimumTerm", deletableFrom);
    }
  }
}

function refuseSuspendResume(call: Call): void {
  if (call.panel.knobs.suspendResume === "access") throw new PanelError("access", call.func, "access");
}

/** A field of an edit: checked when sent; when left out, as the knob says. `undefined` keeps the old value. */
function editedField(call: Call, field: "licname" | "ip", check: (given: string) => string): string | undefined {
  const given = call.params.get(field);
  if (given !== undefined) return check(given);
  if (call.panel.knobs.editOmitted === "refused") throw new PanelError("value", field, "empty");
  return call.panel.knobs.editOmitted === "emptied" ? "" : undefined;
}

function formOf(call: Call, license: License): Answer {
  const { knobs } = call.panel;
  const { tariff } = license;
  const extra = new Set<string>(knobs.formFields);
  const canRenew = knobs.formAutoprolong === "present";
  const body: Element[] = [
    branch("metadata", [], { name: call.func, type: "form" }),
    leaf("elid", license.id),
    leaf("id", license.id),
    leaf("licname", license.licname),
    leaf("ip", license.ip),
    leaf("pricelist", knobs.formPricelist === "name" ? tariff.name : String(tariff.pricelist)),
    ...(extra.has("pricelist_name") ? [leaf("pricelist_name", tariff.name)] : []),
    ...(knobs.formStatus === "absent"
      ? []
      : [leaf("status", knobs.formStatus === "raw" ? license.status : stateOf(license))]),
    leaf("period", String(license.period)),
    leaf("createdate", license.createdate),
    leaf("expiredate", license.expiredate ?? ""),
    ...(canRenew ? [leaf("autoprolong", license.autoprolong === null ? "null" : String(license.autoprolong))] : []),
    ...(extra.has("real_expiredate") ? [leaf("real_expiredate", license.expiredate ?? "")] : []),
    // Seen in clients: filled in when the license has been opened.
    ...(extra.has("lickey") ? [leaf("lickey", /^(1|5_open)$/.test(license.status) ? "" : license.lickey)] : []),
    ...(extra.has("remoteid") ? [leaf("remoteid", license.remoteid ?? "")] : []),
    ...(extra.has("scheduledclose") ? scheduledCloseOf(license) : []),
    ...(canRenew ? [autoprolongChoices(license.period)] : []),
    branch("messages", [{ ...leaf("msg", "License", { name: "title" }), inArray: true }], { name: call.func }),
  ];
  return { result: "form", body };
}

function previewOf(call: Call, license: License, period: number): Answer {
  const { acts, knobs } = call.panel;
  const shown = shownNow(call, license);
  const { until = "" } = acts.renewedTerm(shown, period, call.at);
  return {
    result: "form",
    body: [
      leaf("elid", shown.id),
      leaf("title_name", `${shown.tariff.name} ${shown.licname}`),
      leaf("expiredate", shown.expiredate ?? ""),
      leaf("newexpiredate", until),
      leaf("status", stateOf(shown)),
      leaf("period", String(period)),
      periodChoices("period", periodsOf(shown.tariff, knobs.otherPeriods === "accepted")),
    ],
  };
}
