// Seven words: shown to be kept, asked back, and typed to open the plan.

import {text, utf8} from "../format/bytes.ts";
import {openedWith, sealedTo} from "../format/keys.ts";
import {Refused} from "../format/refused.ts";
import {openSlot, type SlotKind} from "../format/slot.ts";
import {send} from "./api.ts";
import * as db from "./db.ts";
import {addressOfPlan, printCard, savePicture} from "./keys_card.ts";
import {
  addSlot, fileOf, isKeptElsewhere, isWaiting, listed, noteOpened, onShelf, readTyped, sealWay,
} from "./keys_slots.ts";
import {busy, field, help, showSlips, tell} from "./keys_typing.ts";
import {onPress, onSubmit, place, put, screen, show} from "./screens.ts";
import {all, keys, known, onLock, openWith, state, sync} from "./vault.ts";

const LATER_MAX = 3, ASKED = 2;
const lists = () => import("../format/words.ts");

let shown: string[] = [], asked: number[] = [], wasAsked = false;
onLock(() => { shown = []; });

/** Whether it is time to show the words: something is written, and nothing opens it when this phone is gone. */
const areWordsDue = (): boolean => state() === "open" && !isKeptElsewhere() && !isWaiting("C", "E");

/** After something was kept, once in a visit: the screen of the words, if it is time; else "". */
export const wordsNext = (): string => {
  if (wasAsked || !areWordsDue()) return "";
  wasAsked = true;
  return "words";
};

/**
 * The words that are being kept. They stay the same until they were asked back: somebody may write them down in another
 * app, and this page closes meanwhile. Until then they lie here sealed, and open nothing.
 */
const wordsToKeep = async (): Promise<string[]> => {
  if (shown.length) return shown;
  const {identity, recipient} = keys(), at = onShelf("words"), kept = await db.get<Uint8Array>(at);
  if (kept) return shown = text(await openedWith(identity, kept)).split(" ");
  const fresh = (await lists()).newWords();
  await db.put(at, await sealedTo([recipient], utf8(fresh.join(" "))));
  return shown = fresh;
};

const enterWords = async (section: HTMLElement): Promise<void> => {
  tell(section, "");
  const words = await wordsToKeep();
  if (state() !== "open") return;
  place(section, "words").replaceChildren(...words.map((word) => {
    const line = document.createElement("li");
    line.textContent = word;
    return line;
  }));
  put(section, "address", addressOfPlan());
  const isFirst = !isKeptElsewhere(), left = LATER_MAX - (known()?.wordsLater ?? 0);
  place(section, "later").hidden = !isFirst || left <= 0;
  place(section, "back").hidden = isFirst;
  place(section, "new").hidden = isFirst;
};

const makeWordsScreen = (): void => {
  screen("words", {enter: enterWords, leave: () => emptyIn("words")});
  const section = sectionOf("words");
  onPress(section, "wrote", () => show("words_check"));
  onPress(section, "print-card", printCard);
  onPress(section, "save-picture", () => savePicture(shown));
  onPress(section, "later", async () => {
    // Without a line it is not counted, and that is fine.
    await send("POST", "/plan/later").then(() => sync(), () => undefined);
    show("list");
  });
};

/** Two different ones of the seven, in their order. */
const twoOf = (count: number): number[] => {
  const two = new Set<number>();
  while (two.size < ASKED) two.add(crypto.getRandomValues(new Uint8Array(1))[0]! % count);
  return [...two].sort();
};

const makeCheckScreen = (): void => {
  const section = sectionOf("words_check"), form = section.querySelector("form")!;
  screen("words_check", {
    async enter() {
      tell(section, "");
      form.reset();
      const words = await wordsToKeep();
      asked = twoOf(words.length);
      asked.forEach((at, which) => { put(section, `which-${which}`, String(at + 1)); });
    },
    leave: () => form.reset(),
  });
  for (const which of [0, 1]) help(field(form, `word-${which}`), place(section, `offered-${which}`));
  onSubmit(form, (button) => busy(button, async () => {
    const isRight = asked.every((at, which) => field(form, `word-${which}`).value.trim().toLowerCase() === shown[at]);
    if (!isRight || !shown.length) return tell(section, "wrong");
    await keepWords();
  }));
};

const keepWords = async (): Promise<void> => {
  const {passphraseOf} = await lists(), passphrase = passphraseOf(shown.join(" "));
  const isSent = await addSlot("C", await sealWay("C", {passphrase}, {passphrase}));
  await db.remove(onShelf("words"));
  shown = [];
  show("words_done", "", true);
  tell(sectionOf("words_done"), isSent ? "" : "waits");
};

// --- opening

/**
 * Open by a passphrase of this kind. What to tell when it did not: `offline`, `signed_out`, `none` (there is no such way any more),
 * `wrong`; "" when the plan is open.
 */
export const openBy = async (kind: SlotKind, passphrase: string): Promise<string> => {
  const result = all() ? "done" : await sync();
  await readTyped();
  if (!all() && !listed(kind).length) return result === "signed_out" ? result : "offline";
  const slots = listed(kind), vault = known()?.recipient ?? "";
  for (const slot of slots) {
    try {
      await openWith(await openSlot(kind, fileOf(slot), {passphrase}, vault));
      if (state() === "open") await noteOpened(slot);
      return "";
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.reason !== "not_opened") return error.reason;
    }
  }
  return slots.length ? "wrong" : "none";
};

const makeOpeningScreen = (opened: () => void): void => {
  const section = sectionOf("by_words"), form = section.querySelector("form")!;
  const typed = form.querySelector("textarea")!, slips = place(section, "slips");
  screen("by_words", {closed: true, enter: () => tell(section, ""), leave: () => {
    form.reset();
    place(section, "offered").replaceChildren();
    slips.hidden = true;
  }});
  help(typed, place(section, "offered"), slips);
  onSubmit(form, (button) => busy(button, async () => {
    const {passphraseOf, RESCUE_WORDS, unknownIn} = await lists();
    tell(section, "");
    if (showSlips(slips, unknownIn(typed.value))) return typed.focus();
    const passphrase = passphraseOf(typed.value), count = passphrase.split(" ").length;
    if (count !== RESCUE_WORDS) return tell(section, "seven");
    const told = await openBy("C", passphrase);
    tell(section, told);
    if (!told) opened();
  }));
};

export const sectionOf = (name: string): HTMLElement => {
  const found = document.querySelector<HTMLElement>(`[data-screen="${name}"]`);
  if (!found) throw new Error(`no screen ${name}`);
  return found;
};

export const emptyIn = (name: string): void => {
  for (const each of sectionOf(name).querySelectorAll("[data-secret]")) each.replaceChildren();
};

/** The screens of the seven words. `opened` goes on when they opened the plan. */
export const makeWordScreens = (opened: () => void): void => {
  makeWordsScreen();
  makeCheckScreen();
  screen("words_done");
  makeOpeningScreen(opened);
};
