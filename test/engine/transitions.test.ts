import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { automaticName, claimOf } from "../../provider/license/claim";
import type { SimulatedLicense } from "../../simulator/index";
import { changing, type DeclaredLicense, type Stage, setStage } from "./helpers/harness";
import { phrasesOf } from "./helpers/said";

/** Sold without an address, for three months at a time as well. */
const PLAIN = { pricelist: 55369, name: "BitNinja", price: "10.00", ipRequired: false, periods: [1, 3] };
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

const EDIT = "softexternal.edit";
const ORDER = "softexternal.order.param";
const PROLONG = "service.prolong";
const SUSPEND = "softexternal.suspend";
const RESUME = "softexternal.resume";
const DELETE = "softexternal.delete";

/** What one step of the program brings: the lines of its preview, the calls that change something, and what the books then hold. */
interface Outcome {
  readonly program: DeclaredLicense;
  /** Phrases after "an update", given the license before and after. */
  readonly says?: (after: SimulatedLicense, before: SimulatedLicense) => string[];
  readonly calls?: readonly string[];
  readonly books?: Partial<SimulatedLicense>;
  /** Money spent, as `kind amount`. */
  readonly spent?: readonly string[];
}

interface Transition {
  readonly title: string;
  /** absent, set, changed, removed */
  readonly steps: readonly [DeclaredLicense, Outcome, Outcome, Outcome];
}

/** An input that the vendor is not told of: however it changes, nothing is said, called or spent. */
function quiet(title: string, ...[set, changed]: readonly [unknown, unknown]): Transition {
  const base = { pricelist: PLAIN.pricelist };
  return {
    title,
    steps: [
      base,
      { program: { ...base, [title]: set } },
      { program: { ...base, [title]: changed } },
      { program: base },
    ],
  };
}

const plain = (inputs: DeclaredLicense = {}) => ({ pricelist: PLAIN.pricelist, ...inputs });
const ip = "192.0.2.30";

