// A supporter's own page for one circle: this browser gets its key, and four words to compare; letters are written.

import {same, utf8} from "../format/bytes.ts";
import {openedWith, sealedTo} from "../format/keys.ts";
import {comparedWords} from "../format/words.ts";
import {Answered, ask, Offline, send} from "../plan/api.ts";
import type {Device} from "../plan/db.ts";
import {identityOfDevice, newDevice} from "../plan/device.ts";
import {say} from "../plan/say.ts";
import {asFirstSeen, comparedWith, isSame, keep, keptOf, type Person} from "./kept.ts";
import {beginLetter, mayWrite, type Told} from "./letter.ts";

/** One of these is shown at a time: `<div data-step="…">`. */
type Step = "cannot" | "none" | "begin" | "other" | "anew" | "words" | "changed" | "compare" | "unknown";

const IN_THE_WAY = 409;
let told: Told | undefined;

export const begin = async (): Promise<void> => {
  on("make", make);
  on("compare", () => step("compare", told?.person));
  on("same", wereSame);
  on("not-same", wereNotSame);
  on("again", look);
  beginLetter(() => told);
  await look();
};

const look = async (): Promise<void> => {
  say("");
  if (!("subtle" in crypto) || !("indexedDB" in window)) return step("cannot");
  try {
    told = (await ask<Told>("GET", `${location.pathname}/all`)).body;
    await step(...await standing(told));
  } catch (error) {
    await step(error instanceof Offline || error instanceof Answered ? "unknown" : "cannot");
  }
};

const standing = async ({person, keys}: Told): Promise<[Step, Person?]> => {
  if (!person) return ["none"];
  const kept = await keptOf(person.id);
  if (kept && !isSame(kept.pinned, person)) return ["changed"];
  if (!kept?.device) return [keys.length ? "other" : "begin"];
  const isThere = keys.some(({recipient}) => recipient === kept.device?.recipient);
  return isThere && await opensStill(kept.device) ? ["words", person] : ["anew"];
};

/** Something is sealed to this browser and opened by it at every visit: a lost key is found before the night it is needed. */
const opensStill = async (device: Device): Promise<boolean> => {
  const test = utf8("nightlight test 1");
  try {
    return same(test, await openedWith(await identityOfDevice(device), await sealedTo([device.recipient], test)));
  } catch {
    return false;
  }
};

const make = async (): Promise<void> => {
  const person = told?.person;
  if (!person) return;
  try {
    const had = await keptOf(person.id);
    const device = had?.device && await opensStill(had.device) ? had.device : await newDevice();
    await keep({...had ?? asFirstSeen(person), device});
    await send("POST", `${location.pathname}/key`, {recipient: device.recipient});
  } catch (error) {
    if (error instanceof Answered && error.status === IN_THE_WAY) return say("three");
    return say(error instanceof Offline || error instanceof Answered ? "not_sent" : "not_kept");
  }
  await look();
};

/** Whose words stand on the page: a press is about exactly these. */
let drawn: {person: Person; own: string} | undefined;

/** From now on it is this one. What was read of another one is no measure. */
const wereSame = async (): Promise<void> => {
  if (!drawn) return;
  const {person, own} = drawn, had = await keptOf(person.id);
  if (had?.device?.recipient !== own) return look();
  const seen = isSame(had.pinned, person) ? had.seen : {};
  await keep({...asFirstSeen(person), device: had.device, seen, isCompared: true});
  await look();
};

/** What is pinned stays, and counts for nothing until the words are the same. */
const wereNotSame = async (): Promise<void> => {
  const had = drawn && await keptOf(drawn.person.id);
  if (had && drawn && isSame(had.pinned, drawn.person)) await keep({...had, isCompared: false});
  await look();
  say("not_same");
};

const step = async (name: Step, person?: Person | null): Promise<void> => {
  const kept = person && await keptOf(person.id);
  drawn = undefined;
  if (person && kept?.device) await fill(name, kept.device.recipient, person);
  const known = told?.person && await comparedWith(told.person);
  for (const each of document.querySelectorAll<HTMLElement>("[data-step]")) each.hidden = each.dataset["step"] !== name;
  for (const each of document.querySelectorAll<HTMLElement>("[data-once]"))
    each.hidden = (each.dataset["once"] === "compared") !== Boolean(known);
  const isTheirs = ["begin", "other", "anew", "words"].includes(name);
  mayWrite(!isTheirs ? "no" : known ? "now" : "later");
};

/** Four words out of the keys of both, and out of what the person signs with. */
const fill = async (name: Step, own: string, person: Person): Promise<void> => {
  const list = document.querySelector(`[data-step="${name}"] [data-place="four"]`);
  const words = await comparedWords(own, person.recipient, person.verify_key);
  list?.replaceChildren(...words.map((word) => {
    const item = document.createElement("li");
    item.textContent = word;
    return item;
  }));
  drawn = {person, own};
};

const on = (name: string, work: () => void | Promise<void>): void => {
  for (const button of document.querySelectorAll(`[data-do="${name}"]`)) button.addEventListener("click", () => void work());
};

