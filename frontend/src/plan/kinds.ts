// The parts of a plan as the page has them: in this order, numbered from 1 so that an address never says which.

export const KINDS = [
  "signs", "alone", "around", "people", "helpers", "safer", "stay", "how", "not", "list", "letters",
] as const;

/** A person one can tell, or whose job it is. */
export interface Somebody {name: string; number: string; text?: string}
export interface Letter {id: string; title: string; text: string}

export const kindOf = (number: string): string => KINDS[Number(number) - 1] ?? "";
export const numberOf = (kind: string): number => KINDS.findIndex((each) => each === kind) + 1;
export const hasPeople = (kind: string): boolean => kind === "people" || kind === "helpers";

/** What the page calls a part, in the reader's language. */
export const nameOf = (kind: string): string =>
  document.querySelector(`[data-screen="list"] [data-kind="${kind}"] [data-place="name"]`)?.textContent?.trim() ?? "";

export const peopleIn = (more: Record<string, unknown> | undefined): Somebody[] =>
  Array.isArray(more?.["people"]) ? more["people"] as Somebody[] : [];
export const lettersIn = (more: Record<string, unknown> | undefined): Letter[] =>
  Array.isArray(more?.["letters"]) ? more["letters"] as Letter[] : [];

/** What a telephone can dial of a number as it was typed; "" when it is none. */
export const dialled = (number: string): string => {
  const digits = number.replace(/[\s().\-/]/g, "");
  return /^\+?[0-9*#]+$/.test(digits) ? digits : "";
};
