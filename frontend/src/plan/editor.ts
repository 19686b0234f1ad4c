// Writing one part: one question, one field, kept sealed while it is typed.

import type {Part} from "../format/part.ts";
import {Refused} from "../format/refused.ts";
import {hasPeople, kindOf, peopleIn, type Somebody} from "./kinds.ts";
import {say, sentence} from "./say.ts";
import {onPress, onSubmit, place, put, row, screen, show} from "./screens.ts";
import {clock, keptLine, seenBy} from "./standing.ts";
import {type Change, draft, drafted, filling, isJoined, onChange, part, save} from "./vault.ts";

const section = document.querySelector<HTMLElement>('[data-screen="part"]');
let kind = "";
/** What the field was filled from; what another phone wrote since is joined with what is typed, not overwritten. */
let from: Part | null = null;
let isTouched = false;

type Next = (kind: string) => string;
const nexts: Next[] = [];
/** Let a room lead elsewhere than to all parts once something was kept; "" for no. The first that answers is followed. */
export const onKept = (next: Next): void => { nexts.push(next); };

/** Where it goes on after something was kept. */
export const goOn = (from: string): void => {
  const next = nexts.map((each) => each(from)).find(Boolean) ?? "list";
  show(next);
  if (next === "list") say("kept");
};

/** Say why something could not be kept. */
export const couldNot = (error: unknown): void => {
  say(error instanceof Refused && error.reason === "too_long" ? "too_long" : "not_kept");
};

const words = (): HTMLTextAreaElement => place(section as HTMLElement, "words") as HTMLTextAreaElement;
const rows = (): HTMLElement => place(section as HTMLElement, "people-rows");

const typed = (): Change => {
  const text = words().value, before = drafted(kind) ?? part(kind);
  if (!hasPeople(kind)) return {text, notForMe: false};
  return {text, notForMe: false, more: {...before?.more, people: peopleTyped()}};
};

const peopleTyped = (): Somebody[] => [...rows().children].map((each) => {
  const field = (name: string): string => each.querySelector<HTMLInputElement>(`[data-field="${name}"]`)?.value.trim() ?? "";
  return {name: field("name"), number: field("number"), text: field("text")};
}).filter(({name, number, text}) => name || number || text);

const addPerson = (somebody?: Somebody): HTMLElement => {
  const made = row("person");
  for (const field of made.querySelectorAll<HTMLInputElement>("[data-field]"))
    field.value = somebody?.[field.dataset["field"] as keyof Somebody] ?? "";
  rows().append(made);
  return made;
};

const enter = (within: HTMLElement, number: string): void => {
  kind = kindOf(number);
  if (!kind || kind === "letters") return show("list", "", true);
  for (const each of within.querySelectorAll<HTMLElement>("[data-question]"))
    each.hidden = each.dataset["question"] !== kind;
  place(within, "people").hidden = !hasPeople(kind);
  fill();
  label(within);
  put(within, "who", seenBy(kind));
  say(drafted(kind) ? "begun" : isJoined(kind) ? "joined" : "");
  standing();
};

const fill = (): void => {
  const {shown, from: under} = filling(kind), people = peopleIn(shown?.more);
  from = under;
  isTouched = false;
  words().value = shown?.text ?? "";
  rows().replaceChildren();
  if (hasPeople(kind)) [...people, undefined].slice(0, people.length || 1).forEach(addPerson);
};

/** What another phone or tab wrote is shown at once, where nothing was typed over it. */
const follow = (): void => {
  if (!section || section.hidden || !kind || isTouched || drafted(kind)) return;
  if ((part(kind)?.version ?? 0) <= (from?.version ?? 0)) return;
  fill();
  if (isJoined(kind)) say("joined");
};

const label = (within: HTMLElement): void => {
  const which = hasPeople(kind) ? "label-else" : kind === "list" ? "label-lines" : "label-words";
  for (const each of ["label-words", "label-lines", "label-else"]) place(within, each).hidden = each !== which;
};

/** How what was written stands; while something is typed that is not kept yet, it says so when it is. */
const standing = (): void => {
  if (!section || section.hidden || !kind) return;
  const isAway = Boolean(part(kind)?.notForMe && !drafted(kind));
  place(section, "put-away").hidden = !isAway;
  place(section, "form").hidden = isAway;
  const begun = drafted(kind);
  put(section, "kept", begun ? sentence("kept_here", {at: clock(begun.at)}) : keptLine(kind));
};

const typing = async (): Promise<void> => {
  isTouched = true;
  try {
    await draft(kind, typed(), from);
    standing();
  } catch (error) {
    couldNot(error);
  }
};

const keep = async (change: Change): Promise<boolean> => {
  try {
    const which = kind, kept = await save(which, change, from);
    // Meanwhile another part may be looked at.
    if (kind === which) {
      from = kept;
      isTouched = false;
    }
    return true;
  } catch (error) {
    couldNot(error);
    return false;
  }
};

const putAway = async (): Promise<void> => {
  // What was typed stays inside, for whoever takes it back.
  if (await keep({...typed(), notForMe: true})) {
    fill();
    say("put_away");
  }
  standing();
};

const takeBack = async (): Promise<void> => {
  if (await keep({notForMe: false})) {
    fill();
    say("");
  }
  standing();
  words().focus();
};

const leave = (): void => {
  say("");
  kind = "";
};

export const beginEditor = (): void => {
  if (!section) return;
  screen("part", {enter, leave});
  onChange(() => { follow(); standing(); });
  const form = place(section, "form") as HTMLFormElement;
  form.addEventListener("input", () => void typing());
  onSubmit(form, async () => {
    const from = kind;
    if (await keep(typed())) goOn(from);
  });
  onPress(section, "add-person", () => addPerson().querySelector("input")?.focus());
  onPress(section, "remove-person", (button) => {
    button.closest("li")?.remove();
    void typing();
  });
  onPress(section, "not-for-me", putAway);
  onPress(section, "undo", takeBack);
};

