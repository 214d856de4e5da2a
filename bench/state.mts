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

/**
 * The most that the provider of the engine alone may take, in bytes: more would slow the engine down and flatter whoever is compared with
 * it. What the SDK makes of the six methods of a provider that does nothing takes about 1,600.
 */
const PROVIDER_LIMITS = { leanest: 300, floor: 1_700 } as const;

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
 * @throws Error where it does not: its program has to follow
 */
export function requireFair(
  name: keyof typeof PROVIDER_LIMITS,
  alone: StateFigures | undefined,
  license: StateFigures | undefined,
): void {
  if (alone === undefined || license === undefined) {
    return;
  }
  const names = new Set([...Object.keys(license.shape), ...Object.keys(alone.shape)]);
  const differing = [...names].filter((each) => license.shape[each] !== alone.shape[each]);
  if (differing.length > 0) {
    const sizes = differing.map((each) => `${each} ${alone.shape[each] ?? 0} instead of ${license.shape[each] ?? 0}`);
    throw new Error(`programs/alone/${name}.js does not store what a License stores, in bytes: ${sizes.join(", ")}`);
  }
  if (alone.providerBytes >= PROVIDER_LIMITS[name]) {
    const limit = `not less than ${PROVIDER_LIMITS[name]}`;
    throw new Error(`the provider in programs/alone/${name}.js takes ${alone.providerBytes} bytes, ${limit}`);
  }
}
