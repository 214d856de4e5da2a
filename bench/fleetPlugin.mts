import protocol from "@pulumi/pulumi/proto/provider_pb.js";
import structs, { type Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { RunningPlugin } from "../tools/runningPlugin.mts";
import type { Panel } from "./panel.mts";
import { configuration, PLUGIN } from "./plugin.mts";
import { cpuSeconds, peakMemory } from "./processes.mts";
import { sum } from "./statistics.mts";

const URN = "urn:pulumi:dev::licenses::billmanager:index:LicenseFleet::fleet";

/** What an operation took of a plugin, without the plugin's start, and without what whoever asks it takes. */
export interface PluginSample {
  readonly seconds: number;
  readonly cpu: number;
  readonly panelCpu: number;
  /** The most memory that the process has held, in bytes. */
  readonly memory: number;
  readonly calls: number;
}

/** A fleet as an engine has it. */
interface Saved {
  readonly id: string;
  readonly inputs: Struct;
  readonly outputs: Struct;
}

interface Message {
  serializeBinary(): Uint8Array;
}

/** One fleet in the hands of a plugin, which is started anew for each operation as the engine does, asked the same, and no engine around it. */
export class FleetPlugin {
  readonly #panel: Panel;
  readonly #declared: Struct;
  #saved: Saved | undefined;

  constructor(panel: Panel, size: number) {
    this.#panel = panel;
    this.#declared = structs.Struct.fromJavaScript({ product: "cloudlinux", licenses: addresses(size) });
  }

  create(): Promise<PluginSample> {
    return this.#operation(async (ask) => {
      const inputs = await this.#check(ask, new structs.Struct());
      const request = new protocol.CreateRequest().setUrn(URN).setProperties(inputs);
      const bytes = await ask("Create", request);
      return () => {
        const answer = protocol.CreateResponse.deserializeBinary(bytes);
        this.#saved = { id: answer.getId(), inputs, outputs: propertiesOf(answer.getProperties()) };
      };
    });
  }

  /** What an update asks that finds nothing to do. */
  unchanged(): Promise<PluginSample> {
    const { id, inputs, outputs } = this.#known();
    return this.#operation(async (ask) => {
      const news = await this.#check(ask, inputs);
      const request = new protocol.DiffRequest().setUrn(URN).setId(id).setOlds(outputs).setNews(news);
      const bytes = await ask("Diff", request.setOldInputs(inputs));
      return () => {
        const { DIFF_NONE } = protocol.DiffResponse.DiffChanges;
        if (protocol.DiffResponse.deserializeBinary(bytes).getChanges() !== DIFF_NONE) {
          throw new Error("the fleet differs from what it was just created as");
        }
      };
    });
  }

  refresh(): Promise<PluginSample> {
    const { id, inputs, outputs } = this.#known();
    return this.#operation(async (ask) => {
      const request = new protocol.ReadRequest().setUrn(URN).setId(id).setProperties(outputs).setInputs(inputs);
      const bytes = await ask("Read", request);
      return () => {
        const answer = protocol.ReadResponse.deserializeBinary(bytes);
        this.#saved = { id, inputs, outputs: propertiesOf(answer.getProperties()) };
      };
    });
  }

  destroy(): Promise<PluginSample> {
    const { id, inputs, outputs } = this.#known();
    return this.#operation(async (ask) => {
      const request = new protocol.DeleteRequest().setUrn(URN).setId(id).setProperties(outputs);
      await ask("Delete", request.setOldInputs(inputs));
      return () => {
        this.#saved = undefined;
      };
    });
  }

  /** Licenses that the fleet has by its outputs, and the bytes of all properties as JSON. */
  get stored(): { readonly licenses: number; readonly bytes: number } {
    const { inputs, outputs } = this.#known();
    const shown = outputs.toJavaScript();
    const bytes = Buffer.byteLength(JSON.stringify({ inputs: inputs.toJavaScript(), outputs: shown }));
    return { licenses: Object.keys(shown.licenses ?? {}).length, bytes };
  }

  #known(): Saved {
    if (this.#saved === undefined) {
      throw new Error("no fleet was created");
    }
    return this.#saved;
  }

  async #check(ask: Ask, olds: Struct): Promise<Struct> {
    const request = new protocol.CheckRequest().setUrn(URN).setOlds(olds).setNews(this.#declared);
    const answer = protocol.CheckResponse.deserializeBinary(await ask("Check", request));
    const [failure] = answer.getFailuresList();
    if (failure !== undefined) {
      throw new Error(failure.getReason());
    }
    return propertiesOf(answer.getInputs());
  }

  /**
   * @param job asks, and returns what is to be done with the answer when everything has been measured
   */
  async #operation(job: (ask: Ask) => Promise<() => void>): Promise<PluginSample> {
    const plugin = await RunningPlugin.start(process.execPath, [PLUGIN]);
    try {
      const configure = configuration(this.#panel);
      await plugin.ask((client, answered) => client.configure(configure, answered));
      await this.#panel.takeCalls();
      const before = { cpu: cpuSeconds(plugin.pid), panelCpu: this.#panel.cpuSeconds() };
      let seconds = 0;
      const finish = await job(async (name, request) => {
        const bytes = Buffer.from(request.serializeBinary());
        const begun = performance.now();
        const answer = await plugin.askRaw(name, bytes);
        seconds += (performance.now() - begun) / 1000;
        return answer;
      });
      const sample = {
        seconds,
        cpu: cpuSeconds(plugin.pid) - before.cpu,
        panelCpu: this.#panel.cpuSeconds() - before.panelCpu,
        memory: peakMemory(String(plugin.pid)),
      };
      finish();
      const calls = sum(Object.values(await this.#panel.takeCalls()));
      return { ...sample, calls };
    } finally {
      await plugin.stop();
    }
  }
}

type Ask = (name: string, request: Message) => Promise<Buffer>;

function addresses(size: number): Record<string, string> {
  const entries = Array.from({ length: size }, (_, index) => [
    `web${index}`,
    `10.${Math.floor(index / 62_500)}.${Math.floor(index / 250) % 250}.${1 + (index % 250)}`,
  ]);
  return Object.fromEntries(entries);
}

function propertiesOf(struct: Struct | undefined): Struct {
  if (struct === undefined) {
    throw new Error("the plugin's answer has no properties");
  }
  return struct;
}
