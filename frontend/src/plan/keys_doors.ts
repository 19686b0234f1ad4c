// What opens this plan: phones, seven words, one's own passphrase, passkeys; and taking one of them away.

import {hasPin} from "./keys_pin.ts";
import {hasPasskeys} from "./keys_passkeys.ts";
import {isKeptElsewhere, isOfServer, isWaiting, type Listed, listed, readTyped, takeAway} from "./keys_slots.ts";
import {busy, tell} from "./keys_typing.ts";
import {sectionOf} from "./keys_words.ts";
import {nameOf as nameOfPart} from "./kinds.ts";
import {onPress, place, put, row, screen, show} from "./screens.ts";
import {all, forgetHere, onChange, onlyHere, ownSlot, sendBeforeForgetting, shutOut, state, sync, wasShutOut} from "./vault.ts";

/** The ways in the order of the page: this phone, others, words, passphrase, passkeys. */
const ways = async (): Promise<{slot: Listed; isThis: boolean}[]> => {
  const own = (await ownSlot())?.id;
  const found = (["A", "C", "E", "B"] as const).flatMap((kind) => listed(kind));
  const marked = found.map((slot) => ({slot, isThis: slot.id === own}));
  return [...marked.filter(({isThis}) => isThis), ...marked.filter(({isThis}) => !isThis)];
};

const nameOf = (list: HTMLElement, slot: Listed, isThis: boolean): string => {
  const name = list.dataset[isThis ? "this" : `name${slot.kind}`] ?? "";
  return slot.label ? `${name} (${slot.label})` : name;
};

const since = (at: string): string =>
  new Intl.DateTimeFormat(document.documentElement.lang, {dateStyle: "long"}).format(new Date(at));

const enter = async (section: HTMLElement): Promise<void> => {
  const list = place(section, "ways"), found = await ways();
  const isPinSet = await hasPin(), canPasskey = await hasPasskeys(), isUnsent = isWaiting("B", "C", "E");
  if (state() !== "open") return;
  list.replaceChildren(...found.map(({slot, isThis}, at) => {
    const made = row("way");
    put(made, "name", nameOf(list, slot, isThis));
    put(made, "since", since(slot.made_at));
    made.querySelector("a")?.setAttribute("href", `#door-${at}`);
    return made;
  }));
  const isSafe = isKeptElsewhere();
  const offers: Record<string, boolean> = {
    "make-words": !listed("C").length, "new-words": listed("C").length > 0, "make-own": !listed("E").length,
    "make-passkey": canPasskey && isSafe, "make-pin": isSafe && !isPinSet, "no-pin": isPinSet, unsent: isUnsent,
  };
  for (const [name, isOffered] of Object.entries(offers)) place(section, name).hidden = !isOffered;
};

// --- taking one away

/** What was begun or could not be sent would be lost with this phone; it is named before anything is taken away. */
let named = "";
const names = (): string => onlyHere().map(nameOfPart).filter(Boolean).join(", ");
const onlyHereIn = (section: HTMLElement): void => {
  named = leaving?.isThis ? names() : "";
  place(section, "only-here").hidden = !named;
  put(section, "only-here-names", named);
};

let leaving: {slot: Listed; isThis: boolean} | undefined;

/** Whether nothing would open the plan when every phone is lost. */
const isLast = ({kind, id}: Listed): boolean =>
  (kind === "C" || kind === "E") && listed("C", "E").every((each) => each.id === id);

const enterDoor = async (section: HTMLElement, argument: string): Promise<void> => {
  tell(section, "");
  const found = (await ways())[Number(argument)];
  if (state() !== "open") return;
  leaving = found;
  if (!found) return show("doors", "", true);
  const {slot, isThis} = found, list = place(sectionOf("doors"), "ways");
  put(section, "name", nameOf(list, slot, isThis));
  for (const each of section.querySelectorAll<HTMLElement>("[data-for]"))
    each.hidden = each.dataset["for"] !== (isThis ? "this" : slot.kind);
  onlyHereIn(section);
  place(section, "last").hidden = !isLast(slot);
  place(section, "lost").hidden = !isThis || isKeptElsewhere() || listed("A").length > 1;
};

const takeItAway = async (section: HTMLElement): Promise<void> => {
  if (!leaving) return;
  const {slot, isThis} = leaving;
  try {
    // In the sealed settings first: so the other phone closes, even if the server went on listing it.
    if (slot.kind === "A" && !isThis) await shutOut(slot.id);
    if (isThis) await sendBeforeForgetting();
    if (isThis && names() !== named) return onlyHereIn(section);
    await takeAway(slot.id, isLast(slot));
    if (isThis) {
      await forgetHere();
      return location.replace("/home");
    }
    await sync();
    show("doors", "", true);
  } catch (error) {
    tell(section, "offline");
    if (!isOfServer(error)) throw error;
  }
};

// --- what stands on the page of all parts, and where the plan is not open

const showStanding = (): void => {
  const only = document.querySelector<HTMLElement>("[data-only-here]");
  if (!only) return;
  only.hidden = state() !== "open" || isKeptElsewhere();
  for (const link of only.querySelectorAll("a")) link.hidden = isWaiting("C", "E");
};

/** The ways that there are for a browser that cannot open the plan by itself. */
const showWaysIn = (): void => {
  const section = sectionOf("elsewhere"), isKnown = all() !== null || listed("C", "E").length > 0;
  const there: Record<string, boolean> = {
    "by-words": listed("C").length > 0, "by-own": listed("E").length > 0, "by-passkey": listed("B").length > 0,
    "by-phone": listed("A").length > 0, unknown: !isKnown,
    nothing: isKnown && !listed("A", "B", "C", "E").length,
  };
  for (const [name, isThere] of Object.entries(there)) place(section, name).hidden = !isThere;
  if (wasShutOut()) tell(section, "taken");
};

/** The screen of what opens the plan, and what the other screens say of it. */
export const makeDoorScreens = (): void => {
  screen("elsewhere", {closed: true, enter: async () => {
    if (!all()) void sync();
    await readTyped();
    showWaysIn();
  }});
  screen("doors", {enter, leave: () => place(sectionOf("doors"), "ways").replaceChildren()});
  const door = sectionOf("door");
  screen("door", {enter: enterDoor, leave: () => { leaving = undefined; }});
  onPress(door, "take-away", (button) => busy(button, () => takeItAway(door)));
  onChange(() => {
    showStanding();
    showWaysIn();
    const section = sectionOf("doors");
    if (!section.hidden && state() === "open") void enter(section);
  });
};
