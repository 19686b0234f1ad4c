// Why a sealed thing was not taken. Each reason has a sentence on the pages.

export type Reason =
  /** No key given opens it: wrong words, another person's file, a file cut short. */
  | "not_opened"
  /** It opens, and is not what was sealed: changed, or signed by somebody else. */
  | "tampered"
  /** Genuine, and older than what this browser has already seen. */
  | "older"
  /** The key it was made for is not the one that was compared. */
  | "swapped"
  /** It opens another vault than the one it stands for. */
  | "other_vault"
  /** More than one page holds. */
  | "too_long";

export class Refused extends Error {
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(reason);
    this.name = "Refused";
    this.reason = reason;
  }
}
