// Letters to oneself: several in one part, each written on a screen of its own.

import {newId} from "../format/part.ts";
import {couldNot, goOn} from "./editor.ts";
import {type Letter, lettersIn} from "./kinds.ts";
import {say, sentence} from "./say.ts";
import {onPress, onSubmit, place, put, row, screen, show} from "./screens.ts";
import {clock, keptLine} from "./standing.ts";
import {type Change, draft, drafted, onChange, part, save} from "./vault.ts";

const KIND = "letters";
const many = document.querySelector<HTMLElement>('[data-screen="letters"]');
const one = document.querySelector<HTMLElement>('[data-screen="letter"]');

/** The letter being written; an address says only its number. What it was when it was shown, and in which version. */
let id = "", was = "", base = 0;

/** A draft holds those letters alone that were typed in: what another phone wrote in others meanwhile stays. */
const begun = (): Letter[] => lettersIn(drafted(KIND)?.more);
const letters = (): Letter[] => begun().reduce(withLetter, lettersIn(part(KIND)?.more));

const withLetter = (before: Letter[], letter: Letter): Letter[] => before.some(({id}) => id === letter.id)
  ? before.map((each) => each.id === letter.id ? letter : each)
  : [...before, letter];
const title = (letter: Letter): string => letter.title || sentence("letter");

const holding = (these: Letter[]): Change => ({notForMe: false, more: {...part(KIND)?.more, letters: these}});

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
  const typing = begun().some((each) => each.id === id) ? drafted(KIND) : undefined, kept = part(KIND)?.version ?? 0;
  base = typing ? typing.version - 1 : kept;
  was = base < kept ? "" : asKept();
  (place(section, "title") as HTMLInputElement).value = letter?.title ?? "";
  (place(section, "words") as HTMLTextAreaElement).value = letter?.text ?? "";
  place(section, "sure").hidden = true;
  say(typing ? "begun" : "");
  standing();
};

const standing = (): void => {
  if (!one || one.hidden) return;
  const typing = drafted(KIND);
  put(one, "kept", typing ? sentence("kept_here", {at: clock(typing.at)}) : keptLine(KIND));
};

const typed = (section: HTMLElement): Letter => ({
  id,
  title: (place(section, "title") as HTMLInputElement).value.trim(),
  text: (place(section, "words") as HTMLTextAreaElement).value,
});

const asKept = (): string => JSON.stringify(lettersIn(part(KIND)?.more).find((each) => each.id === id) ?? "");

/** All letters with this one as typed. If another phone changed the same one meanwhile, that one is kept, too. */
const withTyped = (letter: Letter): Letter[] => {
  const theirs = lettersIn(part(KIND)?.more).find((each) => each.id === id);
  const others = theirs && asKept() !== was ? [{...theirs, id: newId()}] : [];
  return [...withLetter(letters(), letter), ...others];
};

const keep = async (change: Change): Promise<boolean> => {
  try {
    await save(KIND, change);
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
    if (await keep({notForMe: true})) goOn(KIND);
  });
  const form = place(one, "form") as HTMLFormElement;
  form.addEventListener("input", () => { draft(KIND, holding(withLetter(begun(), typed(one))), base).then(standing, couldNot); });
  onSubmit(form, async () => {
    if (await keep(holding(withTyped(typed(one))))) goOn(KIND);
  });
  const sure = place(one, "sure");
  onPress(one, "remove-letter", () => { sure.hidden = false; sure.querySelector("button")?.focus(); });
  onPress(one, "keep-letter", () => { sure.hidden = true; });
  onPress(one, "remove-surely", async () => {
    const away = id;
    if (await keep(holding(letters().filter((each) => each.id !== away)))) show("letters");
  });
};
