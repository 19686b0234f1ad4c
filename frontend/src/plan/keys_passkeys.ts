// Whether this browser has passkeys that can open something, and the screens for them. What they do is loaded when needed.

import {isKeptElsewhere} from "./keys_slots.ts";
import {busy, tell} from "./keys_typing.ts";
import {sectionOf} from "./keys_words.ts";
import {onPress, screen, show} from "./screens.ts";

type Capable = {getClientCapabilities?(): Promise<Record<string, boolean>>};

/** Browsers that do not say so are not offered it: a passkey that turns out to open nothing would be left behind. */
export const hasPasskeys = async (): Promise<boolean> => {
  if (!("PublicKeyCredential" in window)) return false;
  const can = await (PublicKeyCredential as Capable).getClientCapabilities?.().catch(() => undefined);
  return can?.["extension:prf"] === true;
};

const makeNewScreen = (): void => {
  const section = sectionOf("new_passkey");
  screen("new_passkey", {enter: () => tell(section, isKeptElsewhere() ? "" : "first")});
  onPress(section, "make", (button) => busy(button, async () => {
    if (!isKeptElsewhere()) return tell(section, "first");
    tell(section, "");
    try {
      const {addPasskey} = await import("./keys_passkey.ts");
      const isSent = await addPasskey(section.dataset["passkeyName"] ?? "");
      show("passkey_done", "", true);
      tell(sectionOf("passkey_done"), isSent ? "" : "waits");
    } catch {
      tell(section, "failed");
    }
  }));
};

/** The screens of passkeys. `opened` goes on when one opened the plan. */
export const makePasskeyScreens = (opened: () => void): void => {
  makeNewScreen();
  screen("passkey_done");
  const section = sectionOf("by_passkey");
  screen("by_passkey", {closed: true, enter: () => tell(section, "")});
  onPress(section, "open", (button) => busy(button, async () => {
    const {openByPasskey} = await import("./keys_passkey.ts");
    const told = await openByPasskey().catch(() => "wrong");
    tell(section, told);
    if (!told) opened();
  }));
};
