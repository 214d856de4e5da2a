import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import {
  editLicense,
  isInvalidRequest,
  isNotSent,
  isUnknownOutcome,
  licenseId,
  orderLicense,
  Panel,
  readLicense,
  suspendLicense,
} from "../../provider/billmanager";
import {
  clientOf,
  fixture,
  fixtureText,
  hangUp,
  password,
  pauses,
  type Reply,
  raw,
  scriptedPanel,
  silence,
  status,
  xml,
} from "./scriptedPanel";

const id = licenseId("1234567");
const order = { pricelist: 9203, period: 1, licenseName: "web01", ip: "192.0.2.10" };
const form = fixture("form-documented.xml");

async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => {
      throw new Error("the call did not fail");
    },
    (error: unknown) => error,
  );
}

describe("a call", () => {
  it("is one POST whose body, not its address, has the credentials", async () => {
    const server = await scriptedPanel([form]);
    await readLicense(clientOf(server), id);
    expect(server.calls).toEqual([
      expect.objectContaining({
        method: "POST",
        path: "/billmgr",
        headers: expect.objectContaining({ "content-type": "application/x-www-form-urlencoded" }),
      }),
    ]);
    expect(Object.fromEntries(server.calls[0]?.form ?? [])).toEqual({
      func: "softexternal.edit",
      out: "xml",
      lang: "en",
      authinfo: `user:${password}`,
      elid: "1234567",
    });
  });

  it.each(["/billmgr", "/manager/billmgr", "/manager/billmgr/"])(
    "goes to the path of the endpoint: %s",
    async (path) => {
      const server = await scriptedPanel([form]);
      await readLicense(clientOf(server, { endpoint: server.endpoint + path }), id);
      expect(server.calls[0]?.path).toBe(path);
    },
  );

  it("sends names in any alphabet", async () => {
    const server = await scriptedPanel([fixture("action-ok.xml")]);
    await editLicense(clientOf(server), id, { licenseName: "Сервер & +%😀", ip: "2001:db8::1" });
    expect(server.calls[0]?.form.get("licname")).toBe("Сервер & +%😀");
  });

  it("never has more in flight than allowed", async () => {
    const server = await scriptedPanel(() => (response, call) => void setTimeout(() => form(response, call), 5));
    const panel = clientOf(server, { parallel: 3 });
    await readLicense(panel, id);
    await Promise.all(Array.from({ length: 20 }, () => readLicense(panel, id)));
    expect(server.peak()).toBe(3);
  });

  it("does not start on a closed panel", async () => {
    const server = await scriptedPanel([form]);
    const panel = clientOf(server);
    await panel.close();
    const failure = await failureOf(readLicense(panel, id));
    expect(failure).toMatchObject({ name: "NotSentError", reason: "closed", func: "softexternal.edit" });
    expect(server.calls).toHaveLength(0);
  });
});

