// Quick exit: blank at once, then somewhere else. Without this file the button is a plain form.
(() => {
  "use strict";
  const PATIENCE = 400, WITHIN = 5000, PRESSES = 3;
  const form = document.querySelector("[data-exit]");
  let left = false;
  const leave = () => {
    if (left) return;
    left = true;
    // Whatever is open on this page closes first.
    dispatchEvent(new Event("leaving"));
    document.title = "…";
    document.body.replaceChildren();
    const go = () => location.replace(form.dataset.exit);
    // The request goes on by itself when this page is gone.
    fetch(form.action, {method: "POST", keepalive: true}).then(go, go);
    setTimeout(go, PATIENCE);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    leave();
  });
  let shifts = [];
  addEventListener("keydown", (event) => {
    if (event.key !== "Shift") shifts = [];
    else if (!event.repeat) shifts = [...shifts, event.timeStamp].slice(-PRESSES);
    if (shifts.length === PRESSES && shifts[PRESSES - 1] - shifts[0] < WITHIN) leave();
  });
  // A page that a browser kept whole must not come back as it was.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
})();
