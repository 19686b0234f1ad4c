// The room of keys: ways to open the plan, and closing it. On its pages the word "key" does not stand.

import {openAgain} from "./doors.ts";
import {onKept} from "./editor.ts";
import {watchForClosing} from "./keys_close.ts";
import {makeDoorScreens} from "./keys_doors.ts";
import {makeOwnScreens} from "./keys_own.ts";
import {makePasskeyScreens} from "./keys_passkeys.ts";
import {makeOtherPhoneScreen} from "./keys_phones.ts";
import {makePinScreens} from "./keys_pins.ts";
import {keepTyped, sendWaiting} from "./keys_slots.ts";
import {makeWordScreens, wordsNext} from "./keys_words.ts";
import {onChange, state} from "./vault.ts";

/** Make the screens of this room. Before the plan is opened for the first time. */
export const beginKeys = (): void => {
  const opened = (): void => void openAgain();
  makeDoorScreens();
  makeWordScreens(opened);
  makeOwnScreens(opened);
  makePasskeyScreens(opened);
  makePinScreens(opened);
  makeOtherPhoneScreen();
  onKept(wordsNext);
  watchForClosing();
  addEventListener("online", () => void sendWaiting().catch(() => undefined));
  let wasOpen = false;
  onChange(() => {
    const isOpen = state() === "open";
    if (isOpen && !wasOpen) void sendWaiting().catch(() => undefined);
    wasOpen = isOpen;
    if (isOpen) void keepTyped();
  });
};
