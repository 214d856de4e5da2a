import type { Money } from "../billmanager/money";
import type { CalendarDate, LicenseId } from "../billmanager/types";
import { type Payments, paymentsOf } from "./guards";
import type { Wish } from "./inputs";
import { asOrdered, describe, notices, plan, type Step, warnings, withoutWindow } from "./plan";
import type { Observed } from "./state";

/** What a create would begin with. */
export type Prospect =
  /** @param price of one period, where it was read */
  | { readonly kind: "order"; readonly price?: Money; readonly warnings?: readonly string[] }
  | {
      readonly kind: "take over";
      readonly id: LicenseId;
      /** absent where the account could not be read */
      readonly observed?: Observed;
      readonly warnings?: readonly string[];
    }
  | { readonly kind: "refused"; readonly why: string };

/** What a create would do, as far as it can be told before. */
export interface Outlook {
  /** phrases that follow "an update" */
  readonly steps: readonly string[];
  readonly payments: Payments;
  readonly warnings: readonly string[];
  readonly notices: readonly string[];
}

/** @throws TooManyPeriodsError */
export function outlookOn(prospect: Prospect, wish: Wish, today: CalendarDate): Outlook {
  switch (prospect.kind) {
    case "refused":
      return { ...NOTHING, warnings: [`an update would refuse it: ${prospect.why}`] };
    case "order": {
      const ordered = asOrdered(wish, today, prospect.price);
      const steps: Step[] = [{ kind: "order" }, ...plan(ordered, withoutWindow(wish), today)];
      return {
        steps: steps.flatMap((step) => describe(step, ordered, wish)),
        payments: paymentsOf(steps),
        warnings: prospect.warnings ?? [],
        notices: notices(ordered, wish, today),
      };
    }
    case "take over": {
      const takesOver = `takes over license ${prospect.id} under this name`;
      const { observed } = prospect;
      if (observed === undefined) {
        return { ...NOTHING, steps: [takesOver] };
      }
      const steps = plan(observed, withoutWindow(wish), today);
      return {
        steps: [takesOver, ...steps.flatMap((step) => describe(step, observed, wish))],
        payments: paymentsOf(steps),
        warnings: [...(prospect.warnings ?? []), ...warnings(observed, withoutWindow(wish), today)],
        notices: notices(observed, wish, today),
      };
    }
  }
}

const NOTHING: Outlook = { steps: [], payments: { orders: 0, renewals: 0 }, warnings: [], notices: [] };
