import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningPlugin, startPlugin, type Values } from "./helpers";

const FOLDER = join(__dirname, "recorded");

/** What the engine asked a version of the plugin in an update without changes, and was answered. */
interface Recorded {
  readonly method: "Check" | "Diff";
  readonly request: { readonly urn: string; readonly id?: string; readonly olds: Values; readonly news: Values };
  readonly response: { readonly inputs?: Values };
}

/**
 * States last longer than versions: what each version has written is read by all later ones, which find nothing to do in it. Nothing
 * answers at the endpoint, so that a call would fail the test as well.
 */
describe.each(readdirSync(FOLDER))("a state of version %s", (file) => {
  const calls = JSON.parse(readFileSync(join(FOLDER, file), "utf8")) as Recorded[];
  let plugin: RunningPlugin;
  beforeAll(async () => {
    plugin = await startPlugin();
    await plugin.configure({ endpoint: "http://127.0.0.1:9/billmgr", username: "demo", password: "demo" });
  });
  afterAll(() => plugin.stop());

  it.each(calls.filter(({ method }) => method === "Check"))(
    "is checked as before: $request.urn",
    async ({ request: { urn, olds, news }, response }) => {
      expect(await plugin.check(urn, olds, news)).toEqual({ inputs: response.inputs, failures: {} });
    },
  );

  it.each(calls.filter(({ method }) => method === "Diff"))(
    "shows no difference: $request.urn",
    async ({ request: { urn, id = "", olds, news } }) => {
      expect(await plugin.diff(urn, id, olds, news)).toEqual({ changes: 1, replaces: [], diffs: [], details: {} });
    },
  );
});