const TRANSITIONS: readonly Transition[] = [
  {
    title: "ip",
    steps: [
      plain(),
      {
        program: plain({ ip: "192.0.2.20" }),
        says: () => ["moves it to 192.0.2.20"],
        calls: [EDIT],
        books: { ip: "192.0.2.20" },
      },
      {
        program: plain({ ip: "192.0.2.21" }),
        says: () => ["moves it from 192.0.2.20 to 192.0.2.21"],
        calls: [EDIT],
        books: { ip: "192.0.2.21" },
      },
      // No address is asked for, and none is taken away.
      { program: plain(), books: { ip: "192.0.2.21" } },
    ],
  },
  {
    title: "licenseName",
    steps: [
      plain(),
      {
        program: plain({ licenseName: "Shop" }),
        says: (_, { licname }) => [`renames it from "${licname}" to "Shop"`],
        calls: [EDIT],
        books: { licname: "Shop" },
      },
      {
        program: plain({ licenseName: "Shop front" }),
        says: () => ['renames it from "Shop" to "Shop front"'],
        calls: [EDIT],
        books: { licname: "Shop front" },
      },
      {
        program: plain(),
        says: ({ licname }) => [`renames it from "Shop front" to "${licname}"`],
        calls: [EDIT],
        books: { licname: automaticName("licenseName", claimOfName("licenseName")) },
      },
    ],
  },
  {
    title: "product and pricelist of one tariff",
    steps: [
      { product: "cloudlinux", ip },
      { program: { pricelist: 9203, ip } },
      { program: { product: "cloudlinux", ip } },
      { program: { pricelist: 9203, ip } },
    ],
  },
  {
    title: "product and pricelist of other tariffs",
    steps: [
      { product: "cloudlinux", ip: "192.0.2.31" },
      {
        program: { pricelist: 11738, ip: "192.0.2.31" },
        says: (_, { expiredate }) => [
          "orders KernelCare for 192.0.2.31",
          `then gives up the CloudLinux license, paid until ${expiredate}`,
        ],
        calls: [ORDER, DELETE],
        books: { tariff: "KernelCare", status: "2" },
        spent: ["order 3.50"],
      },
      {
        program: { product: "softaculous", ip: "192.0.2.31" },
        says: (_, { expiredate }) => [
          "orders Softaculous for 192.0.2.31",
          `then gives up the KernelCare license, paid until ${expiredate}`,
        ],
        calls: [ORDER, DELETE],
        books: { tariff: "Softaculous", status: "2" },
        spent: ["order 2.50"],
      },
      {
        program: { pricelist: 9203, ip: "192.0.2.31" },
        says: (_, { expiredate }) => [
          "orders CloudLinux for 192.0.2.31",
          `then gives up the Softaculous license, paid until ${expiredate}`,
        ],
        calls: [ORDER, DELETE],
        books: { tariff: "CloudLinux", status: "2" },
        spent: ["order 14.00"],
      },
    ],
  },
  quiet("period", 3, 1),
  {
    title: "suspended",
    steps: [
      plain(),
      { program: plain({ suspended: true }), says: () => ["suspends it"], calls: [SUSPEND], books: { status: "3" } },
      { program: plain({ suspended: false }), says: () => ["resumes it"], calls: [RESUME], books: { status: "2" } },
      { program: plain(), books: { status: "2" } },
    ],
  },
  {
    title: "suspended, and removed",
    steps: [
      plain({ suspended: false }),
      { program: plain({ suspended: true }), says: () => ["suspends it"], calls: [SUSPEND], books: { status: "3" } },
      { program: plain({ suspended: true }), books: { status: "3" } },
      { program: plain(), says: () => ["resumes it"], calls: [RESUME], books: { status: "2" } },
    ],
  },
  {
    title: "autoRenew",
    steps: [
      plain(),
      {
        program: plain({ autoRenew: true }),
        says: () => ["switches the vendor's own renewal on"],
        calls: [EDIT],
        books: { autoprolong: 1 },
      },
      {
        program: plain({ autoRenew: false }),
        says: () => ["switches the vendor's own renewal off"],
        calls: [EDIT],
        books: { autoprolong: null },
      },
      { program: plain(), books: { autoprolong: null } },
    ],
  },
  {
    title: "autoRenew, and removed",
    steps: [
      plain({ autoRenew: false }),
      {
        program: plain({ autoRenew: true }),
        says: () => ["switches the vendor's own renewal on"],
        calls: [EDIT],
        books: { autoprolong: 1 },
      },
      { program: plain({ autoRenew: true }), books: { autoprolong: 1 } },
      {
        program: plain(),
        says: () => ["switches the vendor's own renewal off"],
        calls: [EDIT],
        books: { autoprolong: null },
      },
    ],
  },
  {
    title: "renewBeforeDays",
    steps: [
      plain(),
      {
        program: plain({ renewBeforeDays: 40 }),
        says: ({ expiredate }) => [`renews until ${expiredate} at 10.00 EUR / Month`],
        calls: [PROLONG],
        spent: ["prolong 10.00"],
      },
      { program: plain({ renewBeforeDays: 3 }) },
      { program: plain() },
    ],
  },
  {
    title: "paidUntil",
    steps: [
      plain(),
      {
        program: plain({ paidUntil: inDays(40) }),
        says: ({ expiredate }) => [`renews until ${expiredate} at 10.00 EUR / Month`],
        calls: [PROLONG],
        spent: ["prolong 10.00"],
      },
      {
        program: plain({ paidUntil: inDays(110) }),
        says: ({ expiredate }) => [`renews until ${expiredate}, 2 periods at 10.00 EUR / Month`],
        calls: [PROLONG, PROLONG],
        spent: ["prolong 10.00", "prolong 10.00"],
      },
      // What is paid is paid.
      { program: plain() },
    ],
  },
  quiet("maxPrice", "20.00 EUR", "30.00 EUR"),
  quiet("adoptId", "1234567", "7654321"),
  quiet("deletionPolicy", "suspend", "delete"),
  quiet("recreateWhenDeleted", true, false),
];

function nameOf(title: string): string {
  return title.replace(/\W+/g, "-");
}

function claimOfName(title: string) {
  return claimOf(`urn:pulumi:dev::licenses::billmanager:index:License::${nameOf(title)}`);
}

