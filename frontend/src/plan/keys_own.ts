// A passphrase of one's own, for those who want one beside the seven words, or instead of them.

import {addSlot, sealWay} from "./keys_slots.ts";
import {busy, field, tell} from "./keys_typing.ts";
import {openBy, sectionOf} from "./keys_words.ts";
import {onPress, onSubmit, screen, show} from "./screens.ts";

/** So many letters at least; and so many different ones, for "aaaaaaaaaaaaaaa" is no better than "a". */
const LETTERS_MIN = 15, DIFFERENT_MIN = 6;

/** The passphrase as it is used: white space and the ways of writing one letter make no difference. */
export const ownPassphrase = (typed: string): string => typed.normalize("NFKC").trim().replace(/\s+/g, " ");

/** What is wrong with it: `short`, `same`, or "" when it may be used. How good it is nobody can tell by looking. */
export const whatIsWrong = (passphrase: string): string => {
  if ([...passphrase].length < LETTERS_MIN) return "short";
  return new Set(passphrase.toLowerCase()).size < DIFFERENT_MIN ? "same" : "";
};

const hide = (form: HTMLFormElement): void => {
  form.reset();
  for (const each of form.querySelectorAll("input")) if (each.type === "text") each.type = "password";
};

/** Whoever wants to sees what they type. */
const showTyped = (form: HTMLFormElement): void => {
  const tick = field(form, "shown");
  tick.addEventListener("change", () => {
    for (const each of form.querySelectorAll<HTMLInputElement>("input[data-secret]"))
      each.type = tick.checked ? "text" : "password";
  });
};

const makeNewScreen = (): void => {
  const section = sectionOf("own_words"), form = section.querySelector("form")!;
  screen("own_words", {enter: () => tell(section, ""), leave: () => hide(form)});
  showTyped(form);
  onSubmit(form, (button) => busy(button, async () => {
    const passphrase = ownPassphrase(field(form, "own").value), wrong = whatIsWrong(passphrase);
    if (wrong) return tell(section, wrong);
    if (ownPassphrase(field(form, "again").value) !== passphrase) return tell(section, "differs");
    const isSent = await addSlot("E", await sealWay("E", {passphrase}, {passphrase}));
    show("own_done", "", true);
    tell(sectionOf("own_done"), isSent ? "" : "waits");
  }));
};

/** The screens of one's own passphrase. `opened` goes on when it opened the plan. */
export const makeOwnScreens = (opened: () => void): void => {
  makeNewScreen();
  screen("own_done");
  const section = sectionOf("by_own"), form = section.querySelector("form")!;
  screen("by_own", {closed: true, enter: () => tell(section, ""), leave: () => hide(form)});
  showTyped(form);
  onSubmit(form, (button) => busy(button, async () => {
    const told = await openBy("E", ownPassphrase(field(form, "own").value));
    tell(section, told);
    if (!told) opened();
  }));
  onPress(section, "again", () => tell(section, ""));
};
