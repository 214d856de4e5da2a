/**
 * Measures the time from the start of a plugin to its first answered `check`. All are started in turn, again and again, so that whatever
 * else the machine does meets all of them alike.
 */
import { join } from "node:path";
import protocol, { type CheckResponse } from "@pulumi/pulumi/proto/provider_pb.js";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import { RunningPlugin } from "../tools/runningPlugin.mts";
import { rotated } from "./measure.mts";
import { Panel } from "./panel.mts";
import { configuration, PLUGIN } from "./plugin.mts";

/**
 * `bare` speaks the protocol and does nothing. `known` is this package's plugin, asked about a license that the stack holds, and `new`
 * the same, asked about one to be ordered: it reads balance and price before it answers.
 */
export type StartName = "bare" | "known" | "new";

export const STARTS = ["bare", "known", "new"] as const satisfies readonly StartName[];

const SCRIPTS: Readonly<Record<StartName, string>> = {
  bare: join(import.meta.dirname, "servers/bare.js"),
  known: PLUGIN,
  new: PLUGIN,
};

const URN = "urn:pulumi:dev::licenses::billmanager:index:License::web01";
const DECLARED = { product: "cloudlinux", ip: "192.0.2.10" };
const RECORDED = { ...DECLARED, claim: "3aywehbv", licenseName: "web01-3aywehbv" };

export interface StartOptions {
  readonly starts: number;
  readonly signal: AbortSignal;
  readonly report: (line: string) => void;
}

/** The milliseconds of each start. */
export type StartTimes = Readonly<Record<StartName, readonly number[]>>;

export async function measureStarts({ starts, signal, report }: StartOptions): Promise<StartTimes> {
  const times: Record<StartName, number[]> = { bare: [], known: [], new: [] };
  const panel = await Panel.start(0);
  try {
    report(`${starts} starts of each plugin`);
    for (const name of STARTS) {
      // The first to run would find nothing in the system's caches.
      await millisecondsToCheck(name, panel);
    }
    for (let round = 0; round < starts; round += 1) {
      for (const name of rotated(STARTS, round)) {
        signal.throwIfAborted();
        times[name].push(await millisecondsToCheck(name, panel));
      }
    }
    return times;
  } finally {
    await panel.stop();
  }
}

async function millisecondsToCheck(name: StartName, panel: Panel): Promise<number> {
  const configure = configuration(panel);
  const check = new protocol.CheckRequest()
    .setUrn(URN)
    .setOlds(structs.Struct.fromJavaScript(name === "new" ? {} : RECORDED))
    .setNews(structs.Struct.fromJavaScript(DECLARED));
  const begun = performance.now();
  const plugin = await RunningPlugin.start(process.execPath, [SCRIPTS[name]]);
  try {
    await plugin.ask((client, answered) => client.configure(configure, answered));
    const answer = await plugin.ask<CheckResponse>((client, answered) => client.check(check, answered));
    const milliseconds = performance.now() - begun;
    requireAccepted(name, answer);
    return milliseconds;
  } finally {
    await plugin.stop();
  }
}

function requireAccepted(name: StartName, answer: CheckResponse): void {
  const failures = answer.getFailuresList().map((failure) => failure.getReason());
  const { product } = answer.getInputs()?.toJavaScript() ?? {};
  if (failures.length > 0 || product !== DECLARED.product) {
    throw new Error(`the plugin "${name}" does not accept a license: ${failures.join("; ")}`);
  }
}
