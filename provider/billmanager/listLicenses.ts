import { textOf } from "./envelope";
import { InvalidRequestError } from "./errors/InvalidRequestError";
import { UnknownOutcomeError } from "./errors/UnknownOutcomeError";
import { licenseFromRow, withoutCredentials } from "./licenseRow";
import type { Panel } from "./panel";
import { damaged, listRows } from "./results";
import type { LicenseId, LicenseRow } from "./types";
import type { XmlElement } from "./xml";

const func = "softexternal";

/** A list that changes while it is read is read again from the start, this often in all. */
const readings = 3;

/** More than any account has; a list without end would be read for ever. */
const mostPages = 10_000;

/** A row as it was read, with the text that it was read from. */
interface ReadRow {
  readonly raw: string;
  readonly license: LicenseRow;
}

/** The rows of each panel's last list. Few change from one list to the next, and reading them takes most of a list's time. */
const lastRows = new WeakMap<Panel, ReadonlyMap<string, ReadRow>>();

interface Page {
  readonly rows: readonly ReadRow[];
  /** Rows in all pages (`p_elems`). */
  readonly total?: number;
  /** The page size that the panel used (`p_cnt`); it may be smaller than the one asked for. */
  readonly size?: number;
}

/**
 * Lists all licenses of the account, as many calls as the panel needs pages.
 *
 * Never part of the list: pages that do not fit together (a total that changes, a license shown twice, rows missing) are read
 * again, then are an error. A filter saved in the user's settings is switched off for the call, yet absence from the list is no
 * proof that a license is gone: `readLicense` gives that.
 *
 * @param options.pageSize rows to ask for at a time, default 1000; the panel may give fewer
 * @throws UnknownOutcomeError reason `inconsistent-list` when the list kept changing
 */
export async function listLicenses(panel: Panel, options: { readonly pageSize?: number } = {}): Promise<LicenseRow[]> {
  const { pageSize = 1000 } = options;
  if (!Number.isSafeInteger(pageSize) || pageSize < 1)
    throw new InvalidRequestError("pageSize must be a whole number above 0. No call was made.");
  for (let reading = 0; reading < readings; reading++) {
    const rows = await readAllPages(panel, pageSize);
    if (rows !== undefined) {
      lastRows.set(panel, new Map(rows.map((row) => [row.raw, row])));
      return rows.map(({ license }) => license);
    }
  }
  throw new UnknownOutcomeError({
    func,
    effect: "read",
    reason: "inconsistent-list",
    detail: `the pages of the list did not fit together in ${readings} readings`,
  });
}

/** @returns `undefined` when the pages do not fit together */
async function readAllPages(panel: Panel, asked: number): Promise<ReadRow[] | undefined> {
  const found = new Map<LicenseId, ReadRow>();
  const first = await readPage(panel, 1, asked);
  const size = first.size ?? asked;
  let page = first;
  for (let number = 1; ; ) {
    if (page.total !== first.total) return undefined;
    if (number > 1 && page.total === undefined && page.rows.every(({ license }) => found.has(license.id))) {
      // Without a total the end shows as an empty page, or as the last page once more. Where that is the first, and full, the panel may
      // as well give the first to whoever asks for another.
      if (number === 2 && page.rows.length >= size)
        throw damaged(func, "read", "its first page comes again as the second, and it names no total");
      return [...found.values()];
    }
    for (const row of page.rows) {
      if (found.has(row.license.id)) return undefined;
      found.set(row.license.id, row);
    }
    if (page.total !== undefined && found.size >= page.total)
      return found.size === page.total ? [...found.values()] : undefined;
    if (page.rows.length === 0) return page.total === undefined ? [...found.values()] : undefined;
    if (number === mostPages) throw damaged(func, "read", "it has no end");
    number++;
    page = await readPage(panel, number, size);
  }
}

async function readPage(panel: Panel, number: number, size: number): Promise<Page> {
  const doc = await panel.call({
    func,
    effect: "read",
    parameters: { filter: "off", p_num: String(number), p_cnt: String(size) },
  });
  const elements = listRows(doc, func);
  if (elements === undefined) throw damaged(func, "read", "it is not a list");
  const total = count(doc, "p_elems");
  const shownSize = count(doc, "p_cnt");
  const known = lastRows.get(panel);
  const rows = elements.map((element) => known?.get(element.raw ?? "") ?? readRow(panel, element));
  return { rows, ...(total === undefined ? {} : { total }), ...(shownSize ? { size: shownSize } : {}) };
}

function readRow(panel: Panel, element: XmlElement): ReadRow {
  const license = licenseFromRow(element);
  if (license === undefined) throw damaged(func, "read", "a row has no id, or one that is no number");
  return { raw: element.raw ?? "", license: withoutCredentials(license, (text) => panel.redact(text)) };
}

function count(doc: XmlElement, name: string): number | undefined {
  const text = textOf(doc, name) ?? "";
  return /^[0-9]{1,9}$/.test(text) ? Number(text) : undefined;
}