/** What has become of one license in one step. */
interface Told {
  readonly before: SimulatedLicense;
  readonly after: SimulatedLicense;
  readonly previewed: readonly string[];
  readonly said: readonly string[];
  readonly calls: readonly string[];
  readonly spent: readonly string[];
}

/** One license for each row in one stack, so that a step of all costs one preview and one update. */
describe("each input, set, changed and removed with the real engine", () => {
  let stage: Stage;
  let previewed = "";
  let updated = "";
  let before = new Map<string, SimulatedLicense>();
  let after = new Map<string, SimulatedLicense>();
  let journal: ReturnType<Stage["panel"]["journal"]> = [];
  let spentBefore = 0;

  const declare = (step: 0 | 1 | 2 | 3) =>
    stage.declare(
      Object.fromEntries(
        TRANSITIONS.map(({ title, steps: [absent, ...others] }) => [
          nameOf(title),
          step === 0 ? absent : (others[step - 1]?.program ?? {}),
        ]),
      ),
    );
  const held = async () => {
    const licenses = stage.panel.licenses();
    const saved = await stage.workspace.licenses();
    return new Map(
      saved.flatMap(({ urn, id }) => {
        const license = licenses.find((one) => one.id === id);
        return license === undefined ? [] : [[urn.split("::").at(-1) ?? "", license] as const];
      }),
    );
  };
  const told = (title: string): Told => {
    const name = nameOf(title);
    const [one, other] = [before.get(name), after.get(name)];
    if (one === undefined || other === undefined) {
      throw new Error(`${title} is not in the state`);
    }
    const ids = new Set([one.id, other.id]);
    const isAbout = ({ params }: (typeof journal)[number]) =>
      ids.has(params.elid ?? "") || params.licname?.includes(claimOfName(title)) === true;
    const names = [automaticName(name, claimOfName(title)), one.licname, other.licname];
    return {
      before: one,
      after: other,
      previewed: phrasesOf(previewed, names),
      said: phrasesOf(updated, names),
      calls: changing(journal.filter(isAbout)).map(({ func, result }) => (result === "ok" ? func : result)),
      spent: stage.panel
        .ledger()
        .slice(spentBefore)
        .filter(({ license }) => ids.has(license ?? ""))
        .map(({ kind, amount }) => `${kind} ${amount}`),
    };
  };

  beforeAll(async () => {
    stage = await setStage({ face: "plugin", simulator: { tariffs: [PLAIN] } });
    await declare(0);
    const { code, output } = await stage.workspace.up("--skip-preview");
    expect(code, output).toBe(0);
    after = await held();
  });
  afterAll(() => stage.close());

  describe.each([
    ["set", 1],
    ["changed", 2],
    ["removed", 3],
  ] as const)("%s", (_, step) => {
    beforeAll(async () => {
      await declare(step);
      before = after;
      stage.panel.clearJournal();
      const preview = await stage.workspace.preview();
      expect(preview.code, preview.output).toBe(0);
      expect(changing(stage.panel.journal()), "changing calls of a preview").toEqual([]);
      spentBefore = stage.panel.ledger().length;
      const up = await stage.workspace.up("--skip-preview");
      expect(up.code, up.output).toBe(0);
      journal = stage.panel.journal();
      previewed = preview.output;
      updated = up.output;
      after = await held();
    });

    it.each(TRANSITIONS.map(({ title, steps }) => [title, steps[step]] as const))(
      "%s: the preview says what the update does, and nothing else is done",
      (title, { says = () => [], calls = [], books = {}, spent = [] }) => {
        const now = told(title);
        const expected = says(now.after, now.before);
        expect(now.previewed).toEqual(expected);
        expect(now.said).toEqual(expected);
        expect(now.calls).toEqual(calls);
        expect(now.after).toMatchObject(books);
        expect(now.spent).toEqual(spent);
      },
    );

    it("and a second update finds nothing to do", async () => {
      stage.panel.clearJournal();
      const { code, output } = await stage.workspace.up("--skip-preview");
      expect(code, output).toBe(0);
      expect(stage.panel.journal()).toEqual([]);
    });
  });
});
