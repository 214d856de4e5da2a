/** What a run of the engine has said of the license with one of these names: phrases after "an update", and whole warnings. */
export function phrasesOf(output: string, names: readonly string[]): string[] {
  const phrases = new Set<string>();
  for (const line of output.split("\n").map((text) => text.trim())) {
    for (const name of names) {
      const announced = `${name}: an update `;
      const warned = `warning: ${name}: `;
      if (line.startsWith(announced)) {
        phrases.add(line.slice(announced.length));
      } else if (line.startsWith(warned)) {
        phrases.add(`warning: ${line.slice(warned.length)}`);
      }
    }
  }
  return [...phrases];
}

/** Of which of these names a run has said when the license lapses that nothing renews, and the day. */
export function lapsesOf(output: string, names: readonly string[]): Record<string, string> {
  const lapses: Record<string, string> = {};
  for (const [, name = "", day = ""] of output.matchAll(
    /^ *(\S+): nothing renews this license: it lapses on (\S+)$/gm,
  )) {
    if (names.includes(name)) {
      lapses[name] = day;
    }
  }
  return lapses;
}
