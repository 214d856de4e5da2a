import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import {
  licenseId,
  orderLicense,
  type Panel,
  readBalances,
  readLicense,
  suspendLicense,
} from "../../provider/billmanager";
import { clientOf, hangUp, password, type Reply, raw, scriptedPanel, xml } from "./scriptedPanel";

const id = licenseId("1234567");
const session = "a1b2c3d4e5f60718";
const escaped = password.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
const base64 = Buffer.from(`user:${password}`).toString("base64");
const form = new URLSearchParams({ authinfo: `user:${password}` }).toString();

/** Pieces of the secrets that survive no encoding by accident. */
const canaries = ["w0rd", "c4nary", session, base64.slice(8, 24), encodeURIComponent(password).slice(0, 12)];

const echoes: readonly [string, Reply][] = [
  [
    "the vendor's message",
    xml(`<doc><error type="value" object="x"><msg>bad ${escaped} and ${session}</msg></error></doc>`),
  ],
  ["the error's object", xml(`<doc><error type="value" object="${escaped}"><msg>bad</msg></error></doc>`)],
  ["the error's type", xml(`<doc><error type="${escaped} ${session}"><msg>bad</msg></error></doc>`)],
  [
    "the error's value",
    xml(`<doc><error type="value"><param name="value">${escaped}</param><msg>got __value__</msg></error></doc>`),
  ],
  ["the message, as a form", xml(`<doc><error type="value"><msg>${form.replaceAll("&", "&amp;")}</msg></error></doc>`)],
  ["the message, in base64", xml(`<doc><error type="value"><msg>${base64}</msg></error></doc>`)],
  [
    "the echo of the request",
    xml(`<doc><tparams><authinfo>user:${escaped}</authinfo><auth>${session}</auth></tparams></doc>`),
  ],
  ["the name of the root", xml(`<a${session}/>`)],
  ["a damaged answer", xml(`<doc><authinfo>user:${escaped}</authinfo><auth>${session}`)],
  ["a page", xml(`<html>${escaped} ${session}</html>`)],
  ["a broken header", raw(`HTTP/1.1 200 OK\r\n${base64} ${session}\r\n\r\n`)],
  ["a status line", raw(`nonsense ${base64} ${session}\r\n\r\n`)],
  [
    "a login refused",
    xml(`<doc><error type="auth" object="badpassword"><msg>${escaped} ${session}</msg></error></doc>`),
  ],
  ["no answer", hangUp],
];

const calls: readonly [string, (panel: Panel) => Promise<unknown>][] = [
  ["order", (panel) => orderLicense(panel, { pricelist: 9203, period: 1, licenseName: "web01" })],
  ["suspend", (panel) => suspendLicense(panel, id)],
  ["read", (panel) => readLicense(panel, id)],
  ["balance", (panel) => readBalances(panel)],
];

function everythingAbout(error: unknown): string {
  const parts = [inspect(error, { depth: 20, showHidden: true, getters: true }), JSON.stringify(error), String(error)];
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    parts.push(cause.message, cause.stack ?? "", JSON.stringify(Object.getOwnPropertyDescriptors(cause)));
  }
  return parts.join("\n");
}

describe.each(["authinfo", "session"] as const)("the credentials (%s)", (auth) => {
  describe.each(calls)("of a failed call to %s", (_call, perform) => {
    it.each(echoes)("are in no error when the panel echoes them in %s", async (_where, reply) => {
      const login = xml(`<doc><auth id="${session}">${session}</auth></doc>`);
      const server = await scriptedPanel((call) => (call.form.get("func") === "auth" ? login : reply));
      const panel = clientOf(server, { auth, retries: 1 });
      const error = await perform(panel).then(
        () => undefined,
        (failure: unknown) => failure,
      );
      expect(error).toBeInstanceOf(Error);
      const text = everythingAbout(error);
      // The session id is a secret only where it was issued.
      expect(canaries.filter((canary) => (canary !== session || auth === "session") && text.includes(canary))).toEqual(
        [],
      );
    });
  });

  it("are in no picture of the panel", async () => {
    const login = xml(`<doc><auth id="${session}">${session}</auth></doc>`);
    const server = await scriptedPanel((call) => (call.form.get("func") === "auth" ? login : xml("<doc><ok/></doc>")));
    const panel = clientOf(server, { auth });
    await suspendLicense(panel, id);
    const text = [
      inspect(panel, { depth: 20, showHidden: true, getters: true }),
      JSON.stringify(panel),
      String(panel),
    ].join("\n");
    expect(canaries.filter((canary) => text.includes(canary))).toEqual([]);
    expect(panel.account).toMatch(/^user@127\.0\.0\.1:/);
  });

  it("are not in a payment link that the panel returns", async () => {
    const login = xml(`<doc><auth id="${session}">${session}</auth></doc>`);
    const receipt = xml(
      `<doc><billorder>${session}</billorder><payment_id>${session}</payment_id><ok>/billmgr?func=payment&amp;${form.replaceAll("&", "&amp;")}&amp;auth=${session}</ok></doc>`,
    );
    const server = await scriptedPanel((call) => (call.form.get("func") === "auth" ? login : receipt));
    const text = JSON.stringify(
      await orderLicense(clientOf(server, { auth: "session" }), { pricelist: 9203, period: 1, licenseName: "web01" }),
    );
    expect(canaries.filter((canary) => text.includes(canary))).toEqual([]);
  });
});
