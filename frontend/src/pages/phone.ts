// The other phone: it makes a key of its own, shows four words, and waits for the yes of the phone that opens the plan.

import {read, written} from "../format/bytes.ts";
import {keysOf} from "../format/keys.ts";
import {Refused} from "../format/refused.ts";
import {openSlot} from "../format/slot.ts";
import {Answered, Offline, send, type SlotBody} from "../plan/api.ts";
import {type Device, isHeldForAnother} from "../plan/db.ts";
import {deviceName, identityOfDevice, newDevice} from "../plan/device.ts";
import {busy, tell} from "../plan/keys_typing.ts";
import {onPress, put} from "../plan/screens.ts";
import {adoptSlot} from "../plan/vault.ts";

const LOOK_MS = 2000, IN_THE_WAY = 409;

interface Vault {recipient: string; verify_key: string; words_later: number}
interface Now {state: string; person?: string; vault?: Vault; slot?: SlotBody}

const main = document.getElementById("main") as HTMLElement;
const pairing = () => import("../plan/keys_pairing.ts");
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

const step = (name: string): void => {
  for (const each of main.querySelectorAll<HTMLElement>("[data-step]")) each.hidden = each.dataset["step"] !== name;
  const heading = main.querySelector<HTMLElement>(`[data-step="${name}"] h1`);
  heading?.setAttribute("tabindex", "-1");
  heading?.focus({preventScroll: true});
};

const over = (what: string): void => {
  put(main, "four", "");
  step("over");
  tell(main, what);
};

/** Read what stands behind the #, and take it out of the address: neither history nor a glance shall find it. */
const takenFromAddress = (): string => {
  const {hash, pathname} = location;
  history.replaceState(null, "", pathname);
  return hash;
};

/** Whose plan it is, as the page says it. */
const owner = (): string => main.querySelector<HTMLElement>("[data-person]")?.dataset["person"] ?? "";

const askWith = async (code: Uint8Array): Promise<void> => {
  if (await isHeldForAnother(owner())) return over("other_plan");
  const {proofOf, wordsFor} = await pairing(), device = await newDevice(), {recipient} = device;
  try {
    await send("POST", location.pathname, {recipient, proof: proofOf(code, recipient), label: deviceName()});
  } catch (error) {
    if (error instanceof Offline) return over("offline");
    return over(error instanceof Answered && error.status === IN_THE_WAY ? "used" : "late");
  }
  put(main, "four", (await wordsFor(code, recipient)).join(" "));
  step("compare");
  await wait(code, device);
};

const wait = async (code: Uint8Array, device: Device): Promise<void> => {
  for (;;) {
    await pause(LOOK_MS);
    let told: Now;
    try {
      told = await send<Now>("POST", `${location.pathname}/now`);
    } catch (error) {
      if (error instanceof Offline) continue;
      return over(error instanceof Answered && error.status === IN_THE_WAY ? "signed_in" : "late");
    }
    if (told.state !== "done") continue;
    return told.vault && told.slot ? keep(code, device, told.vault, told.slot, told.person ?? "") : over("late");
  }
};

/** Keep what came, if it is from the phone that was scanned and opens the plan it says. */
const keep = async (code: Uint8Array, device: Device, vault: Vault, slot: SlotBody, person: string): Promise<void> => {
  const {slotIdFor} = await pairing(), {recipient, verify_key: verifyKey, words_later: wordsLater} = vault;
  try {
    if (person !== owner() || slot.id !== slotIdFor(code, recipient, verifyKey)) throw new Refused("swapped");
    const body = read(slot.body);
    const keys = await keysOf(await openSlot("A", body, {identity: await identityOfDevice(device)}, recipient));
    if (written(keys.verifyKey) !== verifyKey) throw new Refused("swapped");
    const {id, label} = slot;
    if (await isHeldForAnother(person)) return over("other_plan");
    await adoptSlot({recipient, verifyKey, wordsLater, person, registered: true}, device, {id, label, body, sent: true});
  } catch (error) {
    return over(error instanceof Refused ? "swapped" : "cannot");
  }
  code.fill(0);
  step("done");
  location.replace("/plan");
};

const begin = async (): Promise<void> => {
  const hash = takenFromAddress(), {secretIn} = await pairing(), code = secretIn(hash);
  if (!code) return over("code");
  if (!("subtle" in crypto) || !("indexedDB" in window)) return over("cannot");
  const button = main.querySelector<HTMLElement>('[data-do="ask"]');
  if (!button) return;
  button.hidden = false;
  onPress(main, "ask", (pressed) => busy(pressed, () => askWith(code)));
};

void begin();