/** Every way in which an answer may fail to be one, after the call was sent. */
const noAnswers: readonly [reason: string, Reply][] = [
  ["connection-closed", hangUp],
  ["connection-closed", raw("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n<doc><id>12")],
  ["connection-closed", raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n<doc>\r\n")],
  ["connection-closed", raw("nonsense\r\n\r\n")],
  ["connection-closed", raw("HTTP/1.1 200 OK\r\ncontent-le")],
  ["malformed", raw("HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n<doc><id>12")],
  ["malformed", raw("HTTP/1.0 200 OK\r\n\r\n<doc><id>12</id>")],
  ["malformed", xml(fixtureText("order-id.xml").slice(0, -20))],
  ["malformed", xml("<doc><id>1</id><ok/></doc>", { "content-encoding": "gzip" })],
  ["malformed", xml(Buffer.from("<doc><id>1</id><a>\xe9</a></doc>", "latin1"))],
  ["not-xml", fixture("gateway-error.html")],
  ["not-xml", raw("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")],
  ["redirect", status(302, { location: "https://elsewhere.example/" })],
  ["redirect", status(307, { location: "/billmgr" })],
  ["http-status", status(403)],
  ["http-status", status(460)],
  ["http-status", status(500)],
  ["http-status", status(502)],
  ["http-status", status(503, { "retry-after": "1" })],
  ["http-status", status(204)],
  ["slow-call", fixture("long-call-elsewhere.html")],
];

describe("a call that charges", () => {
  it.each(noAnswers)("is sent once and has an unknown outcome after: %s", async (reason, reply) => {
    const server = await scriptedPanel([reply, fixture("order-id.xml")]);
    const failure = await failureOf(orderLicense(clientOf(server), order));
    expect(failure).toMatchObject({ name: "UnknownOutcomeError", effect: "charge", reason });
    expect(failure).toMatchObject({ message: expect.stringContaining("may have been charged") });
    expect(server.calls).toHaveLength(1);
  });

  it("has an unknown outcome when no answer comes in time", async () => {
    const server = await scriptedPanel([silence]);
    const failure = await failureOf(orderLicense(clientOf(server, { timeoutSeconds: 0.05 }), order));
    expect(failure).toMatchObject({ name: "UnknownOutcomeError", reason: "timeout" });
    expect(server.calls).toHaveLength(1);
  });

  it("has an unknown outcome when its answer stops halfway", async () => {
    const server = await scriptedPanel([(response) => response.writeHead(200).write("<doc><id>1234")]);
    const failure = await failureOf(orderLicense(clientOf(server, { timeoutSeconds: 0.05 }), order));
    expect(failure).toMatchObject({ reason: "timeout" });
  });

  it("is not sent again after 429 either, and says that nothing was bought", async () => {
    const server = await scriptedPanel([status(429, { "retry-after": "1" }), fixture("order-id.xml")]);
    const failure = await failureOf(orderLicense(clientOf(server), order));
    expect(failure).toMatchObject({ name: "NotSentError", reason: "rate-limited", retryAfterMs: 1000 });
    expect(server.calls).toHaveLength(1);
  });

  it("uses a connection of its own each time", async () => {
    const server = await scriptedPanel([form, fixture("order-id.xml"), fixture("order-id.xml"), form]);
    const panel = clientOf(server);
    await readLicense(panel, id);
    await orderLicense(panel, order);
    await orderLicense(panel, order);
    await readLicense(panel, id);
    expect(server.calls.map(({ connection }) => connection)).toEqual([1, 2, 3, 1]);
  });
});

describe("a call that changes", () => {
  it.each(noAnswers)("is sent once and has an unknown outcome after: %s", async (reason, reply) => {
    const server = await scriptedPanel([reply, fixture("action-ok.xml")]);
    const failure = await failureOf(suspendLicense(clientOf(server), id));
    expect(failure).toMatchObject({ name: "UnknownOutcomeError", effect: "change", reason });
    expect(server.calls).toHaveLength(1);
  });

  it("is sent again after 429, which turned it away", async () => {
    const server = await scriptedPanel([status(429, { "retry-after": "7" }), fixture("action-ok.xml")]);
    await suspendLicense(clientOf(server), id);
    expect([server.calls.length, pauses]).toEqual([2, [7000]]);
  });
});

describe("a call that reads", () => {
  it("is repeated with growing pauses until it is answered", async () => {
    const server = await scriptedPanel([hangUp, status(502), fixture("gateway-error.html"), form]);
    await expect(readLicense(clientOf(server), id)).resolves.toMatchObject({ licenseName: "web01" });
    expect(pauses).toEqual([250, 500, 1000]);
  });

  it("gives up after three repetitions, and says that nothing was changed", async () => {
    const server = await scriptedPanel(() => status(502));
    const failure = await failureOf(readLicense(clientOf(server), id));
    expect(failure).toMatchObject({
      name: "UnknownOutcomeError",
      status: 502,
      message: expect.stringContaining("nothing was changed"),
    });
    expect(server.calls).toHaveLength(4);
  });

  it("is repeated as often as wished", async () => {
    const server = await scriptedPanel(() => status(502));
    await failureOf(readLicense(clientOf(server, { retries: 0 }), id));
    expect(server.calls).toHaveLength(1);
  });

  it.each([
    ["seconds", "7"],
    ["a date", "Thu, 15 Jan 2026 12:00:07 GMT"],
  ])("waits as long as the server asks, in %s", async (_name, retryAfter) => {
    const server = await scriptedPanel([status(503, { "retry-after": retryAfter }), form]);
    await readLicense(clientOf(server), id);
    expect(pauses).toEqual([7000]);
  });

  it("does not wait for a server that asks for an hour", async () => {
    const server = await scriptedPanel([status(429, { "retry-after": "3600" }), form]);
    expect(await failureOf(readLicense(clientOf(server), id))).toMatchObject({
      name: "NotSentError",
      retryAfterMs: 3_600_000,
    });
    expect(pauses).toEqual([]);
  });

  it.each([302, 403, 404])("is not repeated after HTTP %i, which asking again does not change", async (code) => {
    const server = await scriptedPanel([status(code), form]);
    expect(await failureOf(readLicense(clientOf(server), id))).toMatchObject({ status: code });
    expect(server.calls).toHaveLength(1);
  });

  it("ends at its deadline although bytes keep coming", async () => {
    const server = await scriptedPanel([
      (response) => {
        response.writeHead(200);
        const drip = setInterval(() => response.write(" "), 5);
        response.on("close", () => clearInterval(drip));
      },
    ]);
    const failure = await failureOf(readLicense(clientOf(server, { timeoutSeconds: 0.1, retries: 0 }), id));
    expect(failure).toMatchObject({ reason: "timeout" });
  });

  it("stops reading an answer that has no end", async () => {
    const megabyte = Buffer.alloc(1024 * 1024, " ");
    let sent = 0;
    const server = await scriptedPanel([
      (response) => {
        const more = () => {
          while (!response.destroyed && sent < 200 && response.write(megabyte)) sent++;
          sent++;
        };
        response.writeHead(200).on("drain", more);
        more();
      },
    ]);
    const failure = await failureOf(readLicense(clientOf(server), id));
    expect(failure).toMatchObject({ name: "UnknownOutcomeError", reason: "too-large" });
    expect(sent).toBeLessThan(100);
  });
});

describe("a call that cannot be sent", () => {
  it("says so, and that nothing was bought, when nobody listens", async () => {
    const server = await scriptedPanel([]);
    const vacant = await vacantPort();
    const failure = await failureOf(orderLicense(clientOf(server, { endpoint: `http://127.0.0.1:${vacant}` }), order));
    expect(failure).toMatchObject({
      name: "NotSentError",
      reason: "connect",
      message: expect.stringMatching(/ECONNREFUSED.*Nothing was changed or charged/),
    });
  });

  it("is repeated when it changes or reads", async () => {
    const server = await scriptedPanel([]);
    const vacant = await vacantPort();
    const panel = clientOf(server, { endpoint: `http://127.0.0.1:${vacant}` });
    expect(await failureOf(suspendLicense(panel, id))).toSatisfy(isNotSent);
    expect(pauses).toHaveLength(3);
  });

  it("is not repeated when the server does not speak TLS", async () => {
    const server = await scriptedPanel([]);
    const panel = clientOf(server, { endpoint: server.endpoint.replace("http:", "https:") });
    expect(await failureOf(readLicense(panel, id))).toMatchObject({ name: "NotSentError", reason: "tls" });
    expect(pauses).toEqual([]);
  });
});

async function vacantPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}

