import { describe, expect, it } from "vitest";
import { isInvalidRequest, listLicenses } from "../../provider/billmanager";
import { clientOf, fixture, type Received, type Reply, scriptedPanel, status, xml } from "./scriptedPanel";

interface Book {
  readonly ids: readonly number[];
  /** The most rows that the panel gives at a time. */
  readonly cap?: number;
  readonly hideTotal?: boolean;
  readonly hideSize?: boolean;
  /** What a page beyond the end shows. */
  readonly beyond?: "nothing" | "last page";
}

/** A page of the list, as a panel cuts it. */
function pageOf(book: Book, { form }: Received): Reply {
  const size = Math.min(Number(form.get("p_cnt")), book.cap ?? Number.POSITIVE_INFINITY);
  const pages = Math.max(1, Math.ceil(book.ids.length / size));
  const asked = Number(form.get("p_num"));
  const number = book.beyond === "last page" ? Math.min(asked, pages) : asked;
  const rows = book.ids
    .slice((number - 1) * size, number * size)
    .map((id) => `<elem><id>${id}</id><licname>l${id}</licname></elem>`);
  const total = book.hideTotal ? "" : `<p_elems>${book.ids.length}</p_elems>`;
  return xml(
    `<doc func="softexternal">${rows.join("")}<p_num>${number}</p_num>${book.hideSize ? "" : `<p_cnt>${size}</p_cnt>`}${total}</doc>`,
  );
}

const ids = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const asked = (calls: readonly Received[]) => calls.map(({ form }) => [form.get("p_num"), form.get("p_cnt")]);

async function listed(book: Book, pageSize?: number) {
  const server = await scriptedPanel((call) => pageOf(book, call));
  const licenses = await listLicenses(clientOf(server), pageSize === undefined ? {} : { pageSize });
  return { ids: licenses.map(({ id }) => Number(id)), calls: server.calls };
}

describe("listLicenses", () => {
  it("asks for a thousand rows at a time, with a saved filter switched off", async () => {
    const { calls } = await listed({ ids: ids(3) });
    const { authinfo, out, lang, ...rest } = Object.fromEntries(calls[0]?.form ?? []);
    expect([calls.length, rest]).toEqual([1, { func: "softexternal", filter: "off", p_num: "1", p_cnt: "1000" }]);
  });

  it("asks for as many rows as wished", async () => {
    const { calls, ids: found } = await listed({ ids: ids(5) }, 2);
    expect([asked(calls), found]).toEqual([
      [
        ["1", "2"],
        ["2", "2"],
        ["3", "2"],
      ],
      ids(5),
    ]);
  });

  it("goes on with the size that the panel really uses", async () => {
    const { calls, ids: found } = await listed({ ids: ids(25), cap: 10 });
    expect([asked(calls), found]).toEqual([
      [
        ["1", "1000"],
        ["2", "10"],
        ["3", "10"],
      ],
      ids(25),
    ]);
  });

  it.each([0, 10, 11, 20, 25])("finds all of %i where the panel cuts pages silently", async (count) => {
    expect((await listed({ ids: ids(count), cap: 10, hideSize: true })).ids).toEqual(ids(count));
  });

  it.each([0, 9, 11, 20, 25])("finds all of %i where the panel names no total", async (count) => {
    for (const beyond of ["nothing", "last page"] as const) {
      expect((await listed({ ids: ids(count), cap: 10, hideTotal: true, beyond })).ids).toEqual(ids(count));
      expect((await listed({ ids: ids(count), cap: 10, hideTotal: true, hideSize: true, beyond })).ids).toEqual(
        ids(count),
      );
    }
  });

  it("does not take a full page for all where it comes for every page, and no total is named", async () => {
    const book = { ids: ids(25), cap: 10, hideTotal: true };
    const server = await scriptedPanel((call) => {
      call.form.set("p_num", "1");
      return pageOf(book, call);
    });
    await expect(listLicenses(clientOf(server))).rejects.toMatchObject({
      reason: "malformed",
      message: expect.stringContaining("its first page comes again as the second, and it names no total"),
    });
    expect(server.calls).toHaveLength(2);
  });

  it.each(["list-empty.xml", "list-empty-bare.xml"])("knows an empty list: %s", async (name) => {
    await expect(listLicenses(clientOf(await scriptedPanel([fixture(name), fixture(name)])))).resolves.toEqual([]);
  });

  it("does not take a login page for an empty list", async () => {
    const server = await scriptedPanel(() => fixture("logon-form.xml"));
    await expect(listLicenses(clientOf(server))).rejects.toMatchObject({
      name: "UnknownOutcomeError",
      reason: "malformed",
    });
  });

  it.each(["list-id-not-a-number.xml", "list-row-without-id.xml"])(
    "does not pass over a row that it cannot read: %s",
    async (name) => {
      await expect(listLicenses(clientOf(await scriptedPanel(() => fixture(name))))).rejects.toMatchObject({
        reason: "malformed",
      });
    },
  );

  it("reads all again when the list changed between two pages", async () => {
    const shrunk = { ids: ids(25).filter((id) => id !== 3), cap: 10 };
    const server = await scriptedPanel((call) =>
      pageOf(server.calls.length === 1 ? { ids: ids(25), cap: 10 } : shrunk, call),
    );
    const licenses = await listLicenses(clientOf(server));
    expect(licenses.map(({ id }) => Number(id))).toEqual(shrunk.ids);
    expect(asked(server.calls).map(([number]) => number)).toEqual(["1", "2", "1", "2", "3"]);
  });

  it("reads all again when a license is shown on two pages", async () => {
    const grown = { ids: [0, ...ids(24)].map((id) => id + 1), cap: 10 };
    const server = await scriptedPanel((call) =>
      pageOf(server.calls.length === 1 ? { ...grown, ids: ids(25).reverse() } : grown, call),
    );
    const licenses = await listLicenses(clientOf(server));
    expect(licenses).toHaveLength(25);
  });

  it("gives no part of a list: fewer rows than announced are an error in the end", async () => {
    const server = await scriptedPanel((call) =>
      call.form.get("p_num") === "1"
        ? fixture("list-short-total.xml")
        : xml('<doc func="softexternal"><p_elems>3</p_elems></doc>'),
    );
    await expect(listLicenses(clientOf(server))).rejects.toMatchObject({
      name: "UnknownOutcomeError",
      reason: "inconsistent-list",
    });
    expect(server.calls).toHaveLength(6);
  });

  it("gives no part of a list where the panel shows the same page for ever", async () => {
    const server = await scriptedPanel(() => fixture("list-short-total.xml"));
    await expect(listLicenses(clientOf(server))).rejects.toMatchObject({ reason: "inconsistent-list" });
  });

  it("gives no part of a list when a later page cannot be read", async () => {
    const book = { ids: ids(25), cap: 10 };
    const server = await scriptedPanel((call) => (call.form.get("p_num") === "3" ? status(403) : pageOf(book, call)));
    await expect(listLicenses(clientOf(server))).rejects.toMatchObject({ reason: "http-status" });
  });

  it.each([0, 2.5, Number.NaN])("refuses pages of %d rows, before any call", async (pageSize) => {
    const server = await scriptedPanel([]);
    await expect(listLicenses(clientOf(server), { pageSize })).rejects.toSatisfy(isInvalidRequest);
    expect(server.calls).toHaveLength(0);
  });
});
