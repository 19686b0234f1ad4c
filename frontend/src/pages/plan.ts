// The page of the sealed plan. What it does stands in src/plan; here is only the order in which it begins.

import {beginNight} from "../offline/night.ts";
import {beginDoors, fetchFirst, firstScreen, openAgain} from "../plan/doors.ts";
import {beginEditor} from "../plan/editor.ts";
import {beginKeys} from "../plan/keys.ts";
import {beginLeft} from "../plan/left.ts";
import {beginLetters} from "../plan/letters.ts";
import {beginList} from "../plan/list.ts";
import {beginPaper} from "../plan/paper.ts";
import {beginReader} from "../plan/reader.ts";
import {currentScreen, setGuard, show, start} from "../plan/screens.ts";
import {beginSharing} from "../plan/sharing.ts";
import {arrive, gone, isShared, onChange, state, sync, unlockHere} from "../plan/vault.ts";

/** Whoever is signed in is asked for first, but not for longer than this: the plan opens without a network, too. */
const PATIENCE_MS = 600;
const AGAIN_MS = 30_000;

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

const begin = async (): Promise<void> => {
  beginDoors();
  beginEditor();
  beginLetters();
  beginReader();
  beginList();
  beginKeys();
  beginPaper();
  beginSharing();
  beginLeft();
  beginNight();
  if (!("subtle" in crypto) || !("indexedDB" in window)) return show("cannot", "", true);
  setGuard((name, screen) => mayBeShown(name, Boolean(screen.closed)) ? name : firstScreen());
  await arrive();
  const asked = sync();
  // Where several people write, nobody's plan opens before it is known who is there; or that there is no line.
  await ((await isShared()) ? asked : Promise.race([asked, pause(PATIENCE_MS)]));
  const came = await unlockHere();
  await fetchFirst();
  wasTold = Boolean(gone());
  start(firstScreen());
  if (came === "pin") await openAgain();
  onChange(follow);
  addEventListener("online", () => void sync());
  document.addEventListener("visibilitychange", () => { if (!document.hidden) void sync(); });
  setInterval(() => { if (!document.hidden) void sync(); }, AGAIN_MS);
};

/**
 * Before anything is written, a page may be looked at and written on; once there is a plan, it has to be open.
 * What says that it is not open is shown only when that is so.
 */
const mayBeShown = (name: string, closed: boolean): boolean => {
  if (["closed", "elsewhere", "gone"].includes(name)) return name === firstScreen();
  return closed || state() === "open" || state() === "none";
};

let wasTold = false;

/** What the server said may change where one can be: somebody else is signed in, or the plan was begun elsewhere. */
const follow = (): void => {
  if (gone() && !wasTold) {
    wasTold = true;
    return show("gone");
  }
  const now = state(), at = currentScreen();
  // Somebody else is signed in, or this browser was shut out: then there is nothing here to be opened again.
  const isGone = at === "closed" && (now === "elsewhere" || now === "none");
  if (at === "elsewhere" && now === "open" || at === "first" && now !== "none" || isGone) show(firstScreen(), "", true);
};

void begin();
