// Keeps an open page true, and a press from being sent twice. Every page works without this file.
// The page asks for itself, at its own address with /now behind it; 304 says that nothing changed. What
// changes carries data-part. Focus and scrolling stay, and no button changes under a finger.
(() => {
  "use strict";
  const AWAKE = 2000, HIDDEN = 15000, LONGEST = 30000, PATIENCE = 8000, JUST_NOW = 700;
  const sayings = document.getElementById("sayings"), live = document.querySelector("[data-live]");
  const clock = document.querySelector("[data-at] time");

  let said = "";
  const say = (what) => {
    if (said === what) return;
    said = what;
    sayings.textContent = "";
    if (!what) return;
    const line = sayings.appendChild(document.createElement("p"));
    line.className = "notice";
    line.textContent = sayings.dataset[what].replace("{at}", clock ? clock.textContent : "");
  };

  // One press is enough; without an answer it may be made again.
  let free = () => {};
  document.addEventListener("submit", (event) => {
    const form = event.target, part = form.closest("[data-part]");
    const button = event.submitter || form;
    // It errs: a second press goes out. keep.js marks what waits.
    const offline = !navigator.onLine && said !== "offline" && !form.matches("[data-kept]");
    const moved = part && performance.now() - part.put < JUST_NOW;
    const why = form.dataset.sent ? "sending" : offline ? "offline" : moved ? "moved" : "";
    if (why) {
      event.preventDefault();
      return say(why);
    }
    form.dataset.sent = "yes";
    button.setAttribute("aria-busy", "true");
    const slow = setTimeout(say, 1500, "sending"), late = setTimeout(() => { free(); say("again"); }, PATIENCE);
    free = () => {
      [slow, late].forEach(clearTimeout);
      delete form.dataset.sent;
      button.removeAttribute("aria-busy");
    };
  });
  addEventListener("pageshow", (event) => {
    free();
    if (!event.persisted) return;
    say("");
    if (live) ask();
  });
  // Reloading must not press again.
  history.replaceState(null, "", location.href);
  if (!live) return;

  // What is only read changes in place, so that a lamp kindles. What can be pressed is exchanged
  // whole, while nobody is at it.
  const served = new Map(), waiting = new Map(), parts = [...live.querySelectorAll("[data-part]")];
  let finger = false;
  const become = (old, fresh) => {
    for (const {name} of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
    for (const {name, value} of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    const had = [...old.childNodes];
    [...fresh.childNodes].forEach((node, i) => {
      if (!had[i]) old.append(node);
      else if (had[i].nodeName !== node.nodeName) had[i].replaceWith(node);
      else if (node.nodeType === Node.ELEMENT_NODE) become(had[i], node);
      else if (had[i].data !== node.data) had[i].data = node.data;
    });
    had.slice(fresh.childNodes.length).forEach((node) => node.remove());
  };
  const put = (part, fresh) => {
    const html = fresh.innerHTML, pressed = [part, fresh].some((one) => one.querySelector("form, a"));
    waiting.delete(part);
    if (served.get(part) === html) return;
    if (pressed && (finger || part.contains(document.activeElement))) return void waiting.set(part, fresh);
    served.set(part, html);
    if (!pressed) return become(part, fresh);
    const fields = () => [...part.querySelectorAll("select, [type=time]")];
    const chosen = fields().map((field) => field.value);
    part.replaceChildren(...fresh.childNodes);
    part.put = performance.now();
    fields().forEach((field, i) => {
      const before = field.value;
      if (chosen[i]) field.value = chosen[i];
      if (!field.value) field.value = before;
    });
  };
  const putWaiting = () => setTimeout(() => waiting.forEach((fresh, part) => put(part, fresh)), 100);
  parts.forEach((part) => served.set(part, part.innerHTML));
  document.addEventListener("pointerdown", () => { finger = true; });
  for (const end of ["pointerup", "pointercancel"])
    document.addEventListener(end, () => { finger = false; putWaiting(); });
  document.addEventListener("focusout", putWaiting);

  const take = (html) => {
    const fresh = nightlight.parsed(html).querySelector("[data-live]");
    for (const part of parts) put(part, fresh.querySelector(`[data-part="${part.dataset.part}"]`));
    const before = live.dataset.state;
    live.dataset.state = fresh.dataset.state || "";
    return before && before !== live.dataset.state;
  };

  let tag = live.dataset.tag, failures = 0, timer = 0, busy = false;
  const again = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, Math.min((document.hidden ? HIDDEN : AWAKE) * 2 ** failures, LONGEST));
  };
  const ask = async () => {
    if (busy || said === "gone") return;
    busy = true;
    const stop = new AbortController(), patience = setTimeout(() => stop.abort(), PATIENCE);
    try {
      const answer = await fetch(location.pathname + "/now", {
        headers: {"If-None-Match": tag}, cache: "no-store", signal: stop.signal,
      });
      if (answer.status === 404) return say("gone");
      if (answer.status !== 304 && !answer.ok) throw answer.status;
      const changed = answer.ok && take(await answer.text()), moment = answer.headers.get("True-At");
      tag = answer.headers.get("ETag");
      failures = 0;
      clock.dateTime = moment;
      clock.textContent = moment.slice(11, 16);
      if (changed) say("changed");
      else if (said === "lost") say("");
    } catch {
      failures += 1;
      if (failures > 1) say("lost");
    } finally {
      clearTimeout(patience);
      busy = false;
      again();
    }
  };
  document.addEventListener("visibilitychange", () => document.hidden ? again() : ask());
  addEventListener("online", ask);
  addEventListener("offline", () => say("lost"));
  again();
})();
