import { describe, expect, it } from "vitest";
import {
  deleteLicense,
  editLicense,
  isInvalidRequest,
  isUnknownOutcome,
  licenseId,
  orderLicense,
  type Panel,
  prolongLicense,
  quotePrice,
  readBalances,
  readLicense,
  resumeLicense,
  suspendLicense,
} from "../../provider/billmanager";
import { clientOf, fixture, type Reply, scriptedPanel, xml } from "./scriptedPanel";

const id = licenseId("1234567");
const order = { pricelist: 9203, period: 1, licenseName: "web01", ip: "192.0.2.10" };

/** What a function sent, without what every call sends. */
async function sent(perform: (panel: Panel) => Promise<unknown>, ...replies: Reply[]) {
  const server = await scriptedPanel(replies);
  await perform(clientOf(server));
  return server.calls.map(({ form }) => {
    const { out, lang, authinfo, ...rest } = Object.fromEntries(form);
    return rest;
  });
}

async function answered<T>(perform: (panel: Panel) => Promise<T>, ...replies: Reply[]): Promise<T> {
  return perform(clientOf(await scriptedPanel(replies)));
}

describe("orderLicense", () => {
  const place = (panel: Panel) => orderLicense(panel, order);

  it("sends the call of the vendor's page", async () => {
    expect(await sent(place, fixture("order-id.xml"))).toEqual([
      {
        func: "softexternal.order.param",
        clicked_button: "finish",
        ip: "192.0.2.10",
        licname: "web01",
        period: "1",
        pricelist: "9203",
        sok: "ok",
        skipbasket: "on",
      },
    ]);
  });

  it.each([
    [true, 12, "12"],
    [false, 12, "null"],
  ])("says whether to renew automatically: %s", async (autoRenew, period, autoprolong) => {
    const calls = await sent(
      (panel) => orderLicense(panel, { ...order, period, autoRenew, remoteId: "k3yz0abc" }),
      fixture("order-id.xml"),
    );
    expect(calls[0]).toMatchObject({ autoprolong, remoteid: "k3yz0abc" });
  });

  it("leaves the address out for a tariff without one", async () => {
    const calls = await sent(
      (panel) => orderLicense(panel, { pricelist: 55369, period: 1, licenseName: "bn" }),
      fixture("order-id.xml"),
    );
    expect(calls[0]).not.toHaveProperty("ip");
  });

  it.each([
    ["order-id.xml", { id: "1234567" }],
    ["order-item-id.xml", { id: "1234567" }],
    ["order-leading-zeros.xml", { id: "0071234" }],
    ["order-without-id.xml", {}],
    [
      "order-billorder.xml",
      {
        id: "1234567",
        unpaid: { billorder: "4711", paymentUrl: "https://panel.example/billmgr?func=payment.add&billorder=4711" },
      },
    ],
    ["order-payment-id.xml", { unpaid: { paymentId: "815" } }],
  ])("reads the receipt of %s", async (name, receipt) => {
    expect(await answered(place, fixture(name))).toEqual(receipt);
  });

  it("does not know the outcome when the form comes again: its echo of our own id is no receipt", async () => {
    await expect(answered(place, fixture("order-form-again.xml"))).rejects.toMatchObject({
      name: "UnknownOutcomeError",
      effect: "charge",
      reason: "form-redisplayed",
    });
  });

  it.each(["order-id-not-a-number.xml", "order-two-ids.xml"])(
    "does not know the outcome when the receipt makes no sense: %s",
    async (name) => {
      await expect(answered(place, fixture(name))).rejects.toMatchObject({ effect: "charge", reason: "malformed" });
    },
  );

  it("may have been booked when an error stands beside an id", async () => {
    await expect(answered(place, fixture("error-beside-ok.xml"))).rejects.toMatchObject({
      name: "UnknownOutcomeError",
      reason: "malformed",
      message: expect.stringContaining("it names an error and a result at once"),
    });
  });

  it.each([{ pricelist: 0 }, { pricelist: 1.5 }, { period: Number.NaN }])(
    "refuses what no order can be, before any call: %j",
    async (wrong) => {
      const server = await scriptedPanel([]);
      await expect(orderLicense(clientOf(server), { ...order, ...wrong })).rejects.toSatisfy(isInvalidRequest);
      expect(server.calls).toHaveLength(0);
    },
  );
});

