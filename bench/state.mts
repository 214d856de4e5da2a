import type { StackResource } from "../tools/pulumi/workspace.mts";

/** What a stack's exported state shows of a subject. */
export interface StateFigures {
  readonly licenses: number;
  readonly bytes: number;
  /** The provider's text, which stands in the state twice per resource; 0 for the plugin, which has none. */
  readonly providerBytes: number;
  /** The properties of one resource with the bytes that each value takes, the provider's text left out. */
  readonly shape: Readonly<Record<string, number>>;
}

/** The most that the provider of the engine alone may take: more would slow the engine down and flatter whoever is compared with it. */
const FLOOR_PROVIDER_LIMIT = 300;

export function stateFigures(exported: string): StateFigures {
  const { deployment } = JSON.parse(exported) as { deployment: { resources?: StackResource[] } };
  const resources = (deployment.resources ?? []).filter(({ type }) => /\bbillmanager:.*License(?:Fleet)?$/.test(type));
  // They are registered in no certain order, and addresses differ in length.
  const first = resources.find(({ urn }) => /::(?:web0|fleet)$/.test(urn));
  return {
    licenses: resources.reduce((total, resource) => total + licensesIn(resource), 0),
    bytes: Buffer.byteLength(exported),
    providerBytes: Buffer.byteLength(String(first?.inputs?.__provider ?? "")),
    shape: { ...shapeOf("inputs", first?.inputs), ...shapeOf("outputs", first?.outputs) },
  };
}

function licensesIn({ type, outputs }: StackResource): number {
  return type.endsWith("LicenseFleet") ? Object.keys(outputs?.licenses ?? {}).length : 1;
}

function shapeOf(kind: string, properties: Readonly<Record<string, unknown>> = {}): Record<string, number> {
  const sizes = Object.entries(properties)
    .filter(([name]) => name !== "__provider")
    .map(([name, value]) => [`${kind}.${name}`, Buffer.byteLength(JSON.stringify(value))]);
  return Object.fromEntries(sizes);
}

/**
 * Makes sure that the engine alone stores what the engine stores for this package, so that the difference is the provider's.
 *
 * @throws Error where it does not: the program in programs/floor has to follow
 */
export function requireFairFloor(license: StateFigures, floor: StateFigures): void {
  const names = new Set([...Object.keys(license.shape), ...Object.keys(floor.shape)]);
  const differing = [...names].filter((name) => license.shape[name] !== floor.shape[name]);
  if (differing.length > 0) {
    const sizes = differing.map((name) => `${name} ${floor.shape[name] ?? 0} instead of ${license.shape[name] ?? 0}`);
    throw new Error(`programs/floor does not store what a License stores, in bytes: ${sizes.join(", ")}`);
  }
  if (floor.providerBytes >= FLOOR_PROVIDER_LIMIT) {
    throw new Error(
      `the provider in programs/floor takes ${floor.providerBytes} bytes, not less than ${FLOOR_PROVIDER_LIMIT}`,
    );
  }
}
