// The screens of the PIN.

import {isKeptElsewhere} from "./keys_slots.ts";
import {DIGITS_MIN, forgetSpent, pinGate, removePin, setPin, triesLeft} from "./keys_pin.ts";
import {busy, field, tell} from "./keys_typing.ts";
import {sectionOf} from "./keys_words.ts";
import {setPinScreen} from "./doors.ts";
import {onPress, onSubmit, put, screen, show} from "./screens.ts";
import {onChange, setGate, unlockHere} from "./vault.ts";

const makeNewScreen = (): void => {
  const section = sectionOf("pin"), form = section.querySelector("form")!;
  screen("pin", {enter: () => tell(section, isKeptElsewhere() ? "" : "first"), leave: () => form.reset()});
  onSubmit(form, (button) => busy(button, async () => {
    const pin = field(form, "pin").value.trim();
    if (!isKeptElsewhere()) return tell(section, "first");
    if (!/^\d+$/.test(pin) || pin.length < DIGITS_MIN) return tell(section, "short");
    if (field(form, "again").value.trim() !== pin) return tell(section, "differs");
    if (!await setPin(pin)) return tell(section, "offline");
    show("doors", "", true);
  }));
};

const tellLeft = async (section: HTMLElement): Promise<void> => {
  put(section, "left", String(await triesLeft()));
  tell(section, "wrong");
};

const makeOpeningScreen = (opened: () => void): void => {
  const section = sectionOf("by_pin"), form = section.querySelector("form")!;
  screen("by_pin", {closed: true, enter: () => tell(section, ""), leave: () => form.reset()});
  onSubmit(form, (button) => busy(button, async () => {
    const pin = field(form, "pin").value.trim();
    if (!pin) return field(form, "pin").focus();
    form.reset();
    const came = await unlockHere(pin);
    if (came === "open") return opened();
    if (came === "pin") return tellLeft(section);
    show("elsewhere", "", true);
    tell(sectionOf("elsewhere"), "spent");
  }));
};

/** The screens of the PIN, and what it does before the plan is opened. `opened` goes on when it is. */
export const makePinScreens = (opened: () => void): void => {
  setGate(pinGate);
  setPinScreen("by_pin");
  makeNewScreen();
  makeOpeningScreen(opened);
  onPress(sectionOf("doors"), "no-pin", async () => {
    await removePin();
    show("doors");
  });
  onChange(() => void forgetSpent().catch(() => undefined));
};
