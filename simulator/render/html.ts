import type { Element } from "./element";
import { escapeXml, renderXml } from "./xml";

/** A page for a person: what the panel answers when a call names no `out`. */
export function renderHtml(document: Element): string {
  return page("BILLmanager", `<pre>${escapeXml(renderXml(document))}</pre>`);
}

/** A page with a title and a body that is HTML already. */
export function page(title: string, body: string): string {
  return `<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>${escapeXml(title)}</title></head><body>${body}</body></html>\n`;
}
