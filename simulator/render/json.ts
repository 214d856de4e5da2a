import type { Knobs } from "../knobs";
import type { Element } from "./element";

/**
 * The answer as json, sjson or xjson: a `doc` whose attributes are `$name` and whose texts are `{"$": "…"}` (seen in
 * captures).
 */
export function renderJson(document: Element, knobs: Knobs): string {
  return JSON.stringify({ [document.name]: objectOf(document, knobs) });
}

function objectOf(element: Element, knobs: Knobs): Record<string, unknown> {
  // Without a prototype, a parameter may be called `__proto__`.
  const object: Record<string, unknown> = Object.create(null);
  for (const name in element.attributes) object[`$${name}`] = element.attributes[name];
  if (element.text !== undefined) object.$ = element.text;
  for (const child of element.children ?? []) {
    const value = objectOf(child, knobs);
    const earlier = object[child.name];
    if (Array.isArray(earlier)) earlier.push(value);
    else if (earlier !== undefined) object[child.name] = [earlier, value];
    else object[child.name] = child.inArray || keepsArray(child.name, knobs) ? [value] : value;
  }
  return object;
}

function keepsArray(name: string, knobs: Knobs): boolean {
  return (name === "elem" && knobs.jsonSingleRow === "array") || (name === "param" && knobs.jsonParam === "array");
}

/**
 * The answer as bjson: fields at the top without `doc`, plain or `{"v": …}`, an attribute beside its element as
 * `<element>_orig`, and the fields of a form under `model` (seen in clients; the exact rules are inferred).
 */
export function renderBjson(document: Element, isForm: boolean, knobs: Knobs): string {
  const hidden = new Set(["tparams", "saved_filters", "metadata", "messages"]);
  const shown = (document.children ?? []).filter((child) => !hidden.has(child.name));
  const body = plainOf(shown, knobs);
  return JSON.stringify(isForm ? { model: body } : body);
}

function plainOf(children: readonly Element[], knobs: Knobs): Record<string, unknown> {
  const entries: [string, unknown][] = [];
  for (const [name, group] of byName(children)) {
    const values = group.map((each) => plainValue(each, knobs));
    const isList = values.length > 1 || group[0]?.inArray || name === "elem";
    entries.push([name, isList ? values : values[0]]);
    const orig = group[0]?.attributes?.orig;
    if (orig !== undefined) entries.push([`${name}_orig`, scalar(orig, knobs)]);
  }
  return Object.fromEntries(entries);
}

function plainValue(element: Element, knobs: Knobs): unknown {
  if (element.children === undefined) return element.text === undefined ? true : scalar(element.text, knobs);
  const attributes = Object.entries(element.attributes ?? {}).map(([name, value]) => [name, scalar(value, knobs)]);
  return { ...Object.fromEntries(attributes), ...plainOf(element.children, knobs) };
}

function scalar(text: string, knobs: Knobs): unknown {
  return knobs.bjsonScalars === "wrapped" ? { v: text } : text;
}

function byName(children: readonly Element[]): Map<string, Element[]> {
  const groups = new Map<string, Element[]>();
  for (const child of children) {
    const group = groups.get(child.name);
    if (group === undefined) groups.set(child.name, [child]);
    else group.push(child);
  }
  return groups;
}
