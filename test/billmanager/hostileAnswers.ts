import fc from "fast-check";

/** What may be found in an answer, or be put into it by someone who means ill. */
const fragments = [
  '<error type="auth" object="badpassword"/>',
  '<error type="value"><msg>no</msg></error>',
  "<error/>",
  "<id>999</id>",
  "<id>1234567</id>",
  "<id/>",
  "<item.id>998</item.id>",
  "<ok/>",
  "<billorder>1</billorder>",
  "<tparams>",
  "<tparams/>",
  "</tparams>",
  "<metadata>",
  "</metadata>",
  "<elem>",
  "</elem>",
  "<elem><id>997</id><error/></elem>",
  "<doc>",
  "</doc>",
  "<doc/>",
  "<id>",
  "</id>",
  "<!-- -->",
  "<!--",
  "-->",
  "--",
  "<!-- <error/> -->",
  "<!-- </tparams><id>996</id><tparams> -->",
  "<![CDATA[",
  "]]>",
  "<![CDATA[</tparams><id>995</id><tparams>]]>",
  "<![CDATA[<error/>]]>",
  "<![CDATA[7]]>",
  "<?x ' ?>",
  '<?xml version="1.0"?>',
  "<!DOCTYPE doc>",
  '<!DOCTYPE doc [<!ENTITY id "994">]>',
  "&lt;",
  "&id;",
  "&nbsp;",
  "&#49;",
  "&#x39;",
  "&#0;",
  "&",
  ";",
  "<__proto__><id>993</id></__proto__>",
  "<constructor/>",
  "<id\ufeff>991</id\ufeff>",
  "<id\u1680>990</id\u1680>",
  "<x:tparams>",
  "</x:tparams>",
  "<x:elem/>",
  "<tparams a='>'><id>989</id></tparams>",
  "<prototype>x</prototype>",
  "<hasOwnProperty/>",
  ' __proto__="x"',
  ' constructor="x"',
  ' id="992"',
  ' a="</tparams>"',
  " a='>'",
  ' a="/"',
  '"',
  "'",
  "<",
  ">",
  "/",
  "/>",
  "=",
  " ",
  "\t",
  "\r",
  "\r\n",
  "\0",
  "\u00a0",
  "\u2028",
  "\ufeff",
  "\ufffe",
  "7",
  "-",
];

const wrappers = [
  "doc",
  "tparams",
  "metadata",
  "messages",
  "saved_filters",
  "elem",
  "error",
  "id",
  "ok",
  "slist",
  "x:y",
];

/** One act of damage: where it falls is a share of the document's length, so that it can be applied to any. */
export type Damage =
  | { readonly kind: "cut"; readonly at: Place }
  | { readonly kind: "byte"; readonly at: Place; readonly value: number }
  | { readonly kind: "drop"; readonly at: Place; readonly length: number }
  | { readonly kind: "insert"; readonly at: Place; readonly fragment: string }
  | { readonly kind: "copy"; readonly from: Place; readonly to: Place; readonly at: Place }
  | { readonly kind: "wrap"; readonly from: Place; readonly to: Place; readonly wrapper: string };

/** A share of the length, and whether to go to the next border of a tag: damage at borders leaves well-formed documents. */
interface Place {
  readonly share: number;
  readonly atBorder: boolean;
}

const place = fc.record({
  share: fc.double({ min: 0, max: 1, noNaN: true }),
  atBorder: fc.boolean(),
});

export const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ kind: fc.constant("cut" as const), at: place }),
  fc.record({ kind: fc.constant("byte" as const), at: place, value: fc.integer({ min: 0, max: 255 }) }),
  fc.record({ kind: fc.constant("drop" as const), at: place, length: fc.integer({ min: 1, max: 12 }) }),
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("insert" as const), at: place, fragment: fc.constantFrom(...fragments) }),
  },
  fc.record({ kind: fc.constant("copy" as const), from: place, to: place, at: place }),
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("wrap" as const),
      from: place,
      to: place,
      wrapper: fc.constantFrom(...wrappers),
    }),
  },
);

function indexOf(text: string, { share, atBorder }: Place): number {
  const index = Math.floor(share * text.length);
  if (!atBorder) return index;
  const next = text.slice(index).search(/<|(?<=>)/);
  return next === -1 ? text.length : index + next;
}

/** Applies damage to bytes, each seen as one character so that any of them may be hit. */
export function damaged(answer: Uint8Array, acts: readonly Damage[]): Buffer {
  const hurt = acts.reduce((text, act) => applied(text, act), Buffer.from(answer).toString("latin1"));
  return Buffer.from(hurt, "latin1");
}

