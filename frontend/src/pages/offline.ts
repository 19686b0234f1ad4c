// The page that stands in for one of the person's own while there is no network (sw.js gives it instead).
import {forget, recall, type Press} from "../offline/kept.ts";
import {back, one, show, state} from "../offline/page.ts";
import {ask, begin, now, open, stop} from "../offline/trying.ts";

const LEFT_FOR = 12 * 3_600_000;
const PROBE_PATIENCE = 20_000, PROBE_PAUSE = 5_000, PROBE_LONGEST = 60_000;

/** The page of the person's from which a call is made, as far as this address tells. */
const callPath = (): string => {
  const [, door, token] = location.pathname.split("/");
  if (door === "m" && token) return `/m/${token}`;
  return door === "c" && token ? `/c/${token}/call` : "/home";
};

const ownPath = (): string => location.pathname === "/offline" ? "/home" : location.pathname + location.search;

const choose = async (need: string): Promise<void> => {
  const press: Press = {need, path: callPath(), after: "", at: Date.now(), unsure: false, fresh: false};
  await begin(press);
};

const showNumbers = async (): Promise<void> => {
  const {showPeople} = await import("../offline/people.ts");
  await showPeople();
};

const start = async (): Promise<void> => {
  const [left, press] = await Promise.all([recall("left"), recall("press")]);
  if (left && Date.now() - left < LEFT_FOR) return show("left");
  void showNumbers();
  if (!press) return show("none");
  if (!press.fresh) return ask(press);
  void begin(press);
};

/** Let sw.js be patient with the next page, and go to it. */
const openOwn = async (): Promise<void> => {
  const told = new MessageChannel(), controller = navigator.serviceWorker?.controller;
  const heard = new Promise((done) => { told.port1.onmessage = done; setTimeout(done, 300); });
  controller?.postMessage({patient: true}, [told.port2]);
  if (controller) await heard;
  open(ownPath());
};

const DOES: Record<string, () => void | Promise<void>> = {
  now,
  stop,
  drop: stop,
  send: async () => {
    const press = await recall("press");
    if (press) await begin(press);
    else show("stopped");
  },
  go_on: async () => {
    await forget("left");
    await start();
  },
  open: openOwn,
};

// A line that is only slow: whoever has touched nothing here yet gets the page they wanted, once.
let isUntouched = (performance.getEntriesByType("navigation")[0] as PerformanceNavigationTiming | undefined)?.type !== "reload";
for (const touch of ["pointerdown", "keydown", "wheel", "touchstart"])
  addEventListener(touch, () => { isUntouched = false; }, {passive: true});
const mayGoOn = (): boolean => isUntouched && state() === "none" && !document.hidden && location.pathname !== "/offline";

let probing = 0, pause = PROBE_PAUSE;
const probe = async (): Promise<void> => {
  clearTimeout(probing);
  const is = await fetch("/healthz", {cache: "no-store", signal: AbortSignal.timeout(PROBE_PATIENCE)})
    .then((answer) => answer.status < 500, () => false);
  back(is);
  if (is) now();
  if (is && mayGoOn()) return openOwn();
  pause = Math.min(pause * 1.5, PROBE_LONGEST);
  probing = window.setTimeout(probe, pause);
};

document.addEventListener("click", (event) => {
  const pressed = (event.target as Element).closest<HTMLElement>("[data-do]");
  if (!pressed) return;
  void DOES[pressed.dataset.do!]?.();
  // The button may be gone with its state; what is true now stands at the top.
  document.getElementById("main")!.focus();
});
one("[data-choose]").addEventListener("submit", (event) => {
  // What live.js would do with a form is not for this one.
  event.preventDefault();
  event.stopPropagation();
  const {submitter} = event as SubmitEvent;
  if (submitter instanceof HTMLButtonElement) void choose(submitter.value);
});
addEventListener("online", () => { now(); void probe(); });
addEventListener("offline", () => back(false));
document.addEventListener("visibilitychange", () => { if (!document.hidden) { now(); void probe(); } });
void start().then(probe);