describe("editLicense", () => {
  it("always sends name and address together", async () => {
    const calls = await sent(
      (panel) => editLicense(panel, id, { licenseName: "new", ip: "192.0.2.11" }),
      fixture("action-ok.xml"),
    );
    expect(calls).toEqual([
      { func: "softexternal.edit", elid: "1234567", licname: "new", ip: "192.0.2.11", sok: "ok" },
    ]);
  });

  it.each([
    [12, "12"],
    [false, "null"],
  ] as const)("switches automatic renewal: %s", async (autoRenew, autoprolong) => {
    const calls = await sent(
      (panel) => editLicense(panel, id, { licenseName: "n", ip: "192.0.2.1", autoRenew }),
      fixture("action-ok.xml"),
    );
    expect(calls[0]).toMatchObject({ autoprolong });
  });

  it("does not take the form shown again for success, although it has an id", async () => {
    const failure = answered(
      (panel) => editLicense(panel, id, { licenseName: "n", ip: "192.0.2.1" }),
      fixture("action-form-again.xml"),
    );
    await expect(failure).rejects.toMatchObject({
      reason: "form-redisplayed",
      message: expect.stringContaining("Most likely the change was not made"),
    });
  });
});

describe("suspend, resume and delete", () => {
  it.each([
    ["suspend", suspendLicense, { func: "softexternal.suspend", elid: "1234567" }],
    ["resume", resumeLicense, { func: "softexternal.resume", elid: "1234567" }],
    ["delete", deleteLicense, { func: "softexternal.delete", elid: "1234567", sok: "ok" }],
  ])("%s sends the call of the vendor's page", async (_name, perform, call) => {
    expect(await sent((panel) => perform(panel, id), fixture("action-ok.xml"))).toEqual([call]);
  });

  it("are done also when the answer's ok has a follow-up in it", async () => {
    await expect(
      answered((panel) => deleteLicense(panel, id), fixture("action-ok-with-text.xml")),
    ).resolves.toBeUndefined();
  });

  it("say when there is no such license", async () => {
    await expect(answered((panel) => deleteLicense(panel, id), fixture("error-missed.xml"))).rejects.toMatchObject({
      name: "NotFoundError",
      type: "missed",
      message:
        "BILLmanager refused softexternal.delete (type missed, object softexternal): The item does not exist. Nothing was changed or charged by this call.",
    });
  });

  it("show the vendor's reason for a refusal that nobody has seen before", async () => {
    await expect(answered((panel) => deleteLicense(panel, id), fixture("error-unheard-of.xml"))).rejects.toMatchObject({
      name: "RefusedError",
      type: "pricelist_min_order",
      message: expect.stringContaining("Сервис нельзя удалить раньше срока"),
    });
  });

  it("do not take a missing function for a missing license", async () => {
    await expect(
      answered((panel) => deleteLicense(panel, id), fixture("error-unknown-function.xml")),
    ).rejects.toMatchObject({ name: "RefusedError" });
  });
});

