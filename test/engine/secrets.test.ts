import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { REPOSITORY } from "../package/helpers/shell";
import { pack } from "../package/helpers/tarball";
import { type Echo, type EchoingPanel, startEchoingPanel } from "./helpers/echoingPanel";
import { withoutEngineConfig } from "./helpers/engineConfig";
import { ACCOUNT, PASSWORD, type Stage, setStage } from "./helpers/harness";
import { SecretNet, type Trace } from "./helpers/secretNet";
import { filesIn, Traces } from "./helpers/traces";

const WAYS = [
  { way: "from the environment", face: "dynamic", config: undefined, auth: "authinfo" },
  { way: "from the config as a secret, by session", face: "dynamic", config: "secret", auth: "session" },
  { way: "from the config as plain text", face: "dynamic", config: "plain", auth: "authinfo" },
  { way: "from the environment, by session", face: "plugin", config: undefined, auth: "session" },
  { way: "from the config as a secret", face: "plugin", config: "secret", auth: "authinfo" },
] as const;

/** The ways in which orders fail, one license each, and what is told of them. */
const FAILURES: Readonly<Partial<Record<Echo, RegExp>>> = {
  message: /BILLmanager refused .* \(type value, object ip\): .*\[hidden\]/,
  value: /BILLmanager refused .* \(type value, value .*\[hidden\].*\): got .*\[hidden\]/,
  object: /BILLmanager refused .* \(type value, object .*\[hidden\].*\): bad/,
  type: /BILLmanager refused .* \(type .*\[hidden\].*\): bad/,
  "error of its own": /the panel met an error of its own \(.*\[hidden\].*\)/,
  "form again": /the panel showed the form again/,
  root: /the answer is damaged: its root is <a\[hidden\]>/,
  damage: /the answer is damaged/,
  page: /something other than XML came in place of the answer/,
  "status 500": /the server answered HTTP 500/,
  redirect: /the server answered HTTP 302, a redirect, which is not followed/,
  "broken header": /the connection broke before the answer was complete/,
  "broken status line": /the connection broke before the answer was complete/,
  "broken off": /the connection broke before the answer was complete/,
};
const THROWN_BACK = Object.keys(FAILURES) as Echo[];

const web01 = { product: "cloudlinux", ip: "192.0.2.10" };
const web01Moved = { product: "cloudlinux", ip: "192.0.2.11" };
const refusedOnes = Object.fromEntries(
  THROWN_BACK.map((echo, index) => [`refused ${echo}`, { product: "cloudlinux", ip: `192.0.2.${100 + index}` }]),
);

