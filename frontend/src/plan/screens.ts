// One screen at a time: `<section data-screen="x" hidden>`. The address only ever says `#x` or `#x-3`, never words,
// so the history of the browser tells nothing; its back button works.

import {onLock} from "./vault.ts";

export interface Screen {
  enter?(section: HTMLElement, argument: string): void | Promise<void>;
  leave?(): void;
  /** May be shown while the plan is not open. */
  closed?: boolean;
}

const screens = new Map<string, Screen>();
let current = "", shownAs = "", guard: (name: string, screen: Screen) => string = (name) => name;

export const screen = (name: string, made: Screen = {}): void => { screens.set(name, made); };

/** Who decides whether a screen may be shown now; gives the name of the one to show instead, or the same. */
export const setGuard = (decide: typeof guard): void => { guard = decide; };

/** The screen that is shown. */
export const currentScreen = (): string => current;

const sectionOf = (name: string): HTMLElement | null => document.querySelector(`[data-screen="${name}"]`);

/** Show a screen. `argument` is a number or nothing, never words. `instead`: without a step back to the one before. */
export const show = (name: string, argument: string | number = "", instead = false): void => {
  const hash = `#${name}${argument === "" ? "" : `-${argument}`}`;
  if (instead) history.replaceState(null, "", hash);
  else location.hash = hash;
  enter(name, String(argument));
};

/** Show the one that is shown once more, with what is new. */
export const refresh = (): void => { if (current) enter(...parsed(shownAs)); };

const parsed = (hash: string): [string, string] => {
  const [, name = "", argument = ""] = /^#([a-z_]+)(?:-(\d+))?$/.exec(hash) ?? [];
  return [name, argument];
};

const enter = (wanted: string, argument: string): void => {
  const asked = screens.get(wanted);
  if (!asked) return;
  const name = guard(wanted, asked), section = sectionOf(name), made = screens.get(name);
  if (!section || !made) return;
  const number = name === wanted ? argument : "", hash = hashOf(name, number);
  if (name !== wanted) history.replaceState(null, "", hash);
  const isAnother = shownAs !== hash, isFirst = shownAs === "";
  if (isAnother) screens.get(current)?.leave?.();
  current = name;
  shownAs = hash;
  for (const each of document.querySelectorAll<HTMLElement>("[data-screen]")) each.hidden = each !== section;
  void made.enter?.(section, number);
  if (isAnother && !isFirst) goTo(section);
};

const hashOf = (name: string, argument: string): string => `#${name}${argument && `-${argument}`}`;

/** Whoever reads with a screen reader or the keyboard goes on where the new screen begins. */
const goTo = (section: HTMLElement): void => {
  const heading = section.querySelector("h1");
  heading?.setAttribute("tabindex", "-1");
  heading?.focus({preventScroll: true});
  scrollTo(0, 0);
};

/** Begin: the screen the address names, or `first`. */
export const start = (first: string): void => {
  // What `show` has shown already comes here once more.
  addEventListener("hashchange", () => { if (location.hash !== shownAs) enter(...parsed(location.hash)); });
  const [name, argument] = parsed(location.hash);
  if (screens.has(name)) enter(name, argument);
  else show(first, "", true);
};

/** Everything that held words is emptied, and what was typed anywhere. */
const empty = (): void => {
  for (const place of document.querySelectorAll<HTMLElement>("[data-secret]")) {
    if (place instanceof HTMLInputElement || place instanceof HTMLTextAreaElement) place.value = "";
    else place.replaceChildren();
  }
  for (const form of document.querySelectorAll<HTMLFormElement>("main form")) form.reset();
};

onLock(() => {
  screens.get(current)?.leave?.();
  empty();
});

// --- small helps for those who build screens

/** What a form does here. It is never sent anywhere. */
export const onSubmit = (form: HTMLFormElement | null, work: (button: HTMLElement | null) => void | Promise<void>): void => {
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    void work(event.submitter);
  });
};

/** What a press on `[data-do="name"]` inside of `within` does, also on ones that are put in later. */
export const onPress = (within: HTMLElement, name: string, work: (button: HTMLElement) => void | Promise<void>): void => {
  within.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>(`[data-do="${name}"]`);
    if (button && within.contains(button)) void work(button);
  });
};

/** The place called `name` in a screen: `[data-place="name"]`. */
export const place = (section: ParentNode, name: string): HTMLElement => {
  const found = section.querySelector<HTMLElement>(`[data-place="${name}"]`);
  if (!found) throw new Error(`no place ${name}`);
  return found;
};

/** A copy of `<template data-row="name">`. */
export const row = (name: string): HTMLElement => {
  const template = document.querySelector<HTMLTemplateElement>(`template[data-row="${name}"]`);
  const first = template?.content.firstElementChild;
  if (!first) throw new Error(`no template ${name}`);
  return first.cloneNode(true) as HTMLElement;
};

/** Write `words` into a place of `within`, as text. */
export const put = (within: ParentNode, name: string, words: string): HTMLElement => {
  const found = place(within, name);
  found.textContent = words;
  return found;
};