describe("prolongLicense", () => {
  const renew = (panel: Panel) => prolongLicense(panel, id, 1);

  it("sends the call of the vendor's page", async () => {
    expect(await sent(renew, fixture("prolong-ok.xml"))).toEqual([
      { func: "service.prolong", elid: "1234567", period: "1", sok: "ok" },
    ]);
  });

  it.each([
    ["prolong-new-date.xml", { expiresOn: "2026-03-15" }],
    ["prolong-ok.xml", {}],
  ])("reads the new date where it is announced: %s", async (name, renewal) => {
    expect(await answered(renew, fixture(name))).toEqual(renewal);
  });

  it("does not take a preview for a renewal", async () => {
    await expect(answered(renew, fixture("prolong-preview.xml"))).rejects.toMatchObject({
      effect: "charge",
      reason: "form-redisplayed",
    });
  });

  it("tries the other of the vendor's two names where the panel does not know the first, and remembers it", async () => {
    const twice = async (panel: Panel) => [await renew(panel), await renew(panel)];
    const calls = await sent(
      twice,
      fixture("error-unknown-function.xml"),
      fixture("prolong-ok.xml"),
      fixture("prolong-ok.xml"),
    );
    expect(calls.map(({ func }) => func)).toEqual(["service.prolong", "softexternal.prolong", "softexternal.prolong"]);
  });

  it.each(["error-missed.xml", "error-access.xml", "error-value.xml"])(
    "tries no other name after a refusal of the renewal itself: %s",
    async (name) => {
      const server = await scriptedPanel([fixture(name), fixture("prolong-ok.xml")]);
      await expect(renew(clientOf(server))).rejects.toMatchObject({
        name: expect.stringMatching(/RefusedError|NotFoundError/),
      });
      expect(server.calls).toHaveLength(1);
    },
  );

  it("tries no other name after an unknown outcome", async () => {
    const server = await scriptedPanel([fixture("gateway-error.html"), fixture("prolong-ok.xml")]);
    await expect(renew(clientOf(server))).rejects.toSatisfy(isUnknownOutcome);
    expect(server.calls).toHaveLength(1);
  });

  it.each([0, -50, 1.5])("refuses %d months, before any call", async (period) => {
    const server = await scriptedPanel([]);
    await expect(prolongLicense(clientOf(server), id, period)).rejects.toSatisfy(isInvalidRequest);
    expect(server.calls).toHaveLength(0);
  });
});

describe("readLicense", () => {
  it("asks for the form without sok, which changes nothing", async () => {
    expect(await sent((panel) => readLicense(panel, id), fixture("form-documented.xml"))).toEqual([
      { func: "softexternal.edit", elid: "1234567" },
    ]);
  });

  it("says when there is no such license", async () => {
    await expect(answered((panel) => readLicense(panel, id), fixture("error-missed.xml"))).rejects.toMatchObject({
      name: "NotFoundError",
    });
  });

  it("does not take a denied look for a missing license", async () => {
    await expect(answered((panel) => readLicense(panel, id), fixture("error-access.xml"))).rejects.toMatchObject({
      name: "RefusedError",
      type: "access",
    });
  });

  it.each(["form-of-another-license.xml", "form-empty.xml", "logon-form.xml"])(
    "believes no form but that of the license asked for: %s",
    async (name) => {
      const server = await scriptedPanel(() => fixture(name));
      await expect(readLicense(clientOf(server), id)).rejects.toMatchObject({ effect: "read", reason: "malformed" });
    },
  );
});

describe("readBalances", () => {
  it("reads one balance per currency, with its credit", async () => {
    expect(await answered(readBalances, fixture("subaccount.xml"))).toEqual([
      { amount: "12.50", currency: "EUR", credit: "5.00" },
      { amount: "-1200.75", currency: "RUB" },
      { amount: "7", currency: "USD" },
    ]);
  });

  it.each([
    ["1,000", { unreadCredit: "1,000" }],
    ["10.00 USD", { unreadCredit: "10.00 USD" }],
    ["unlimited", { unreadCredit: "unlimited" }],
    ["10.00 EUR", { credit: "10.00" }],
    ["0.00", { credit: "0.00" }],
    ["", {}],
  ])("tells a credit that it cannot read from none: %j", async (credit, read) => {
    const list = `<doc><elem><id>1</id><balance>5.00 EUR</balance><credit>${credit}</credit></elem></doc>`;
    expect(await answered(readBalances, xml(list))).toEqual([{ amount: "5.00", currency: "EUR", ...read }]);
  });

  it("does not pass over a balance that it cannot read", async () => {
    await expect(answered(readBalances, fixture("subaccount-unreadable.xml"))).rejects.toMatchObject({
      reason: "malformed",
    });
  });

  it("does not take a login page for an empty list", async () => {
    await expect(answered(readBalances, fixture("logon-form.xml"))).rejects.toMatchObject({ reason: "malformed" });
  });

  it("says when the account may not look", async () => {
    await expect(answered(readBalances, fixture("error-access.xml"))).rejects.toMatchObject({
      name: "RefusedError",
      type: "access",
    });
  });
});

