/* The wall of sample phones, kept up to date once a second. Without this script every button still
   works, and "reload" shows what is new. What is on the page is changed in place and never replaced
   whole, so that neither the focus nor a choice half made is lost. */
(function () {
  "use strict";
  const wall = document.getElementById("wall");
  const gone = document.getElementById("gone");
  if (!wall || !window.fetch || !window.nightlight || !window.AbortController) return;

  const EVERY_MS = 1000;
  let tag = "";
  let looking = null;
  let pressed = null;
  let finger = false;

  function isLike(old, fresh) {
    return old.nodeType === fresh.nodeType && old.nodeName === fresh.nodeName && old.id === fresh.id;
  }

  function takeAttributes(old, fresh) {
    for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of fresh.attributes)
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }

  /* Makes `old` say what `fresh` says, touching only what differs. */
  function become(old, fresh) {
    if (old.nodeType === Node.TEXT_NODE) {
      if (old.data !== fresh.data) old.data = fresh.data;
      return;
    }
    if (old.isEqualNode(fresh)) return;
    if (old.nodeType === Node.ELEMENT_NODE) takeAttributes(old, fresh);
    const wanted = [...fresh.childNodes];
    wanted.forEach((child, place) => {
      const here = old.childNodes[place];
      if (!here) old.append(child);
      else if (isLike(here, child)) become(here, child);
      else here.replaceWith(child);
    });
    while (old.childNodes.length > wanted.length) old.lastChild.remove();
  }

  function show(html) {
    become(wall, nightlight.parsed(html).getElementById("wall"));
  }

  async function look() {
    if (document.hidden || finger) return;
    looking = new AbortController();
    try {
      const headers = tag ? { "If-None-Match": tag } : {};
      const answer = await fetch("/try/now", { headers, cache: "no-store", signal: looking.signal });
      const html = answer.status === 200 ? `<div id="wall">${await answer.text()}</div>` : "";
      // No button changes under a finger that is on its way.
      if (html && !finger) {
        tag = answer.headers.get("ETag") || "";
        show(html);
      }
      gone.hidden = answer.status === 200 || answer.status === 304;
    } catch (error) {
      if (error.name !== "AbortError") gone.hidden = false;
    }
    looking = null;
  }

  async function press(event) {
    const form = event.target, button = event.submitter;
    event.stopPropagation(); // What live.js does with a press is for pages that are loaded anew.
    if (form.target || !button) return;
    event.preventDefault();
    if (pressed) return;
    pressed = button;
    button.setAttribute("aria-busy", "true");
    const fields = new URLSearchParams(new FormData(form));
    fields.append(button.name, button.value);
    try {
      const answer = await fetch(form.getAttribute("action"), { method: "POST", body: fields });
      const html = await answer.text();
      if (looking) looking.abort();
      tag = "";
      show(html);
    } catch {
      gone.hidden = false;
    }
    button.removeAttribute("aria-busy");
    pressed = null;
  }

  document.addEventListener("pointerdown", () => { finger = true; });
  for (const end of ["pointerup", "pointercancel"])
    document.addEventListener(end, () => setTimeout(() => { finger = false; }, 100));
  wall.addEventListener("submit", press);
  setInterval(() => looking || look(), EVERY_MS);
})();
