// A call without a network: it is tried again, with pauses that grow, for as long as this page is open.
// Nothing is ever sent by a page that was closed meanwhile, or by one that a phone put to sleep.
import {forget, recall, remember, type Press} from "./kept.ts";
import {show, showPress, showTried, state} from "./page.ts";

const PATIENCE = 10_000, PAUSE = 2_000, PAUSE_LONGEST = 20_000, GROWS = 1.5;
/** An older press is not sent any more. */
const HOUR = 3_600_000;
/** Whoever was away so long is asked again. */
const ASLEEP = 900_000;
const AWAY = 500;

let pause = PAUSE, timer = 0, tried = 0, flying: AbortController | null = null;

const isTrying = (): boolean => state() === "trying" || state() === "unheard";

/** Leave this page for the one at `path`, fetched anew: what was pressed is not pressed again. */
export const open = (path: string): void => {
  history.replaceState(null, "", path);
  location.reload();
};

const body = (press: Press): URLSearchParams => {
  const said = new URLSearchParams({do: "raise", need: press.need});
  if (press.after) said.set("after", press.after);
  // How long ago, not when: clocks differ.
  said.set("pressed_ago", String(Math.max(0, Math.round((Date.now() - press.at) / 1000))));
  return said;
};

const sent = async (press: Press, signal: AbortSignal): Promise<Response> => {
  const answer = await fetch(press.path, {
    method: "POST", body: body(press), redirect: "manual", cache: "no-store", signal,
  });
  if (answer.status >= AWAY) throw new Error(String(answer.status));
  return answer;
};

const later = (): void => {
  clearTimeout(timer);
  timer = window.setTimeout(attempt, pause);
  pause = Math.min(pause * GROWS, PAUSE_LONGEST);
};

const failed = async (press: Press, late: boolean): Promise<void> => {
  // Taken back while it was on the way.
  if (!isTrying()) return;
  const unsure = press.unsure || late;
  await remember("press", {...press, unsure});
  show(unsure ? "unheard" : "trying");
  later();
};

const once = async (press: Press): Promise<void> => {
  const flight = flying = new AbortController();
  const patience = setTimeout(() => flight.abort("late"), PATIENCE);
  tried = Date.now();
  showTried(tried);
  try {
    const answer = await sent(press, flight.signal);
    await forget("press");
    if (answer.headers.has("Press-Kept")) open(press.path);
    else show("refused");
  } catch {
    await failed(press, flight.signal.reason === "late");
  } finally {
    clearTimeout(patience);
    flying = null;
  }
};

const attempt = async (): Promise<void> => {
  if (flying) return;
  const press = await recall("press");
  if (!press) return show("stopped");
  if (tried && Date.now() - tried > ASLEEP) return ask(press);
  await once(press);
};

/** Try now, and from here on again and again. */
export const begin = async (press: Press): Promise<void> => {
  await remember("press", {...press, fresh: false});
  showPress(press.need, press.at);
  show(press.unsure ? "unheard" : "trying");
  pause = PAUSE;
  tried = 0;
  await attempt();
};

/** Try without waiting for the pause to end. */
export const now = (): void => {
  if (!isTrying()) return;
  clearTimeout(timer);
  pause = PAUSE;
  void attempt();
};

/** The press is taken back. */
export const stop = async (): Promise<void> => {
  clearTimeout(timer);
  show("stopped");
  flying?.abort("stopped");
  await forget("press");
};

/** Somebody comes back to a press that was never sent: they are asked, or told that it is too old. */
export const ask = async (press: Press): Promise<void> => {
  showPress(press.need, press.at);
  if (Date.now() - press.at <= HOUR) return show(press.unsure ? "asking-unheard" : "asking");
  await forget("press");
  show("dropped");
};
