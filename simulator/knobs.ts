/** What the panel can be busy with: it shows `5_<action>` meanwhile (an edit shows a plain `5`). */
export type ProcessingAction = "open" | "prolong" | "suspend" | "resume" | "close" | "edit";

/**
 * How long an accepted action stays in processing: not at all, for ever, for a number of polls (list or form reads that
 * show the row), or for seconds of the simulator's clock or of real time.
 */
export type ProcessingDelay = "none" | "stuck" | { polls: number } | { seconds: number } | { realSeconds: number };

/** List columns that a panel may show beyond the documented ones. */
export type ExtraListColumn =
  | "status"
  | "pricelist_id"
  | "item_real_status"
  | "special_status"
  | "remoteid"
  | "scheduledclose"
  | "real_expiredate";

/** Form fields that a panel may show beyond the usual ones. */
export type ExtraFormField = "lickey" | "remoteid" | "scheduledclose" | "pricelist_name" | "real_expiredate";

/**
 * Everything about the panel that is unknown, differs between panels, or goes wrong. The first behaviour named is the
 * default.
 */
export interface Knobs {
  /** Each answer is held back this long. What the call does is booked before the wait. Default 0. */
  latencyMs: number;
  /** The same for single functions, e.g. `{ "softexternal.order.param": 500 }`; wins over `latencyMs`. Default `{}`. */
  latencyMsFor: Record<string, number>;
  /** How long each action takes. Default "none" for all: done at once. */
  processing: Record<ProcessingAction, ProcessingDelay>;
  /** What an action on a row in processing meets; accepted ends the earlier action first. */
  whileProcessing: "refused" | "accepted";
  /** Error type of that refusal. Default "processing". */
  whileProcessingType: string;

  /** What a successful order answers. `billorder` and `payment_id` leave the order unpaid (status 1). */
  orderAnswer: "id" | "item.id" | "none" | "billorder" | "payment_id";
  /**
   * What an order beyond the balance and credit meets: an error, or an unpaid order with an id, or one with a bill. A
   * renewal meets an error, or with "billorder" a bill.
   */
  insufficientFunds: "error" | "unpaid" | "billorder";
  /** Error type of that refusal. Default "not_enough_money". */
  insufficientFundsType: string;
  /** Whether an order into the basket (no `skipbasket=on`) names its id at once. */
  basketId: "at-once" | "after-payment";
  /** A second license of the same tariff on the same address. */
  duplicate: "allowed" | "exists" | "value";
  /** The error for a tariff code that is missing or unknown. */
  unknownPricelist: "wizard_unavailable" | "value";
  /** A period that the tariff does not offer; accepted allows 1, 3, 6, 12 and -100 everywhere. */
  otherPeriods: "refused" | "accepted";
  /** An address that is missing (where the tariff needs one) or no address. */
  badIp: "refused" | "accepted";
  /** IPv6 addresses. */
  ipv6: "accepted" | "refused";
  /** Whether `remoteid` is kept with the license. Showing it is a matter of `listColumns` and `formFields`. */
  remoteid: "kept" | "dropped";
  /** What an order without `autoprolong` means. */
  autoprolongDefault: "off" | "period";
  /** Whether the order form without `sok` shows its price (`orderinfo`). */
  quote: "shown" | "absent";
  /** Functions that this account may not call at all (error `access`). Default `[]`. */
  deniedFunctions: string[];
  /** Whether `pricelist.export` may be called. */
  pricelistExport: "readable" | "access";

  /** What a carried-out edit answers; "form" shows the form again and changes nothing. */
  editAnswer: "ok" | "ok-text" | "form";
  /** What becomes of `licname` or `ip` when an edit leaves it out. */
  editOmitted: "kept" | "emptied" | "refused";
  /** How soon after one change of address the next is refused. */
  ipChangeLimit: "off" | "31-days" | "month";
  /** Error type of that refusal. Default "limit". */
  ipChangeLimitType: string;

  /** Whether the account may suspend and resume. */
  suspendResume: "allowed" | "access";
  /** Error type when a suspension by staff, or for want of payment, is resumed by the client. Default "access". */
  resumeRefusedType: string;
  /** Resuming a license that was suspended because its term had ended. */
  resumeLapsed: "refused" | "accepted";

  /** Under which names renewal exists. */
  renewalFunctions: "both" | "service.prolong" | "softexternal.prolong";
  /** What a renewal answers: the date in a nested `doc` beside `ok`, the date alone, or only `ok`. */
  renewalAnswer: "newexpiredate" | "newexpiredate-only" | "ok";
  /** Where the renewed term begins: at its end when active and today when suspended, or always at its end. */
  renewalFrom: "end-or-today" | "end";
  /** Which suspensions a renewal lifts: the client's own and lapsed ones, or only lapsed ones. */
  renewalResumes: "suspended" | "lapsed";
  /** Days between the suspension of a lapsed license and its deletion. Default 30. */
  deletedAfterDays: number;

