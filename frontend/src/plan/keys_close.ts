// When the plan closes by itself: out of sight, five minutes untouched, by quick exit, when the page goes.
// What was being typed is sealed first; that is vault.ts's.

import {lock, onChange, state} from "./vault.ts";

export const IDLE_MS = 5 * 60_000;
const TOUCHES = ["pointerdown", "keydown", "input", "scroll", "wheel"] as const;

let touchedAt = 0, timer = 0, isPrinting = false;

/** Also where the plan is not open yet, and somebody has begun to type what opens it. */
const close = (): void => { if (state() !== "none") lock(); };

const touched = (): void => {
  // A computer that slept runs no timers: what is due is done before anything else.
  if (touchedAt && Date.now() - touchedAt >= IDLE_MS) close();
  touchedAt = Date.now();
  clearTimeout(timer);
  timer = window.setTimeout(close, IDLE_MS);
};

/** Begin to watch. */
export const watchForClosing = (): void => {
  touched();
  for (const each of TOUCHES) addEventListener(each, touched, {capture: true, passive: true});
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) return;
    // Phones put the page away while they draw what is to be printed; then the five minutes hold. They hold as well
    // for whoever looks up the seven words in another app.
    if (!isPrinting && state() === "open") close();
  });
  addEventListener("beforeprint", () => { isPrinting = true; });
  addEventListener("afterprint", () => {
    isPrinting = false;
    if (document.hidden) close();
  });
  // A page that nobody looks at does not open either.
  onChange(() => { if (document.hidden && !isPrinting && state() === "open") close(); });
  // exit.js says so before it leaves.
  addEventListener("leaving", close);
  addEventListener("pagehide", close);
  // A browser that kept the page whole brings it back closed.
  addEventListener("pageshow", (event) => { if (event.persisted) close(); });
};