describe.each(WAYS)(
  "credentials $way, on the $face face, in runs whose every failure throws them back",
  ({ face, config, auth }) => {
    const passwords = new SecretNet([PASSWORD]);
    let stage: Stage;
    let panel: EchoingPanel;
    let traces: Traces;
    let sessions: SecretNet;
    /** What the failed runs printed, by what failed in them. */
    let told: Record<"order" | "edit" | "list" | "login" | "guard" | "delete", string>;
    let exported: string;
    /** The state with its secrets in plain. */
    let shown: string;
    let everything: {
      readonly printed: Trace[];
      readonly logs: Trace[];
      readonly ownLogs: Trace[];
      readonly files: Trace[];
    };

    beforeAll(async () => {
      const { username } = ACCOUNT;
      const env = config === undefined ? { BILLMANAGER_USERNAME: username, BILLMANAGER_PASSWORD: PASSWORD } : {};
      stage = await setStage({ face, simulator: { knobs: { tparams: "echoed" } }, workspace: { env } });
      panel = await startEchoingPanel(stage.panel);
      const { workspace } = stage;
      await workspace.configure({
        "billmanager:endpoint": panel.endpoint,
        "billmanager:auth": auth,
        "billmanager:searchTimeout": "0",
        ...(config === undefined ? {} : { "billmanager:username": username }),
        ...(config === "plain" ? { "billmanager:password": PASSWORD } : {}),
      });
      if (config === "secret") {
        await workspace.setSecret("billmanager:password", PASSWORD);
      }
      traces = await Traces.of(workspace);
      const fails = async (func: string, args: readonly string[], echo: Echo, log: "stderr" | "files" = "stderr") => {
        panel.throwBack((call) => (call.get("func") === func ? echo : undefined));
        const { code, output, stdout } = await traces.run([...args, "--skip-preview"], log);
        expect(code, output).not.toBe(0);
        return stdout;
      };
      const up = ["up", "--yes"];
      const refresh = ["refresh", "--yes"];
      const destroy = ["destroy", "--yes"];

      await stage.declare({ web01 });
      await traces.run(["preview", "--save-plan", join(workspace.folder, "plan.json")], "stderr");
      await stage.declare({ web01, ...refusedOnes });
      panel.throwBack(orderThrownBack);
      const order = (await traces.run([...up, "--skip-preview", "--continue-on-error"], "stderr")).stdout;
      await stage.declare({ web01: web01Moved });
      told = {
        order,
        edit: await fails("softexternal.edit", up, "value", "files"),
        list: await fails("softexternal", refresh, "message"),
        guard: await fails(auth === "session" ? "auth" : "softexternal", refresh, "status 401", "files"),
        login: await fails(auth === "session" ? "auth" : "softexternal.edit", up, "login"),
        delete: await fails("softexternal.delete", destroy, "object"),
      };
      exported = await workspace.stackExport();
      shown = (await workspace.run(["stack", "export", "--show-secrets"])).stdout;
      panel.throwBack(() => undefined);
      const last = await traces.run([...destroy, "--skip-preview"]);
      expect(last.code, last.output).toBe(0);

      sessions = new SecretNet(panel.sessions);
      everything = {
        printed: traces.printed,
        logs: await traces.askedFor(),
        ownLogs: await traces.decryptedLogs(),
        files: await traces.files(),
      };
    });
    afterAll(async () => {
      await panel?.close();
      await stage?.close();
    });

    it("are in the requests that the panel received, where the net finds them", () => {
      expect(passwords.catch(panel.bodies.join("\n"))).toContain("URL");
      expect(panel.sessions.size > 0).toBe(auth === "session");
      expect(sessions.catch(panel.bodies.join("\n")).includes("plain")).toBe(auth === "session");
    });

    it("are hidden in what each failure tells of the panel's answer", () => {
      for (const echo of THROWN_BACK) {
        const [, failure] =
          new RegExp(`License \\(refused ${echo}\\):\\n(?:    (?!error: ).*\\n)*\\s+error: (.*)`).exec(told.order) ??
          [];
        expect(failure, echo).toMatch(FAILURES[echo] ?? "");
      }
      for (const failure of [told.edit, told.list, told.login, told.delete]) {
        expect(failure).toMatch(/BILLmanager refused [^\n]*\[hidden\]/);
      }
      expect(told.guard).toContain("the server answered HTTP 401");
      expect(exported).toMatch(/"initErrors": \[[^\]]*\[hidden\]/);
    });

    it("are in nothing that is printed", () => {
      expect(passwords.catchIn(everything.printed).join("\n")).toBe("");
    });

    it("are in no log and no trace that was asked for, but for what the engine writes of its config", () => {
      expect(passwords.catchIn(everything.logs).length > 0).toBe(config !== undefined);
      expect(passwords.catchIn(everything.logs.map(withoutEngineConfig)).join("\n")).toBe("");
    });

    it("are in none of the logs that the engine keeps of each run, encrypted, but for what it writes of its config", () => {
      expect(everything.ownLogs.some(({ what }) => what.includes("License::web01"))).toBe(true);
      expect(passwords.catchIn(everything.ownLogs).length > 0).toBe(config !== undefined);
      expect(passwords.catchIn(everything.ownLogs.map(withoutEngineConfig)).join("\n")).toBe("");
    });

    it("are in no file of project, state, history, backups and homes, and in none that is left behind", () => {
      const { files } = everything;
      const places = files.map(({ where }) => where);
      for (const place of [
        /^backend\/\.pulumi\/stacks\/.*dev\.json$/,
        /^backend\/\.pulumi\/history\/.*\.checkpoint\.json$/,
        /^backend\/\.pulumi\/backups\//,
        /^project\/Pulumi\.dev\.yaml$/,
        /^project\/plan\.json$/,
        /^pulumi-home\/logs\//,
        /^tmp\/events-/,
      ]) {
        expect(
          places.some((where) => place.test(where)),
          `${place}`,
        ).toBe(true);
      }
      if (config === "plain") {
        expect(passwords.catchIn(files)).not.toEqual([]);
        expect(passwords.catchIn(files.map(withoutEngineConfig)).join("\n")).toBe("");
      } else {
        expect(passwords.catchIn(files).join("\n")).toBe("");
      }
    });

    it("are in no license of the state, and with the default provider only where they are config", () => {
      const { provider, others } = resourcesOf(exported);
      const recorded = JSON.stringify(provider?.inputs ?? {});
      expect(recorded.includes(face === "plugin" ? '"password"' : "billmanager:password")).toBe(config !== undefined);
      expect(recorded.includes("ciphertext")).toBe(config === "secret");
      expect(others.some(({ type }) => type.endsWith("License"))).toBe(true);
      expect(passwords.catch(JSON.stringify([others, resourcesOf(shown).others]))).toEqual([]);
    });

    it("are not in what the simulator writes down", () => {
      const journal = JSON.stringify(stage.panel.journal());
      expect(journal).toContain('"***"');
      expect([...passwords.catch(journal), ...sessions.catch(journal)]).toEqual([]);
    });

    it("leave no session's id anywhere", () => {
      const { printed, logs, ownLogs, files } = everything;
      expect(sessions.catchIn([...printed, ...logs, ...ownLogs, ...files])).toEqual([]);
    });
  },
);

