// A letter, sealed here to the person alone. What is typed stays in the field until it has arrived.

import {written} from "../format/bytes.ts";
import {type NoteKind, sealNote} from "../format/note.ts";
import {newId} from "../format/part.ts";
import {Refused} from "../format/refused.ts";
import {Offline, send} from "../plan/api.ts";
import {say} from "../plan/say.ts";
import {comparedWith, type Person} from "./kept.ts";

/** What `GET …/plan/all` answers; docs/reference/http.md says what each of it is. */
export interface Told {
  person: Person & {name: string} | null;
  me: string;
  keys: {id: string; recipient: string}[];
  may_leave: boolean;
}

const form = document.querySelector<HTMLFormElement>("[data-letter]");

/** `told` gives what the server said last. */
export const beginLetter = (told: () => Told | undefined): void => {
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    void leave(form, told()).catch((error: unknown) => say(whyNot(error)));
  });
};

/** Whether there is somebody to seal it to, and whether it is surely them: a letter is for nobody else. */
export const mayWrite = (is: "no" | "later" | "now"): void => {
  for (const place of document.querySelectorAll<HTMLElement>("[data-letters]"))
    place.hidden = place.dataset["letters"] !== is;
};

const leave = async (within: HTMLFormElement, told: Told | undefined): Promise<void> => {
  const words = within.querySelector("textarea"), anyDay = within.querySelector<HTMLInputElement>("[name=any-day]");
  const text = words?.value.trim();
  if (!words || !text) return say("empty");
  if (!told?.person) return say("not_sent");
  if (!told.may_leave) return say("full");
  const known = await comparedWith(told.person);
  if (!known) return say("swapped");
  const kind: NoteKind = anyDay?.checked ? "note" : "letter";
  const note = {v: 1, kind, from: within.dataset["from"] ?? "", at: new Date().toISOString(), text} as const;
  const body = written(await sealNote(note, known.pinned.recipient));
  await send("POST", `${location.pathname}/notes`, {id: newId(), body});
  within.reset();
  say("left");
};

const whyNot = (error: unknown): string => {
  if (error instanceof Refused) return error.reason;
  return error instanceof Offline ? "offline" : "not_sent";
};
