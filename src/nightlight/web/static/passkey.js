// Passkeys, where this browser has them. Without this file the passphrase forms are there.
(() => {
  "use strict";
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) for (const field of document.querySelectorAll("[data-zone]")) field.value = zone;
  if (!window.PublicKeyCredential || !navigator.credentials) return;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const named = (list) => (list || []).map((each) => ({...each, id: bytes(each.id)}));
  const asked = async (form) => {
    const body = new URLSearchParams({do: form.dataset.passkey, name: form.dataset.name || ""});
    const answer = await fetch("/sign-in/passkey", {method: "POST", body});
    if (!answer.ok) throw new Error("refused");
    const options = await answer.json();
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    options.excludeCredentials = named(options.excludeCredentials);
    options.allowCredentials = named(options.allowCredentials);
    return options;
  };
  const shown = ({id, rawId, type, response}) => {
    const told = {clientDataJSON: text(response.clientDataJSON)};
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"])
      if (response[name]) told[name] = text(response[name]);
    return JSON.stringify({id, rawId: text(rawId), type, response: told, clientExtensionResults: {}});
  };

  for (const form of document.querySelectorAll("[data-passkey]")) {
    const failed = form.querySelector("[data-failed]");
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      event.stopPropagation();
      failed.hidden = true;
      try {
        const publicKey = await asked(form), signing = form.dataset.passkey === "sign_in";
        const made = await (signing ? navigator.credentials.get({publicKey}) : navigator.credentials.create({publicKey}));
        form.elements.credential.value = shown(made);
        form.submit();
      } catch {
        failed.hidden = false;
      }
    });
  }
})();
