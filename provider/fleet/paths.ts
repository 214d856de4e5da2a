/** The path of a member, or of one of its inputs, as Pulumi writes it: `licenses.web01.ip`, `licenses["web01.example.com"].ip`. */
export function pathOf(key: string, input?: string, map = "licenses"): string {
  // Pulumi reads no other escape than that of a quote.
  const member = /^[A-Za-z_$][\w$-]*$/.test(key) ? `${map}.${key}` : `${map}["${key.replaceAll('"', '\\"')}"]`;
  return input === undefined ? member : `${member}.${input}`;
}
