/** Whether a call reads, changes something, may cost money, or logs in. */
export type Effect = "read" | "change" | "charge" | "login";
