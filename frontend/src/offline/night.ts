// What the page of the plan does for a night without a network: it keeps the numbers, says what this phone does,
// and closes when somebody leaves in a hurry in another tab.
import {couldNot, goOn} from "../plan/editor.ts";
import {dialled, peopleIn, type Somebody} from "../plan/kinds.ts";
import {onPress, onSubmit, place, screen} from "../plan/screens.ts";
import {known, lock, onChange, onLock, ownSlot, part, save, state} from "../plan/vault.ts";
import {deviceOf, keepNumbers, type Numbers} from "./numbers.ts";

const section = document.querySelector<HTMLElement>('[data-screen="night"]');
const settings = (): Record<string, unknown> => part("settings")?.more ?? {};
const opening = (): string => typeof settings()["opening"] === "string" ? settings()["opening"] as string : "";
const isWithoutPin = (): boolean => settings()["numbers"] === "open";

/** Whether this browser's key lies behind a PIN: an age file says itself that a passphrase opens it. */
const hasPin = async (): Promise<boolean> => {
  const slot = await ownSlot();
  return slot !== null && String.fromCharCode(...slot.body.subarray(0, OUTSIDE)).includes("\n-> scrypt ");
};
const OUTSIDE = 64;

const peopleNow = (): Somebody[] => ["people", "helpers"]
  .map(part)
  .flatMap((written) => written && !written.notForMe ? peopleIn(written.more) : [])
  .filter(({number}) => dialled(number));

let last = "", keeping: Promise<void> = Promise.resolve();

const keepNow = async (): Promise<void> => {
  const vault = known();
  if (!vault || state() !== "open") return;
  const shut = await hasPin() && !isWithoutPin();
  const numbers: Numbers | "shut" = shut ? "shut" : {people: peopleNow(), opening: opening()};
  const device = await deviceOf(vault.recipient), now = JSON.stringify([device?.recipient, numbers]);
  if (!device || now === last) return;
  await keepNumbers(vault.recipient, device, numbers);
  last = now;
};

/** One after the other, so that what was written last is what stays. */
const keep = (): void => { keeping = keeping.then(keepNow).catch(() => undefined); };

/** Chromium's own question, which it lets a page ask when somebody presses. */
interface Installing extends Event { prompt(): Promise<unknown> }
let installing: Installing | null = null;

const offerInstalling = (within: HTMLElement): void => {
  const button = within.querySelector<HTMLElement>("[data-install]")!;
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    installing = event as Installing;
    button.hidden = false;
  });
  onPress(within, "install", async () => {
    await installing?.prompt();
    installing = null;
    button.hidden = true;
  });
};

const enter = async (within: HTMLElement): Promise<void> => {
  (place(within, "opening") as HTMLInputElement).value = opening();
  (place(within, "without-pin") as HTMLInputElement).checked = isWithoutPin();
  place(within, "pin").hidden = !await hasPin();
};

const kept = async (within: HTMLElement): Promise<void> => {
  const words = (place(within, "opening") as HTMLInputElement).value.trim();
  const isOpen = (place(within, "without-pin") as HTMLInputElement).checked;
  try {
    await save("settings", {more: {...settings(), opening: words, numbers: isOpen ? "open" : ""}});
    goOn("settings");
  } catch (error) {
    couldNot(error);
  }
};

export const beginNight = (): void => {
  onChange(keep);
  onLock(() => { last = ""; });
  navigator.serviceWorker?.addEventListener("message", ({data}) => { if (data?.left) lock(); });
  if (!section) return;
  screen("night", {enter});
  onSubmit(place(section, "form") as HTMLFormElement, () => kept(section));
  offerInstalling(section);
};
