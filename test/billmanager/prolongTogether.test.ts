/*
 * Renewal has two names at the vendor, and which of them a panel knows is learnt from a refusal. Renewals of several licenses begin
 * before that is known: each of them learns it for itself, and none may be sent under a second name unless the first was refused.
 */
import { describe, expect, it, onTestFinished } from "vitest";
import { isUnknownOutcome, type LicenseId, licenseId, Panel, prolongLicense } from "../../provider/billmanager";
import { startSimulator } from "../../simulator";
import { clientOf, fixture, hangUp, type Received, type Reply, scriptedPanel, xml } from "./scriptedPanel";

const one = licenseId("1");
const other = licenseId("2");
const unknownFunction = fixture("error-unknown-function.xml");
const renewed = fixture("prolong-ok.xml");

describe("renewals that are under way together", () => {
  it("are each paid once on a panel that knows the other name alone, and the next one begins with that", async () => {
    const simulator = await startSimulator({ now: "2026-01-15", knobs: { renewalFunctions: "softexternal.prolong" } });
    const panel = new Panel({ endpoint: simulator.endpoint, username: "demo", password: "demo" });
    onTestFinished(async () => {
      await panel.close();
      await simulator.close();
    });
    const ids = Array.from({ length: 6 }, (_, index) =>
      licenseId(simulator.outside.order({ pricelist: 9203, licname: `web${index}`, ip: `192.0.2.${index + 1}` })),
    );
    expect(await Promise.all(ids.map((id) => prolongLicense(panel, id, 1)))).toEqual(
      ids.map(() => ({ expiresOn: "2026-03-15" })),
    );
    const paid = () => simulator.ledger().flatMap(({ kind, license }) => (kind === "prolong" ? [license] : []));
    expect(paid().toSorted()).toEqual(ids.toSorted());

    simulator.clearJournal();
    for (const id of ids.slice(0, 1)) await prolongLicense(panel, id, 1);
    expect(simulator.journal().map(({ func, result }) => `${func} → ${result}`)).toEqual(["softexternal.prolong → ok"]);
    expect(paid()).toHaveLength(7);
  });

  /** A panel that answers renewals of each license by name of the function, once a first call has been accepted. */
  async function panelWhere(answer: (func: string, id: string) => Reply) {
    const server = await scriptedPanel(({ form }) => {
      const func = form.get("func") ?? "";
      return func === "warm up" ? xml("<doc><ok/></doc>") : answer(func, form.get("elid") ?? "");
    });
    const panel = clientOf(server);
    // Before an accepted call, only one is in flight.
    await panel.call({ func: "warm up", effect: "read", parameters: {} });
    const namesFor = (id: LicenseId) => server.calls.flatMap((call) => nameOf(call, id));
    return { panel, namesFor };
  }

  const nameOf = ({ form }: Received, id: LicenseId) => (form.get("elid") === id ? [form.get("func")] : []);

  it("do not send one under the other name whose answer was lost, whatever another has learnt meanwhile", async () => {
    const lost = Promise.withResolvers<void>();
    const { panel, namesFor } = await panelWhere((func, id) => {
      if (id === one) return (response, call) => void lost.promise.then(() => hangUp(response, call));
      return func === "service.prolong" ? unknownFunction : renewed;
    });
    const losing = prolongLicense(panel, one, 1).catch((error) => error);
    await prolongLicense(panel, other, 1);
    lost.resolve();
    expect(await losing).toSatisfy(isUnknownOutcome);
    expect(namesFor(one)).toEqual(["service.prolong"]);
    expect(namesFor(other)).toEqual(["service.prolong", "softexternal.prolong"]);
  });

  it("go on under the other name where the refusal comes after another has learnt it", async () => {
    const late = Promise.withResolvers<void>();
    const { panel, namesFor } = await panelWhere((func, id) => {
      if (func !== "service.prolong") return renewed;
      return id === one
        ? (response, call) => void late.promise.then(() => unknownFunction(response, call))
        : unknownFunction;
    });
    const waiting = prolongLicense(panel, one, 1);
    await prolongLicense(panel, other, 1);
    late.resolve();
    await waiting;
    expect(namesFor(one)).toEqual(["service.prolong", "softexternal.prolong"]);
    expect(namesFor(other)).toEqual(["service.prolong", "softexternal.prolong"]);
  });

  it("learn nothing from one that was lost under the other name, which is not sent a third time", async () => {
    const { panel, namesFor } = await panelWhere((func, id) => {
      if (func === "service.prolong") return unknownFunction;
      return id === one ? hangUp : renewed;
    });
    const results = await Promise.allSettled([prolongLicense(panel, one, 1), prolongLicense(panel, other, 1)]);
    expect(results[0]).toMatchObject({ status: "rejected", reason: { name: "UnknownOutcomeError", effect: "charge" } });
    expect(results[1]).toMatchObject({ status: "fulfilled" });
    expect(namesFor(one)).toEqual(["service.prolong", "softexternal.prolong"]);
    expect(namesFor(other)).toEqual(["service.prolong", "softexternal.prolong"]);
  });

  it("end with the refusal where the panel knows neither name, after each was tried once", async () => {
    const { panel, namesFor } = await panelWhere((func) =>
      xml(`<doc><error type="missed" object="func"><param name="value">${func}</param></error></doc>`),
    );
    const results = await Promise.allSettled([prolongLicense(panel, one, 1), prolongLicense(panel, other, 1)]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    for (const id of [one, other]) expect(namesFor(id)).toEqual(["service.prolong", "softexternal.prolong"]);
  });
});