interface Resource {
  readonly type: string;
  readonly inputs?: object;
}

/** The resources of an exported stack, the default provider apart. */
function resourcesOf(stack: string): { provider: Resource | undefined; others: Resource[] } {
  const { resources } = (JSON.parse(stack) as { deployment: { resources: Resource[] } }).deployment;
  const isProvider = ({ type }: Resource) => type.startsWith("pulumi:providers:");
  return { provider: resources.find(isProvider), others: resources.filter((resource) => !isProvider(resource)) };
}

function orderThrownBack(call: URLSearchParams): Echo | undefined {
  const index = Number(call.get("ip")?.split(".")[3]) - 100;
  return call.get("func") === "softexternal.order.param" && call.get("sok") === "ok" ? THROWN_BACK[index] : undefined;
}

describe("the packed package", () => {
  it("holds no secret of a test, and no path of the machine that it was built on", async () => {
    const tarball = await pack();
    const folder = await mkdtemp(join(tmpdir(), "pulumi-billmanager-"));
    onTestFinished(async () => {
      await tarball.remove();
      await rm(folder, { recursive: true });
    });
    await promisify(execFile)("tar", ["-xzf", tarball.path, "-C", folder]);
    const files = await filesIn(folder);
    expect(files.map(({ where }) => where)).toContain("package/dist/provider/dynamic.js");
    const paths = [REPOSITORY, homedir(), dirname(process.execPath)].filter((path) => path !== "/");
    expect(new SecretNet([PASSWORD]).catchIn(files)).toEqual([]);
    expect(files.filter(({ what }) => paths.some((path) => what.includes(path)))).toEqual([]);
  });
});

