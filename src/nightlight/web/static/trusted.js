// The two things a page of ours does with text that a browser would let run, and nothing else may do them: the
// browser refuses every other (Trusted Types). The policy itself stays in here.
(() => {
  "use strict";
  const WORKER = "/sw.js";
  const worker = (address) => {
    if (address !== WORKER) throw new TypeError("only the service worker of this place is started");
    return address;
  };
  const rules = {createHTML: (html) => html, createScriptURL: worker};
  const policy = window.trustedTypes ? trustedTypes.createPolicy("nightlight", rules) : rules;
  window.nightlight = Object.freeze({
    // A page as it was sent, to be read: it is shown nowhere, and nothing in it runs.
    parsed: (html) => new DOMParser().parseFromString(policy.createHTML(html), "text/html"),
    // Resolves to the registration, as the browser's own does.
    keepWorker: () => navigator.serviceWorker.register(policy.createScriptURL(WORKER)),
  });
})();