describe("quotePrice", () => {
  const quote = (panel: Panel) => quotePrice(panel, { pricelist: 9203, period: 1 });
  const noQuote = xml("<doc/>");

  it("asks the order form, without what would make it an order", async () => {
    expect(await sent(quote, fixture("quote-order-form.xml"))).toEqual([
      { func: "softexternal.order.param", pricelist: "9203", period: "1" },
    ]);
  });

  it.each([
    ["quote-order-form.xml", { amount: "14.00", currency: "EUR", period: 1 }],
    ["quote-nested-step.xml", { amount: "1400.00", currency: "RUB", period: 1 }],
  ])("reads the total of %s", async (name, price) => {
    expect(await answered(quote, fixture(name))).toEqual(price);
  });

  it.each(["quote-unclear.xml", "error-access.xml", "error-unheard-of.xml"])(
    "asks the price list where the form does not say: %s",
    async (name) => {
      expect(await answered(quote, fixture(name), fixture("price-list.xml"))).toEqual({
        amount: "13.9286",
        currency: "EUR",
        period: 1,
      });
    },
  );

  it("takes no amount below zero for a price, in either place", async () => {
    const form = xml("<doc><orderinfo>Total amount: -5.00 EUR</orderinfo></doc>");
    const list = (cost: string) =>
      xml(
        `<doc><pricelist><id>9203</id><price currency="EUR"><period cost="${cost}" type="month"/></price></pricelist></doc>`,
      );
    expect(await answered(quote, form, list("14.00"))).toEqual({ amount: "14.00", currency: "EUR", period: 1 });
    expect(await answered(quote, form, list("-14.00"))).toBeUndefined();
  });

  it("takes twelve months from the yearly price", async () => {
    const yearly = await answered(
      (panel) => quotePrice(panel, { pricelist: 9203, period: 12 }),
      noQuote,
      fixture("price-list.xml"),
    );
    expect(yearly).toEqual({ amount: "140.00", currency: "EUR", period: 12 });
  });

  it.each([
    ["a day", -50, "2.00"],
    ["a lifetime", 0, "300.00"],
    ["a trial", -100, "0.00"],
    ["two years", 24, "250.00"],
  ])("takes the price of %s by the period's type", async (_name, period, amount) => {
    const periods = [
      '<period cost="2.00" type="day"/><period cost="13.00" type="day" length="7"/>',
      '<period cost="300.00" type="lifetime"/><period cost="0.00" type="trial"/>',
      '<period cost="250.00" type="year" length="2"/><period cost="1.00" type="fortnight"/>',
    ].join("");
    const list = `<doc><pricelist><id>9203</id><price currency="EUR">${periods}</price></pricelist></doc>`;
    expect(await answered((panel) => quotePrice(panel, { pricelist: 9203, period }), noQuote, xml(list))).toEqual({
      amount,
      currency: "EUR",
      period,
    });
  });

  it.each([
    ["a period that is not listed", { pricelist: 9203, period: 6 }],
    ["a tariff that is not listed", { pricelist: 1, period: 1 }],
    ["a price in two currencies", { pricelist: 9204, period: 1 }],
  ])("names no price for %s", async (_name, wish) => {
    expect(await answered((panel) => quotePrice(panel, wish), noQuote, fixture("price-list.xml"))).toBeUndefined();
  });

  it("names no price where both are refused", async () => {
    expect(await answered(quote, fixture("error-access.xml"), fixture("error-access.xml"))).toBeUndefined();
  });

  it("does not hide a refused login", async () => {
    await expect(answered(quote, fixture("error-badpassword.xml"))).rejects.toMatchObject({
      name: "LoginRefusedError",
    });
  });
});