function applied(text: string, act: Damage): string {
  const bytes = (inserted: string) => Buffer.from(inserted, "utf8").toString("latin1");
  const range = (from: Place, to: Place) => {
    const [a, b] = [indexOf(text, from), indexOf(text, to)];
    return [Math.min(a, b), Math.max(a, b)] as const;
  };
  switch (act.kind) {
    case "cut":
      return text.slice(0, indexOf(text, act.at));
    case "byte": {
      const at = indexOf(text, act.at);
      return text.slice(0, at) + String.fromCharCode(act.value) + text.slice(at + 1);
    }
    case "drop": {
      const at = indexOf(text, act.at);
      return text.slice(0, at) + text.slice(at + act.length);
    }
    case "insert": {
      const at = indexOf(text, act.at);
      return text.slice(0, at) + bytes(act.fragment) + text.slice(at);
    }
    case "copy": {
      const [from, to] = range(act.from, act.to);
      const at = indexOf(text, act.at);
      return text.slice(0, at) + text.slice(from, to) + text.slice(at);
    }
    case "wrap": {
      const [from, to] = range(act.from, act.to);
      return `${text.slice(0, from)}<${act.wrapper}>${text.slice(from, to)}</${act.wrapper}>${text.slice(to)}`;
    }
  }
}

/** An order's answer before any damage: what it truly says, and the parts it is made of. */
export interface OrderAnswer {
  /** The license's id, where the answer names it. */
  readonly id?: string;
  readonly parts: readonly string[];
}

const trueParts: readonly (OrderAnswer & { readonly parts: readonly [string, ...string[]] })[] = [
  { id: "1234567", parts: ["<id>1234567</id>", "<ok/>"] },
  { id: "1234567", parts: ["<item.id>1234567</item.id>", "<ok></ok>"] },
  { id: "1234567", parts: ["<id>1234567</id>"] },
  { id: "1234567", parts: ["<id>1234567</id>", "<item.id>1234567</item.id>", "<ok/>"] },
  {
    id: "1234567",
    parts: ["<id>1234567</id>", "<billorder>4711</billorder>", "<ok>https://panel.example/?a=1&amp;b=2</ok>"],
  },
  { parts: ["<payment_id>815</payment_id>", "<ok/>"] },
  { parts: ["<ok/>"] },
];

/** What may stand beside: echoes of the request, the form's description, rows. None of it is a result. */
const besides = [
  "<tparams><func>softexternal.order.param</func><id>999</id><ok/><error/><sok>ok</sok></tparams>",
  "<tparams><licname>a &lt;id&gt; b</licname><ip>192.0.2.10</ip></tparams>",
  '<metadata name="softexternal.order.param"><form><id>998</id><error type="auth"/></form></metadata>',
  '<messages><msg name="id">997</msg><id>997</id><error/></messages>',
  "<elem><id>996</id><error/><ok/></elem>",
  "<saved_filters/>",
  "<elem/>",
  "<!-- <id>995</id><error/> -->",
  "<note><![CDATA[<id>994</id><error/>]]></note>",
  "<doc><id>993</id><error/></doc>",
  "\n  ",
];

export const orderAnswer: fc.Arbitrary<OrderAnswer> = fc
  .tuple(fc.constantFrom(...trueParts), fc.subarray(besides, { maxLength: 4 }))
  .chain(([{ id, parts }, beside]) =>
    fc
      .shuffledSubarray([...parts, ...beside], { minLength: parts.length + beside.length })
      .map((shuffled) => ({ ...(id === undefined ? {} : { id }), parts: shuffled })),
  );

export function rendered({ parts }: OrderAnswer): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<doc lang="en" func="softexternal.order.param">${parts.join("")}</doc>\n`;
}

/** One act of damage that leaves every place where `value` stands as it is. */
export function outsideOf<T>(render: (answer: T) => string, value: string): fc.Arbitrary<(answer: T) => Buffer> {
  return damage.map((act) => (answer) => {
    // What stands for the value is one byte that no act can divide, nor bring forth: it is no UTF-8.
    const kept = Buffer.from(render(answer).replaceAll(value, "\u0001"), "utf8");
    const hurt = damaged(kept, act.kind === "byte" && act.value === 1 ? [] : [act]);
    return Buffer.from(hurt.toString("latin1").replaceAll("\u0001", value), "latin1");
  });
}
