// Lets this browser keep what it needs for a night without a network (sw.js). Without it every page works as before.
(() => {
  "use strict";
  const kept = navigator.serviceWorker;
  if (!kept) return;
  // A call that is pressed without a network is kept and tried again, so live.js need not hold it back.
  const mark = () => {
    const calls = [...document.forms].filter((form) => form.querySelector("[name=do][value=raise]"));
    for (const form of calls) form.toggleAttribute("data-kept", Boolean(kept.controller));
  };
  const begin = async () => {
    await nightlight.keepWorker();
    (await kept.ready).active.postMessage({language: document.documentElement.lang});
    mark();
  };
  mark();
  kept.addEventListener("controllerchange", mark);
  addEventListener("load", () => begin().catch(() => {}));
})();
