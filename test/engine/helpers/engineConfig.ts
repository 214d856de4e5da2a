import { PASSWORD } from "./harness";
import { spellingsOf, type Trace } from "./secretNet";

/** How the engine writes a password that is a value of the stack's config: as it is, or in the JSON of Go, once or twice. */
const WRITTEN = ["JSON, for HTML, twice", "JSON, for HTML", "JSON", "plain"].map(
  (name) => spellingsOf(PASSWORD).get(name)?.toString("latin1") ?? "",
);
const password = `(?:${WRITTEN.map(escaped).join("|")})`;

/** Its values in binary form, as the logs have them that it keeps encrypted: they begin with "pulumi" and a sign of theirs. */
const packed = "cHVsdW1pU[\\w+/]+=*";

/** What stands between a key and its value: marks, the words of its envelopes, and its signs of a secret. */
const envelope =
  '(?:[\\s\\\\"{}:,=]|fields|key|value|string_value|struct_value|4dabf18193072939515e22adb298388d|1b47061264138c4ac30d75fd1eb44270)*';
const defaultProvider = "pulumi:providers:(?:pulumi-nodejs|billmanager)::default";
const configCall = `RPC\\[Provider\\[\\w+\\]\\.(?:CheckConfig|DiffConfig|Configure)\\((?:[^()]*${defaultProvider})?\\)\\.\\w+\\]: `;

const CONFIG = [
  // The stack's config, the same as the plugin is configured with, and the inputs of its provider.
  `(billmanager:(?:config:)?password${envelope})${password}`,
  `("password\\\\*"${envelope})${password}`,
  `(${configCall}(?:value|password)=(?:\\{|map\\[V:))${password}`,
  `(${configCall}(?:billmanager:password|password|value)=)${packed}`,
  `(Planner decided [^"]*${defaultProvider}'[^"]*\\(inputs=)${packed}`,
].map((place) => new RegExp(place, "g"));

/**
 * What is left without the stack's config, which is the engine's to keep and to write: the value of `billmanager:password`, and what
 * it tells the default provider. A password anywhere else stays.
 */
export function withoutEngineConfig({ where, what }: Trace): Trace {
  const text = Buffer.from(what).toString("latin1");
  const rest = CONFIG.reduce((left, place) => left.replace(place, "$1"), text);
  return { where, what: Buffer.from(rest, "latin1") };
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
