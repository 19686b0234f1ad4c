// Steps and people of the ladder can be dragged where scripts run; the buttons do the same without.
// A drop is a press like any other: it is sent, and the page comes back in the new order.
(() => {
  "use strict";
  const form = document.querySelector("[data-ladder]");
  if (!form) return;
  const steps = [...form.querySelectorAll("[data-step]")];
  const press = (value) => {
    const button = document.createElement("button");
    button.name = "do";
    button.value = value;
    button.hidden = true;
    form.append(button);
    form.requestSubmit(button);
  };
  const under = (event) => {
    const found = document.elementFromPoint(event.clientX, event.clientY);
    return found && found.closest("[data-step]");
  };
  for (const grip of form.querySelectorAll("[data-grip]")) {
    grip.classList.add("can");
    const person = grip.closest("[data-person]"), step = grip.closest("[data-step]"), moved = person || step;
    let target = null;
    const over = (event) => {
      const now = under(event);
      if (now === target) return;
      if (target) target.classList.remove("target");
      target = now === step ? null : now;
      if (target) target.classList.add("target");
    };
    const drop = () => {
      grip.removeEventListener("pointermove", over);
      moved.classList.remove("lifted");
      if (!target) return;
      const from = steps.indexOf(step), to = steps.indexOf(target);
      press(person ? `carry:${person.dataset.person}:${from}:${to}` : `move:${from}:${to}`);
    };
    grip.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      grip.setPointerCapture(event.pointerId);
      moved.classList.add("lifted");
      grip.addEventListener("pointermove", over);
      grip.addEventListener("pointerup", drop, {once: true});
      grip.addEventListener("pointercancel", () => { target = null; drop(); }, {once: true});
    });
  }
})();
