// A passkey that opens the plan. Never the only way: passkeys are deleted by people who do not know what hangs on them.

import {webauthn} from "age-encryption";
import {Refused} from "../format/refused.ts";
import {openSlot} from "../format/slot.ts";
import * as db from "./db.ts";
import {addSlot, fileOf, listed, onShelf, sealWay} from "./keys_slots.ts";
import {all, known, openWith, sync} from "./vault.ts";

/** Make a passkey called `name`, and let it open the plan. False when there was no line: it is then sent later. */
export const addPasskey = async (name: string): Promise<boolean> => {
  const identity = await webauthn.createCredential({keyName: name});
  const body = await sealWay("B", {recipient: new webauthn.WebAuthnRecipient({identity})});
  const isSent = await addSlot("B", body);
  // Which passkey it is: so that this browser need not offer those for signing in.
  await db.put(onShelf("passkey"), identity);
  return isSent;
};

/** Open by a passkey. "" when the plan is open, else what to tell: `offline`, `signed_out`, `none`, `wrong`. */
export const openByPasskey = async (): Promise<string> => {
  const result = all() ? "done" : await sync();
  if (!all()) return result === "signed_out" ? result : "offline";
  const slots = listed("B"), vault = known()?.recipient ?? "";
  const hint = await db.get<string>(onShelf("passkey"));
  const identity = new webauthn.WebAuthnIdentity(hint ? {identity: hint} : {});
  for (const slot of slots) {
    try {
      await openWith(await openSlot("B", fileOf(slot), {identity}, vault));
      return "";
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.reason !== "not_opened") return error.reason;
    }
  }
  // The one it remembers may be deleted: next time any may be chosen.
  await db.remove(onShelf("passkey"));
  return slots.length ? "wrong" : "none";
};
