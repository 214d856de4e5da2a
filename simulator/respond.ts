import type { Knobs } from "./knobs";
import { messageOf, PanelError } from "./messages";
import type { Answer } from "./panel/call";
import { branch, type Element, leaf } from "./render/element";
import { renderHtml } from "./render/html";
import { renderBjson, renderJson } from "./render/json";
import { renderXml } from "./render/xml";
import { type Params, withoutSecrets } from "./request";

/** What goes over the wire. */
export interface Response {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** What the envelope needs to know of the call that it answers. */
export interface Asked {
  readonly params: Params;
  readonly binary: string;
  readonly host: string;
  readonly username: string | undefined;
  readonly savedFilter: ReadonlyMap<string, string>;
}

const htmlType = "text/html; charset=UTF-8";

export function htmlResponse(status: number, body: string): Response {
  return { status, contentType: htmlType, body };
}

/** Puts an answer or a refusal into the vendor's envelope, in the format that `out` names. */
export function respond(outcome: Answer | PanelError, asked: Asked, knobs: Knobs): Response {
  const refused = outcome instanceof PanelError;
  const body = refused ? [errorElement(outcome, asked, knobs)] : outcome.body;
  const document = envelope(body, asked, knobs);
  switch (asked.params.get("out")) {
    case "xml":
    case "devel":
      return { status: 200, contentType: "text/xml; charset=UTF-8", body: renderXml(document) };
    case "json":
    case "sjson":
    case "xjson":
      return { status: 200, contentType: "application/json; charset=UTF-8", body: renderJson(document, knobs) };
    case "bjson": {
      const isForm = !refused && outcome.result === "form";
      return {
        status: 200,
        contentType: "application/json; charset=UTF-8",
        body: renderBjson(document, isForm, knobs),
      };
    }
    default:
      return htmlResponse(200, renderHtml(document));
  }
}

/** The type that an error shows; one knob gives all of them a type that nobody has seen. */
export function shownType(error: PanelError, knobs: Knobs): string {
  return knobs.unseenErrorType === "" ? error.type : knobs.unseenErrorType;
}

/** Root attributes, the echo of the request and the saved filter surround every answer (seen in captures). */
function envelope(body: readonly Element[], asked: Asked, knobs: Knobs): Element {
  const { params } = asked;
  const echoed = knobs.tparams === "echoed" ? [...params] : withoutSecrets(params);
  const filters = [...asked.savedFilter].map(([name, value]) => leaf(name, value));
  return branch(
    "doc",
    [
      ...body,
      branch(
        "tparams",
        echoed.map(([name, value]) => leaf(name, value)),
      ),
      branch("saved_filters", filters),
    ],
    {
      lang: languageOf(params),
      func: params.get("func") ?? "",
      binary: asked.binary,
      host: asked.host,
      themename: "orion",
      features: "",
      notify: "",
      theme: "/manimg/orion/",
    },
  );
}

function errorElement(error: PanelError, asked: Asked, knobs: Knobs): Element {
  const type = shownType(error, knobs);
  const object: Record<string, string> = error.object === undefined ? {} : { object: error.object };
  const message = messageOf(error, knobs);
  if (knobs.errorBody === "minimal") return branch("error", [leaf("msg", message)], { type, ...object });
  const action = leaf("action", asked.params.get("func") ?? "", { level: "0", user: asked.username ?? "" });
  return branch(
    "error",
    [
      ...(error.object === undefined ? [] : [leaf("param", error.object, { name: "object", type: "msg" })]),
      ...(error.value === "" ? [] : [leaf("param", error.value, { name: "value" })]),
      branch("stack", [action]),
      leaf("detail", message),
      leaf("msg", message),
    ],
    { type, ...object, lang: languageOf(asked.params), code: "1" },
  );
}

function languageOf(params: Params): string {
  return params.get("lang") || "en";
}
