import { type Money, moneyText } from "../billmanager/money";
import type { Due } from "../license/forecast";
import type { Told } from "../license/lifecycle";
import type { Log } from "../license/run";

/** What there is to say about a fleet before anything is done, member by member, gathered until it can be said as one. */
export class Announcement {
  readonly #members = new Map<string, Told>();
  readonly #leaving = new Map<string, string>();
  readonly #asides: { readonly key: string; readonly line: string }[] = [];
  #moves = 0;
  #renames = 0;
  #replaced = 0;

  /** What is said of a member takes the place of what was said of it before. */
  add(key: string, told: Told): void {
    this.#members.set(key, told);
  }

  isAbout(key: string): boolean {
    return this.#members.has(key);
  }

  /** @param changed the inputs that a member changes in place */
  count(changed: readonly string[]): void {
    this.#moves += changed.includes("ip") ? 1 : 0;
    this.#renames += changed.includes("licenseName") ? 1 : 0;
  }

  /** A license that another takes the place of, which is told with that one. */
  countGivenUp(): void {
    this.#replaced += 1;
  }

  /** @param how a phrase that follows "an update" */
  giveUp(key: string, how: string): void {
    this.#leaving.set(key, how);
  }

  /** What is good to know of a member with which nothing is done. */
  mention(key: string, line: string): void {
    this.#asides.push({ key, line });
  }

  get dues(): Due[] {
    return [...this.#members.values()].flatMap(({ wish, payments, isPeriodKnown }) =>
      payments === undefined ? [] : [{ wish, payments, isPeriodKnown }],
    );
  }

  /**
   * @param name the fleet's
   * @param spending what an update pays in all, `undefined` where that is not known
   * @param most lines of one kind that are shown; the rest is counted
   */
  tell(log: Log, name: string, spending: readonly Money[] | undefined, most: number): void {
    const members = [...this.#members];
    const about = (kind: "steps" | "warnings" | "notices", prefix = "") =>
      members.flatMap(([key, told]) => told[kind].map((line) => ({ key, line: `${prefix}${line}` })));
    const leaving = [...this.#leaving].map(([key, how]) => ({ key, line: `an update ${how}` }));
    const steps = shown(name, [...about("steps", "an update "), ...leaving], most);
    const total = this.#total(spending);
    const say = (lines: readonly string[], print: (text: string) => void) => {
      if (lines.length > 0) {
        print(lines.join("\n"));
      }
    };
    say(total === undefined ? steps : [...steps, `${name}: ${total}`], (text) => log.info(text));
    say(shown(name, about("warnings"), most), (text) => log.warn(text));
    say(shown(name, [...this.#asides, ...about("notices")], most), (text) => log.info(text));
  }

  /** "in all, an update orders 480 licenses, moves 2, gives up 1, and spends 6720.00 EUR" */
  #total(spending: readonly Money[] | undefined): string | undefined {
    const due = this.dues.map(({ payments }) => payments);
    const counts = {
      orders: due.reduce((sum, { orders }) => sum + orders, 0),
      renews: due.filter(({ renewals }) => renewals > 0).length,
      moves: this.#moves,
      renames: this.#renames,
      "gives up": this.#leaving.size + this.#replaced,
    };
    const [first, ...others] = Object.entries(counts).filter(([, count]) => count > 0);
    if (first === undefined) {
      return undefined;
    }
    const [act, count] = first;
    const acts = [`${act} ${count} ${count === 1 ? "license" : "licenses"}`, ...others.map((other) => other.join(" "))];
    const sums = spending?.map(moneyText).join(" and ");
    const price = sums === undefined ? ", at a price that is not known" : sums === "" ? "" : `, and spends ${sums}`;
    return `in all, an update ${acts.join(", ")}${counts.orders + counts.renews === 0 ? "" : price}`;
  }
}

/** Lines about members, where several members may share one. */
function shown(
  name: string,
  lines: readonly { readonly key: string; readonly line: string }[],
  most: number,
): string[] {
  const keysOf = new Map<string, string[]>();
  for (const { key, line } of lines) {
    const keys = keysOf.get(line);
    if (keys === undefined) {
      keysOf.set(line, [key]);
    } else {
      keys.push(key);
    }
  }
  const first = [...keysOf].slice(0, most).map(([line, keys]) => `${name}: ${listOf(keys, most)}: ${line}`);
  const left = keysOf.size - first.length;
  return left > 0 ? [...first, `${name}: and ${left} more`] : first;
}

/** `web01, web02 and 3 more` */
export function listOf(keys: readonly string[], most: number): string {
  const left = keys.length - most;
  return `${keys.slice(0, most).join(", ")}${left > 0 ? ` and ${left} more` : ""}`;
}
