// When the plan closes by itself: out of sight, five minutes untouched, by quick exit, when the page goes.
// What was being typed is sealed first; that is vault.ts's.

import {lock, state} from "./vault.ts";

export const IDLE_MS = 5 * 60_000;
const TOUCHES = ["pointerdown", "keydown", "input", "scroll", "wheel"] as const;

let touchedAt = 0, timer = 0, isPrinting = false;

const close = (): void => { if (state() === "open") lock(); };

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
    // Phones put the page away while they draw what is to be printed; then the five minutes hold.
    if (!isPrinting) close();
  });
  addEventListener("beforeprint", () => { isPrinting = true; });
  addEventListener("afterprint", () => {
    isPrinting = false;
    if (document.hidden) close();
  });
  // exit.js says so before it leaves.
  addEventListener("leaving", close);
  addEventListener("pagehide", close);
  // A browser that kept the page whole brings it back closed.
  addEventListener("pageshow", (event) => { if (event.persisted) close(); });
};