describe("the net", () => {
  const net = new SecretNet([PASSWORD]);

  /** Made by other means than the net's: by Python's `urllib`, `html`, `json`, `base64` and `codecs`. */
  const SPELLED: Readonly<Record<string, string>> = {
    "in the body of a form": "func=auth&authinfo=tester%3Acanary-P4ss%25w%C3%B6rd%26%3C%3E&out=xml",
    "URL-encoded in small letters": "canary-P4ss%25w%c3%b6rd%26%3c%3e",
    "URL-encoded twice": "canary-P4ss%2525w%25C3%25B6rd%2526%253C%253E",
    "in XML": "<authinfo>tester:canary-P4ss%wörd&amp;&lt;&gt;</authinfo>",
    "in XML in XML": "canary-P4ss%wörd&amp;amp;&amp;lt;&amp;gt;",
    "in XML that is ASCII": "canary-P4ss%w&#246;rd&amp;&lt;&gt;",
    "in JSON that is ASCII": '"canary-P4ss%w\\u00f6rd&<>"',
    "in JSON of Go": '"canary-P4ss%wörd\\u0026\\u003c\\u003e"',
    "in a header of basic authentication": "dGVzdGVyOmNhbmFyeS1QNHNzJXfDtnJkJjw+",
    "alone in base64": "Y2FuYXJ5LVA0c3Mld8O2cmQmPD4=",
    "in base64 after one byte": "eGNhbmFyeS1QNHNzJXfDtnJkJjw+",
    "in base64 after two bytes": "eHhjYW5hcnktUDRzcyV3w7ZyZCY8Pg==",
    "in base64 for URLs": "dGVzdGVyOmNhbmFyeS1QNHNzJXfDtnJkJjw-",
    "in base64 of a form": "dGVzdGVyJTNBY2FuYXJ5LVA0c3MlMjV3JUMzJUI2cmQlMjYlM0MlM0U=",
    "in hexadecimal": "63616e6172792d503473732577c3b67264263c3e",
    "in capital hexadecimal": "63616E6172792D503473732577C3B67264263C3E",
    decomposed: "canary-P4ss%wo\u0308rd&<>",
    "cut off after a half": "the panel said canary-P4s…",
    "with its beginning cut off": "…ss%wörd&<> is wrong",
  };

  it.each(Object.entries(SPELLED))("finds the password %s", (_where, text) => {
    expect(net.catch(`before ${text} after`)).not.toEqual([]);
  });

  it("finds it in bytes that are no UTF-8, and in UTF-16", () => {
    expect(net.catch(Buffer.from(`\xff${PASSWORD}`, "latin1"))).not.toEqual([]);
    expect(net.catch(Buffer.from(PASSWORD, "utf16le"))).not.toEqual([]);
  });

  it("finds it in a file of a folder, also in a packed one, and names the file", async () => {
    const folder = await mkdtemp(join(tmpdir(), "pulumi-billmanager-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, "harmless.log"), "nothing to see");
    await writeFile(join(folder, "left.log"), `login ${PASSWORD} failed`);
    await writeFile(join(folder, "left.log.gz"), gzipSync(`login ${encodeURIComponent(PASSWORD)} failed`));
    const caught = net.catchIn(await filesIn(folder));
    expect(caught.map((line) => line.split(":")[0]).sort()).toEqual(["left.log", "left.log.gz"]);
  });

  it("excuses the engine's config, and nothing that only looks like it", () => {
    const left = (what: string) => net.catch(withoutEngineConfig({ where: "", what }).what);
    expect(left(`"config":{"billmanager:password":"${PASSWORD}"}`)).toEqual([]);
    for (const leak of [
      `billmanager:password is not right: ${PASSWORD}`,
      `billmanager:password: "x", message: ${PASSWORD}`,
      `RPC[Provider[0x1].Create(urn).inputs]: value={${PASSWORD}}`,
      `Planner decided to create 'urn:…:License::web01' (inputs=cHVsdW1pUHYaFGNhbmFyeS1QNHNzJXfDtnJkJjw+)`,
    ]) {
      expect(left(leak)).not.toEqual([]);
    }
  });
});
