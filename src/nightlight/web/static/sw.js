// Shows our messages while no page is open, and opens the page behind one at a tap. It keeps nothing and
// reads no page. What a message says comes from us, encrypted; nothing is added to it here.
"use strict";
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

const read = (data) => {
  try {
    return data.json();
  } catch {
    return {title: "", text: "…", links: []};
  }
};
const show = ({title, text, links, tag, again, language}) => {
  const named = links.length > 1 ? links : [{name: "", url: links.length ? links[0].url : ""}];
  return Promise.all(named.map(({name, url}, i) => self.registration.showNotification(title, {
    body: name ? `${name}: ${text}` : text,
    // A newer message about the same takes the place of the older one.
    tag: `${tag}-${i}`,
    renotify: Boolean(again && tag),
    requireInteraction: Boolean(again),
    lang: language || "",
    dir: "auto",
    icon: "/static/icon-192.png",
    data: {url},
  })));
};
self.addEventListener("push", (event) => event.waitUntil(show(read(event.data))));

const open = async (told) => {
  const url = new URL(told || "/home", self.location.origin);
  // Whatever a message says, only pages of our own are opened.
  if (url.origin !== self.location.origin) return;
  // A tap on the message itself shows that it reached somebody: nothing more is asked of them.
  if (url.pathname.startsWith("/p/")) await fetch(url, {method: "POST"}).catch(() => {});
  for (const page of await self.clients.matchAll({type: "window", includeUncontrolled: true}))
    if (page.url === url.href) {
      await page.focus();
      return page.navigate(url.href).catch(() => {});
    }
  await self.clients.openWindow(url.href);
};
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data.url));
});
