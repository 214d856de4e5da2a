import type { Knobs } from "./knobs";

/**
 * What the panel says when it refuses.
 *
 * Types and texts marked [seen] occur in captured answers or in public clients. All others are [inferred]: the vendor
 * publishes none for licenses. No client should match on a text.
 */
const messages = {
  /** [seen] */
  badpassword: { en: "Invalid username or password", ru: "Неверное имя пользователя или пароль" },
  /** [seen] object; text inferred */
  blocklogon: { en: "Logging in is blocked, try again later", ru: "Вход временно заблокирован" },
  /** [seen] object; text inferred */
  blocked_ip: {
    en: "Your IP address is blocked after too many attempts",
    ru: "Ваш IP-адрес заблокирован: слишком много попыток",
  },
  /** [seen] */
  badip: { en: "Access from this IP denied", ru: "Доступ с этого IP-адреса запрещён" },
  /** [seen] type; text inferred */
  forbiddenAuth: { en: "Authorization with authinfo is forbidden", ru: "Авторизация через authinfo запрещена" },
  /** [inferred] */
  noSession: { en: "Authorization is required", ru: "Требуется авторизация" },
  /** [seen] type; text inferred */
  totp: { en: "Confirm the login with a code", ru: "Подтвердите вход кодом" },
  /** [seen] type; text inferred */
  captcha: { en: "Captcha verification failed", ru: "Проверка не пройдена" },
  /** [inferred] */
  access: { en: "Access to '__object__' is denied", ru: "Нет доступа к «__object__»" },
  /** [inferred] */
  missedFunction: { en: "The function '__value__' does not exist", ru: "Функция «__value__» не существует" },
  /** [seen] text family */
  missed: { en: "The item '__value__' does not exist", ru: "Элемент «__value__» не существует" },
  /** [inferred] */
  exists: { en: "The license '__value__' already exists", ru: "Лицензия «__value__» уже существует" },
  /** [seen] text family */
  value: {
    en: "The '__object__' field has invalid value. __value__",
    ru: "Поле «__object__» имеет недопустимое значение. __value__",
  },
  /** [seen] text family */
  empty: {
    en: "The '__object__' field has invalid value. The value cannot be empty",
    ru: "Поле «__object__» имеет недопустимое значение. Значение не может быть пустым",
  },
  /** [seen] text family */
  wizard: { en: "This order step is not available", ru: "Этот шаг заказа недоступен" },
  /** [seen] text family, on another paid function */
  money: { en: "Insufficient funds. __value__", ru: "Недостаточно средств. __value__" },
  /** [inferred] */
  processing: {
    en: "The license '__value__' is being processed",
    ru: "Лицензия «__value__» обрабатывается",
  },
  /** [inferred] */
  ipChangeLimit: {
    en: "The IP address cannot be changed before __value__",
    ru: "IP-адрес нельзя изменить раньше __value__",
  },
  /** [inferred] */
  resumeRefused: {
    en: "The license '__value__' cannot be activated by the client",
    ru: "Клиент не может включить лицензию «__value__»",
  },
  /** [inferred] */
  wrongState: {
    en: "The action is impossible in the current state of the license '__value__'",
    ru: "Действие невозможно в текущем состоянии лицензии «__value__»",
  },
  /** [seen] type; text inferred */
  minimumTerm: {
    en: "The license cannot be deleted before __value__",
    ru: "Лицензию нельзя удалить раньше __value__",
  },
  /** [inferred] */
  deletionForbidden: { en: "Deletion is not allowed", ru: "Удаление запрещено" },
  /** [inferred] */
  phone: { en: "Confirm the deletion by phone", ru: "Подтвердите удаление по телефону" },
  /** Whatever a fault says. */
  fault: { en: "__value__", ru: "__value__" },
} as const satisfies Record<string, { en: string; ru: string }>;

export type MessageKey = keyof typeof messages;

/** A refusal, as the panel answers it: with HTTP 200 and an `error` element. */
export class PanelError extends Error {
  override readonly name = "PanelError";

  constructor(
    readonly type: string,
    readonly object: string | undefined,
    readonly key: MessageKey,
    readonly value = "",
  ) {
    super(`${type} ${object ?? ""}: ${key} ${value}`);
  }
}

/** The text of a refusal in the language and form that the knobs ask for. */
export function messageOf(error: PanelError, knobs: Knobs): string {
  const template = messages[error.key][knobs.errorMessages === "localised" ? "ru" : "en"];
  const text = knobs.errorPlaceholders
    ? template
    : template.replaceAll("__object__", () => error.object ?? "").replaceAll("__value__", () => error.value);
  return knobs.errorTrailingSpace ? `${text} ` : text;
}