describe("a slow call that the panel puts aside", () => {
  const page = fixture("long-call.html");

  it.each([
    ["charges", (panel: Panel) => orderLicense(panel, order), fixture("order-id.xml")],
    ["changes", (panel: Panel) => suspendLicense(panel, id), fixture("action-ok.xml")],
    ["reads", (panel: Panel) => readLicense(panel, id), form],
  ])("has its answer fetched without being sent again when it %s", async (_name, call, answer) => {
    const server = await scriptedPanel([page, page, answer]);
    await call(clientOf(server));
    expect(server.calls.map(({ path, form: fields }) => [path, fields.get("func") !== null])).toEqual([
      ["/billmgr", true],
      ["/long1a2b/billmgr?id=5&lang=en", false],
      ["/long1a2b/billmgr?id=5&lang=en", false],
    ]);
  });

  it.each([
    hangUp,
    status(500),
    status(429),
    status(302, { location: "/" }),
    fixture("error-badpassword.xml"),
    fixture("error-access.xml"),
    fixture("error-missed.xml"),
  ])("is unknown when the answer cannot be fetched", async (reply) => {
    const server = await scriptedPanel([page, reply]);
    const failure = await failureOf(orderLicense(clientOf(server), order));
    expect(failure).toMatchObject({ name: "UnknownOutcomeError", reason: "slow-call" });
  });

  it("is unknown when the page leads to another server, which is not asked", async () => {
    const server = await scriptedPanel([fixture("long-call-elsewhere.html")]);
    const failure = await failureOf(suspendLicense(clientOf(server), id));
    expect(failure).toMatchObject({
      name: "UnknownOutcomeError",
      reason: "slow-call",
      message: expect.stringContaining("another server"),
    });
  });

  it("is given up at the deadline of the call", async () => {
    const server = await scriptedPanel(() => page);
    const panel = clientOf(server, {
      timeoutSeconds: 0.1,
      timing: { now: Date.now, random: Math.random, sleep: () => new Promise((resolve) => setTimeout(resolve, 5)) },
    });
    expect(await failureOf(orderLicense(panel, order))).toSatisfy(isUnknownOutcome);
    expect(server.calls.filter(({ form: fields }) => fields.has("func"))).toHaveLength(1);
  });
});

