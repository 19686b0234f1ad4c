// "Open on my other phone", on the phone that has the plan: a picture, four words, and yes or no.

import {random, written} from "../format/bytes.ts";
import {send} from "./api.ts";
import {isOfServer, sealWay} from "./keys_slots.ts";
import {busy, tell} from "./keys_typing.ts";
import {emptyIn, sectionOf} from "./keys_words.ts";
import {onPress, place, put, screen} from "./screens.ts";
import {keys, sync} from "./vault.ts";

const LOOK_MS = 2000, CODE_BYTES = 32;

interface Asking {state: "none" | "waiting" | "asked" | "done"; recipient: string; proof: string; label: string}
interface Round {
  code: Uint8Array;
  /** The phone that may come in, once its proof was found right. */
  asked: Asking | null;
  isAllowed: boolean;
}

let round: Round | null = null, awake: WakeLockSentinel | null = null;
const pairing = () => import("./keys_pairing.ts");
const section = (): HTMLElement => sectionOf("other_phone");

/** Show one of the steps of this screen. */
const step = (name: string): void => {
  for (const each of section().querySelectorAll<HTMLElement>("[data-step]")) each.hidden = each.dataset["step"] !== name;
};

/** Nobody comes in by this round any more. */
const end = (): void => {
  const ended = round;
  round = null;
  ended?.code.fill(0);
  void awake?.release().catch(() => undefined);
  awake = null;
  emptyIn("other_phone");
  if (ended && !ended.isAllowed) void send("POST", "/plan/phones/refuse").catch(() => undefined);
};

const over = (what: string): void => {
  end();
  step("over");
  tell(section(), what);
};

const begin = async (): Promise<void> => {
  end();
  const mine: Round = round = {code: random(CODE_BYTES), asked: null, isAllowed: false};
  tell(section(), "");
  step("wait");
  try {
    // The other phone gets what the server has, so everything goes there first; and the server has to know the plan.
    await sync();
    const {ticket} = await send<{ticket: string}>("POST", "/plan/phones");
    const {addressFor} = await pairing(), {drawing} = await import("./keys_qr.ts");
    if (round !== mine) return;
    const address = addressFor(ticket, mine.code);
    place(section(), "picture").replaceChildren(drawing(address, section().dataset["picture"] ?? ""));
    put(section(), "address", address);
    step("show");
    // The screen stays lit while it is being read by the other phone.
    awake = await navigator.wakeLock?.request("screen").catch(() => null) ?? null;
    void look(mine);
  } catch (error) {
    if (round === mine) over("offline");
    if (!isOfServer(error)) throw error;
  }
};

const look = async (mine: Round): Promise<void> => {
  while (round === mine) {
    const told = await send<Asking>("GET", "/plan/phones").catch(() => null);
    if (round !== mine) return;
    if (told?.state === "done" || told?.state === "none" && mine.isAllowed) return welcome();
    if (told?.state === "none") return over("late");
    if (told?.state === "asked" && !mine.asked) await check(mine, told);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
};

const check = async (mine: Round, asking: Asking): Promise<void> => {
  const {isProof, wordsFor} = await pairing();
  if (!isProof(mine.code, asking.recipient, asking.proof)) return over("swapped");
  const words = await wordsFor(mine.code, asking.recipient);
  if (round !== mine) return;
  mine.asked = asking;
  put(section(), "four", words.join(" "));
  place(section(), "picture").replaceChildren();
  put(section(), "address", "");
  step("compare");
};

const allow = async (): Promise<void> => {
  const mine = round, asked = mine?.asked;
  if (!mine || !asked) return;
  const {slotIdFor} = await pairing(), {recipient, verifyKey} = keys();
  const id = slotIdFor(mine.code, recipient, written(verifyKey));
  const body = written(await sealWay("A", {recipient: asked.recipient}));
  try {
    await send("POST", "/plan/phones/allow", {slot: {id, kind: "A", label: asked.label, body}});
    mine.isAllowed = true;
    if (round === mine) step("fetching");
  } catch (error) {
    over("offline");
    if (!isOfServer(error)) throw error;
  }
};

const welcome = (): void => {
  end();
  step("done");
  void sync();
};

/** The screen of another phone. */
export const makeOtherPhoneScreen = (): void => {
  screen("other_phone", {enter: () => begin(), leave: end});
  onPress(section(), "same", (button) => busy(button, allow));
  onPress(section(), "differ", () => over("differ"));
  onPress(section(), "fresh", () => begin());
  onPress(section(), "copy", async () => {
    await navigator.clipboard?.writeText(place(section(), "address").textContent ?? "").catch(() => undefined);
    tell(section(), "copied");
  });
};
