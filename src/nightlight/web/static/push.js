// "Use this device": the browser agrees to show our messages, and gives the address at which it takes them.
// Without this file, or where a browser cannot do it, the page says so and the other ways are there.
(() => {
  "use strict";
  const form = document.querySelector("[data-device]");
  if (!form) return;
  const saying = (what) => {
    for (const each of document.querySelectorAll("[data-device-says]")) each.hidden = each.dataset.deviceSays !== what;
  };
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) return saying("cannot");
  saying("");
  form.hidden = false;

  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const key = async () => {
    const answer = await fetch(location.pathname, {method: "POST", body: new URLSearchParams({do: "device_key"})});
    if (!answer.ok) throw new Error("refused");
    return answer.text();
  };
  const subscribed = async () => {
    await nightlight.keepWorker();
    const {pushManager} = await navigator.serviceWorker.ready;
    const wanted = {userVisibleOnly: true, applicationServerKey: await key()};
    try {
      return await pushManager.subscribe(wanted);
    } catch (error) {
      // It agreed to another key once, which is not ours any more.
      const before = await pushManager.getSubscription();
      if (!before) throw error;
      await before.unsubscribe();
      return pushManager.subscribe(wanted);
    }
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    try {
      saying("asking");
      if (await Notification.requestPermission() !== "granted") return saying("denied");
      const made = await subscribed();
      form.elements.to.value = [made.endpoint, text(made.getKey("p256dh")), text(made.getKey("auth"))].join(" ");
      form.submit();
    } catch {
      saying("failed");
    }
  });
})();
