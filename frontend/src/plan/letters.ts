// Letters to oneself: several in one part, each written on a screen of its own.

import {newId, type Part} from "../format/part.ts";
import {couldNot, goOn} from "./editor.ts";
import {type Letter, lettersIn} from "./kinds.ts";
import {say, sentence} from "./say.ts";
import {onPress, onSubmit, place, put, row, screen, show} from "./screens.ts";
import {clock, keptLine} from "./standing.ts";
import {type Change, draft, drafted, filling, onChange, part, save} from "./vault.ts";

const KIND = "letters";
const many = document.querySelector<HTMLElement>('[data-screen="letters"]');
const one = document.querySelector<HTMLElement>('[data-screen="letter"]');

/** The letter being written; an address says only its number. */
let id = "";
/** What the screen was filled from. */
let from: Part | null = null;

const letters = (): Letter[] => lettersIn((drafted(KIND) ?? part(KIND))?.more);
const title = (letter: Letter): string => letter.title || sentence("letter");

const changedBy = (change: (before: Letter[]) => Letter[]): Change =>
  ({notForMe: false, more: {...from?.more, letters: change(lettersIn((drafted(KIND) ?? from)?.more))}});

const enterMany = (section: HTMLElement): void => {
  const list = place(section, "letters");
  list.replaceChildren(...letters().map((letter, at) => {
    const made = row("letter");
    put(made, "title", title(letter));
    (made.querySelector("a") as HTMLAnchorElement).href = `#letter-${at + 1}`;
    return made;
  }));
  list.hidden = !list.children.length;
  put(section, "kept", part(KIND)?.notForMe ? sentence("state_not_for_me") : keptLine(KIND));
};

const enterOne = (section: HTMLElement, number: string): void => {
  const letter = letters()[Number(number) - 1];
  id = letter?.id ?? newId();
  from = filling(KIND).from;
  (place(section, "title") as HTMLInputElement).value = letter?.title ?? "";
  (place(section, "words") as HTMLTextAreaElement).value = letter?.text ?? "";
  place(section, "sure").hidden = true;
  say(drafted(KIND) ? "begun" : "");
  standing();
};

const standing = (): void => {
  if (!one || one.hidden) return;
  const begun = drafted(KIND);
  put(one, "kept", begun ? sentence("kept_here", {at: clock(begun.at)}) : keptLine(KIND));
};

const typed = (section: HTMLElement): Change => {
  const letter: Letter = {
    id,
    title: (place(section, "title") as HTMLInputElement).value.trim(),
    text: (place(section, "words") as HTMLTextAreaElement).value,
  };
  return changedBy((before) => before.some((each) => each.id === id)
    ? before.map((each) => each.id === id ? letter : each)
    : [...before, letter]);
};

const keep = async (change: Change): Promise<boolean> => {
  try {
    from = await save(KIND, change, from);
    return true;
  } catch (error) {
    couldNot(error);
    return false;
  }
};

export const beginLetters = (): void => {
  if (!many || !one) return;
  screen("letters", {enter: enterMany, leave: () => say("")});
  screen("letter", {enter: enterOne, leave: () => { id = ""; say(""); }});
  onChange(standing);
  onChange(() => { if (!many.hidden) enterMany(many); });
  onPress(many, "new-letter", () => show("letter"));
  onPress(many, "letters-not-for-me", async () => {
    from = part(KIND) ?? null;
    if (await keep({notForMe: true})) goOn(KIND);
  });
  const form = place(one, "form") as HTMLFormElement;
  form.addEventListener("input", () => { draft(KIND, typed(one), from).then(standing, couldNot); });
  onSubmit(form, async () => {
    if (await keep(typed(one))) goOn(KIND);
  });
  const sure = place(one, "sure");
  onPress(one, "remove-letter", () => { sure.hidden = false; sure.querySelector("button")?.focus(); });
  onPress(one, "keep-letter", () => { sure.hidden = true; });
  onPress(one, "remove-surely", async () => {
    const away = id;
    if (await keep(changedBy((before) => before.filter((each) => each.id !== away)))) show("letters");
  });
};