  /** What a deletion does: at once, at the end of the term, or a refusal of one of three kinds. */
  deletion: "at-once" | "scheduled" | "minimum-term" | "forbidden" | "phone";
  /** Error type of `deletion: "forbidden"`. Default "access". */
  deletionForbiddenType: string;
  /** Error type of `deletion: "phone"`. Default "extraconfirm". */
  deletionPhoneType: string;
  /** What is given back for the unused days of a deleted license. */
  refund: "none" | "balance";
  /** Whether lists still show deleted licenses (with code 4). */
  deletedRows: "hidden" | "listed";
  /** What the form of a deleted license answers. */
  deletedForm: "missed" | "status-4";
  /** The error for an id that does not exist. */
  wrongElid: "missed" | "access";
  /** The error for somebody else's id. */
  foreignElid: "missed" | "access";

  /** Columns of the list beyond the documented ones. Default `[]`. */
  listColumns: ExtraListColumn[];
  /** `item_status` as a word with the code in `orig`, or no `item_status` but only `item_real_status`. */
  itemStatus: "word" | "real-status-only";
  /** The language of status words, whatever `lang` says. */
  statusWords: "english" | "localised";
  /** `expiredate` in lists: a date, or a phrase with the date in `real_expiredate`. */
  listExpiredate: "date" | "phrase";
  /** `autoprolong` in lists where it is on. */
  listAutoprolongOn: "number" | "word";
  /** `autoprolong` in lists where it is off. */
  listAutoprolongOff: "off" | "null" | "empty";
  /** `pricelist` in the form: the code or the tariff's name. */
  formPricelist: "number" | "name";
  /** `status` in the form: one digit, the raw code, or no such field. */
  formStatus: "code" | "raw" | "absent";
  /** Whether the form offers `autoprolong`; where it does not, an edit ignores it. */
  formAutoprolong: "present" | "absent";
  /** Fields of the form beyond the usual ones. Default `[]`. */
  formFields: ExtraFormField[];

  /** Rows per page when the call names no `p_cnt`. Default 10. */
  pageSize: number;
  /** The largest `p_cnt` that is honoured; 0 means no limit. Default 0. */
  pageSizeCap: number;
  /** A filter saved in the panel for every account, e.g. `{ "pricelist": "9204" }`. Default `{}`: none. */
  savedFilter: Record<string, string>;
  /** json: a list of one row as an array, or as the bare row. */
  jsonSingleRow: "array" | "object";
  /** json: a lone `param` of an error as an object, or in an array. */
  jsonParam: "object" | "array";
  /** bjson: plain texts, or `{"v": text}`. */
  bjsonScalars: "plain" | "wrapped";

  /** Errors with `param`, `stack`, `detail` and `code`, or with type, object and `msg` alone. */
  errorBody: "full" | "minimal";
  /** Whether `msg` and `detail` end in a space. Default false. */
  errorTrailingSpace: boolean;
  /** Whether `msg` keeps `__name__` where a `param` of that name holds the word. Default false. */
  errorPlaceholders: boolean;
  /** The language of messages, whatever `lang` says. */
  errorMessages: "english" | "localised";
  /** When not empty, every error carries this type. Default "". */
  unseenErrorType: string;
  /** Error type for a function that does not exist. Default "missed". */
  unknownFunctionType: string;

  /** What stands in front of the panel: nothing, a guard that refuses, or "please wait" with a link to the answer. */
  httpLayer: "none" | "403" | "460" | "long";

  /** Whether `authinfo` may be used. */
  authinfo: "accepted" | "forbidden_auth";
  /** What follows on wrong passwords: nothing more, 20 seconds of refusal (simulator's clock), or a blocked address. */
  wrongPassword: "badpassword" | "blocklogon" | "blocked_ip";
  /** How many wrong passwords in a row bring that about. Default 1. */
  wrongPasswordTries: number;
  /** Whether the caller's address may log in. */
  sourceAddress: "allowed" | "refused";
  /** Error type for a missing or expired session. */
  sessionExpired: "auth" | "access";
  /** Minutes of idleness (simulator's clock) after which a session ends. Default 60. */
  sessionMinutes: number;
  /** Whether a login needs a second step: a code (`000000` is right) or a captcha. */
  secondFactor: "off" | "totp" | "captcha";
  /** The access level that a login shows. */
  level: 16 | 8;
  /** Whether `tparams` echoes credentials. */
  tparams: "redacted" | "echoed";
  /** Whether the balance may be read. */
  subaccount: "readable" | "access";
}

/** The knobs of a running simulator. Assigning takes effect with the next request; a bad name or value throws. */
export type LiveKnobs = Knobs & {
  /** Back to the values that the simulator was started with. */
  reset(): void;
  /** Sets several at once, or none of them when one is wrong. `processing` is merged action by action. */
  set(values: KnobValues): void;
};

/** Some knobs. `processing` may name some of its actions. */
export type KnobValues = Partial<Omit<Knobs, "processing">> & {
  processing?: Partial<Record<ProcessingAction, ProcessingDelay>>;
};
