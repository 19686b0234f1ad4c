// The page that stands in: which of its states is shown, and the few words that change in it.

export type State =
  | "none" | "trying" | "unheard" | "asking" | "asking-unheard" | "dropped" | "stopped" | "refused" | "left";

const root = document.getElementById("stand-in")!;

export const all = <Found extends HTMLElement = HTMLElement>(selector: string): Found[] =>
  [...root.querySelectorAll<Found>(selector)];

export const one = <Found extends HTMLElement = HTMLElement>(selector: string): Found =>
  root.querySelector<Found>(selector)!;

let current: State = "none", isBack = false;
export const state = (): State => current;

const showBack = (): void => {
  one("[data-back]").hidden = current !== "refused" && !(isBack && ["none", "dropped", "stopped"].includes(current));
};

/** Show what is true in `next`, and nothing else. */
export const show = (next: State): void => {
  current = next;
  for (const piece of all("[data-when]")) piece.hidden = !piece.dataset.when!.split(" ").includes(next);
  one("[data-rest]").hidden = next === "left";
  showBack();
};

/** Whether there is a connection again, as far as is known. */
export const back = (is: boolean): void => {
  isBack = is;
  showBack();
};

const two = (number: number): string => String(number).padStart(2, "0");

const put = (selector: string, at: number, seconds: boolean): void => {
  const local = new Date(at), words = [local.getHours(), local.getMinutes(), ...(seconds ? [local.getSeconds()] : [])];
  for (const place of all<HTMLTimeElement>(selector)) {
    place.dateTime = local.toISOString();
    place.textContent = words.map(two).join(":");
  }
};

export const showPress = (need: string, at: number): void => {
  for (const word of all("[data-need]")) word.hidden = word.dataset.need !== need;
  put("[data-pressed]", at, false);
};

export const showTried = (at: number): void => put("[data-tried]", at, true);
