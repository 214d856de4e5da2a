import { describe, expect, it } from "vitest";
import { readSettings, SettingsError } from "../../provider/license/settings";

const CREDENTIALS = { BILLMANAGER_USERNAME: "user", BILLMANAGER_PASSWORD: "canary-P4ss" };

const read = (config: Record<string, string> = {}, env: NodeJS.ProcessEnv = CREDENTIALS) =>
  readSettings((key) => config[key], env);

const problems = (config: Record<string, string>, env: NodeJS.ProcessEnv = CREDENTIALS) => {
  try {
    read(config, env);
  } catch (error) {
    if (error instanceof SettingsError) {
      return error.failures.map(({ reason }) => reason);
    }
    throw error;
  }
  return [];
};

describe("settings", () => {
  it("have a default for everything but the credentials", () => {
    expect(read()).toEqual({
      endpoint: "https://api.ispmanager.com/manager/billmgr",
      username: "user",
      password: "canary-P4ss",
      auth: "authinfo",
      pricelists: {},
      timeout: 60,
      activationTimeout: 120,
      searchTimeout: 60,
      parallel: 8,
      allowOrders: true,
      owner: "",
      sendRemoteId: true,
    });
  });

  it("come from config before the environment", () => {
    const env = { ...CREDENTIALS, BILLMANAGER_ENDPOINT: "https://env.example/billmgr" };
    expect(read({}, env)).toMatchObject({ endpoint: "https://env.example/billmgr", username: "user" });
    const config = { endpoint: "https://config.example/billmgr", username: "other", password: "secret" };
    expect(read(config, env)).toMatchObject(config);
  });

  it("read every key", () => {
    expect(
      read({
        auth: "session",
        pricelists: '{"bitninja":55369,"cloudlinux":"7777"}',
        timeout: "5",
        activationTimeout: "0",
        searchTimeout: "10",
        parallel: "2",
        maxOrders: "3",
        allowOrders: "false",
        sendRemoteId: "false",
      }),
    ).toMatchObject({
      auth: "session",
      pricelists: { bitninja: 55369, cloudlinux: 7777 },
      timeout: 5,
      activationTimeout: 0,
      searchTimeout: 10,
      parallel: 2,
      maxOrders: 3,
      allowOrders: false,
      sendRemoteId: false,
    });
  });

  it("that are wrong are all named at once, with what would be right", () => {
    expect(
      problems(
        { auth: "token", timeout: "86401", parallel: "many", allowOrders: "no", pricelists: '{"bitninja":"x"}' },
        {},
      ),
    ).toEqual([
      'billmanager:auth must be authinfo or session, not "token"',
      "billmanager:username is not set: set BILLMANAGER_USERNAME, or run: pulumi config set billmanager:username <username>",
      "billmanager:password is not set: set BILLMANAGER_PASSWORD, or run: pulumi config set --secret billmanager:password <password>",
      'billmanager:pricelists must map "bitninja" to a tariff\'s number such as 9203, not "x"',
      'billmanager:timeout must be a whole number, from 1 to 86400, not "86401"',
      'billmanager:parallel must be a whole number, 1 or more, not "many"',
      'billmanager:allowOrders must be true or false, not "no"',
    ]);
    for (const code of ["true", "[7]", '"0x10"', '"1e3"', '" 7"', '""', "null", "1.5", "0", "-7", "{}"]) {
      expect(problems({ pricelists: `{"bitninja":${code}}` }), code).toEqual([
        expect.stringContaining(`must map "bitninja" to a tariff's number such as 9203, not `),
      ]);
    }
    expect(problems({ pricelists: "bitninja" })[0]).toMatch(/pricelists must map product names to tariff numbers/);
  });

  it.each([
    ["http://panel.example/billmgr", /billmanager:endpoint must begin with https/],
    ["ftp://panel.example", /billmanager:endpoint must be an https address/],
    ["https://user:canary-P4ss@panel.example", /billmanager:endpoint must not hold a user name or password/],
  ])("refuse an endpoint that would give the password away or cannot work: %s", (endpoint, reason) => {
    expect(problems({ endpoint })).toEqual([expect.stringMatching(reason)]);
    expect(problems({ endpoint }).join()).not.toContain("canary");
  });

  it("refuse a user name that authinfo would cut at its colon", () => {
    expect(problems({ username: "a:b" })).toEqual([
      expect.stringMatching(/^billmanager:username must not contain a colon/),
    ]);
    expect(problems({ username: "a:b", auth: "session" })).toEqual([]);
  });
});
