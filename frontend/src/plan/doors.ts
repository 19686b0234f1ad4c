// When the plan is not open: closed, somewhere else, or not at the server any more.

import {currentScreen, onPress, place, screen, show} from "./screens.ts";
import {forgetHere, gone, onLock, putAllBack, state, sync, unlockHere} from "./vault.ts";
import {hasWords} from "./reader.ts";

const section = (name: string): HTMLElement | null => document.querySelector(`[data-screen="${name}"]`);

/** The screen to begin with, as things stand. On a hard night the plan is there to be read, not to be written. */
export const firstScreen = (): string => {
  if (gone()) return "gone";
  const now = state();
  if (now === "open") return hasWords() ? "read" : "list";
  return now === "none" ? "first" : now === "locked" ? "closed" : "elsewhere";
};

let pinScreen = "";
/** Which screen asks for what this browser's key is kept behind. */
export const setPinScreen = (name: string): void => { pinScreen = name; };

const FETCH_MS = 4000;
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Talk with the server. What is written comes before the first screen of a browser that has nothing of it yet. */
export const fetchFirst = async (): Promise<void> => {
  const talk = sync();
  if (state() === "open" && !hasWords()) await Promise.race([talk, pause(FETCH_MS)]);
};

/** Open by this browser's own key, and say where to go from here. Room for what asks first. */
export const openAgain = async (then = ""): Promise<void> => {
  const came = await unlockHere();
  if (came === "pin" && pinScreen) return show(pinScreen, "", true);
  await fetchFirst();
  show(came === "open" && then ? then : firstScreen(), "", true);
};

const beginGone = (within: HTMLElement): void => {
  const sure = place(within, "sure");
  screen("gone", {closed: true, enter: () => {
    place(within, "erased").hidden = gone() !== "erased";
    place(within, "other").hidden = gone() !== "other";
    const back = within.querySelector<HTMLElement>('[data-do="put-all-back"]');
    if (back) back.hidden = gone() !== "erased";
    sure.hidden = true;
  }});
  onPress(within, "put-all-back", async () => { await putAllBack(); show("list"); });
  onPress(within, "forget", () => { sure.hidden = false; sure.querySelector("button")?.focus(); });
  onPress(within, "forget-not", () => { sure.hidden = true; });
  onPress(within, "forget-surely", async () => { await forgetHere(); location.reload(); });
};

export const beginDoors = (): void => {
  for (const name of ["first", "closed", "elsewhere", "cannot"]) screen(name, {closed: true});
  const closed = section("closed"), lost = section("gone");
  if (closed) onPress(closed, "open-again", () => openAgain());
  if (lost) beginGone(lost);
  onLock(() => { if (currentScreen()) show(firstScreen(), "", true); });
};