describe("the endpoint", () => {
  const panelAt = (endpoint: string) => new Panel({ endpoint, username: "user", password });

  it.each([
    ["https://api.ispmanager.com", "user@api.ispmanager.com"],
    ["https://api.ispmanager.com/manager/billmgr", "user@api.ispmanager.com"],
    ["https://panel.example:1500/billmgr", "user@panel.example:1500"],
    ["http://localhost:8080", "user@localhost:8080"],
    ["http://127.8.9.1", "user@127.8.9.1"],
    ["http://[::1]:80/billmgr", "user@[::1]"],
  ])("may be %s", (endpoint, account) => expect(panelAt(endpoint).account).toBe(account));

  it.each([
    "",
    "panel.example",
    "ftp://panel.example",
    "http://panel.example",
    "http://10.0.0.1",
    "http://127.0.0.1.example",
    "http://localhost.example",
    "https://user:hunter2@panel.example",
    "https://hunter2@panel.example",
    "https://panel.example/billmgr?authinfo=hunter2",
    "https://panel.example/billmgr?",
    "https://panel.example/#hunter2",
  ])("must not be %j, and the error does not repeat it", (endpoint) => {
    expect(() => panelAt(endpoint)).toThrow(
      expect.toSatisfy((error) => isInvalidRequest(error) && !error.message.includes("hunter2")),
    );
  });
});

describe("options", () => {
  it.each([
    ["username", { username: "" }],
    ["username", { username: "a:b" }],
    ["password", { password: "" }],
    ["timeoutSeconds", { timeoutSeconds: 0 }],
    ["timeoutSeconds", { timeoutSeconds: Number.NaN }],
    ["parallel", { parallel: 0 }],
    ["parallel", { parallel: 1.5 }],
    ["retries", { retries: -1 }],
  ])("are refused before any call: %s", (name, wrong) => {
    const options = { endpoint: "https://panel.example", username: "user", password, ...wrong };
    expect(() => new Panel(options)).toThrow(
      expect.toSatisfy((error) => isInvalidRequest(error) && error.message.startsWith(name)),
    );
  });
});

describe("a client that is closed", () => {
  it("leaves no timer behind, which would keep the process alive, of a pause that the panel has asked for", async () => {
    const server = await scriptedPanel([status(429, { "retry-after": "30" })]);
    const sleeping: (AbortSignal | undefined)[] = [];
    const sleep = (_: number, signal?: AbortSignal) => {
      sleeping.push(signal);
      return new Promise<void>(() => undefined);
    };
    const panel = clientOf(server, { retries: 0, timing: { now: Date.now, random: Math.random, sleep } });
    await failureOf(readLicense(panel, id));
    await panel.close();
    expect(sleeping.map((signal) => signal?.aborted)).toEqual([true]);
  });
});
