// What a browser keeps of us. It shows our messages while no page is open, and opens the page behind one at
// a tap. And for a night without a network it keeps what has the same bytes for everybody: the plan's page
// without the plan, its scripts, and one page that says what can be done. No page with anything personal,
// and no answer about the plan. A call that was pressed in vain is remembered by its need, its page and its
// moment; only an open page sends it. What stands in VERSION and FILES is written on top of this by the server.
"use strict";
const KEPT = "kept-", OFFLINE = "/offline", PLAN = "/plan";
const PATIENCE = 3000, PLAN_PATIENCE = 700, FILE_PATIENCE = 1000, PRESS_PATIENCE = 7000, SLOW_PATIENCE = 20000;
const SLOW_FOR = 300000, FRESH_FOR = 3600000, LEFT_FOR = 43200000;
// Whoever stands in front of us says these while we are away.
const AWAY = [502, 504];
const CALLS = /^\/(home|m\/[^/]+|c\/[^/]+\/call)$/;
const OWN = /^\/(home|m|c|plan|circle|ladder|check-ins|here|seen|after|practice|never|talks|tonight|me)(\/|$)/;
const NEVER_CHANGES = /\/part-[A-Z0-9]{8}\.js$/;

// ------------------------------------------------------------------------------------------ what is kept
const kept = (address) => caches.open(KEPT + VERSION)
  .then((cache) => cache.match(address, {ignoreVary: true, ignoreSearch: true}))
  // A page that stood open while a new version came still finds its own scripts.
  .then((found) => found || caches.match(address, {ignoreVary: true, ignoreSearch: true}));
const mayKeep = (answer) => answer.ok && !answer.redirected && answer.headers.get("May-Keep") === "yes";
const keepPage = async (cache, address, language) => {
  const asked = address === OFFLINE && language ? `${OFFLINE}?language=${language}` : address;
  const answer = await fetch(asked, {cache: "no-store", redirect: "manual"});
  if (mayKeep(answer)) await cache.put(address, answer);
};
const keep = async (language) => {
  const cache = await caches.open(KEPT + VERSION);
  const had = new Set((await cache.keys()).map(({url}) => new URL(url).pathname));
  // One that is missing must not keep messages from being shown; it is fetched at the next page.
  await Promise.allSettled([
    ...FILES.filter((path) => !had.has(path)).map((path) => cache.add(new Request(path, {cache: "reload"}))),
    ...[OFFLINE, PLAN].map((page) => keepPage(cache, page, language)),
  ]);
};
const isFresh = async (language) => {
  const page = await kept(OFFLINE);
  return Boolean(page) && page.url.endsWith(`=${language}`)
    && Date.now() - Date.parse(page.headers.get("Date")) < FRESH_FOR;
};
self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(keep(""));
});
const letGo = async () => {
  // In the order in which they were made. One before this stays, for pages that are open.
  const others = (await caches.keys()).filter((name) => name.startsWith(KEPT) && name !== KEPT + VERSION);
  await Promise.all(others.slice(0, -1).map((name) => caches.delete(name)));
};
self.addEventListener("activate", (event) => event.waitUntil(letGo().then(() => self.clients.claim())));
self.addEventListener("message", (event) => {
  const {language, patient} = event.data;
  // A page that stands in for another found that the line is slow, not dead.
  if (patient) slow = Date.now();
  if (language) event.waitUntil(isFresh(language).then((fresh) => fresh || keep(language)));
  if (event.ports[0]) event.ports[0].postMessage("yes");
});

// ------------------------------------------------------- what is remembered: a press in vain, a quick exit
const remembered = (mode, use) => new Promise((done, failed) => {
  const asked = indexedDB.open("night", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("kept");
  asked.onerror = failed;
  asked.onsuccess = () => {
    const database = asked.result, work = database.transaction("kept", mode), found = use(work.objectStore("kept"));
    work.oncomplete = () => { database.close(); done(found.result); };
    work.onabort = failed;
  };
});
const recall = (name) => remembered("readonly", (all) => all.get(name)).catch(() => undefined);
const remember = (name, value) => remembered("readwrite", (all) => all.put(value, name)).catch(() => {});
const forget = (name) => remembered("readwrite", (all) => all.delete(name)).catch(() => {});
const left = async () => {
  await remember("left", Date.now());
  // Whatever of ours is open in another tab closes, too.
  for (const page of await self.clients.matchAll({type: "window"})) page.postMessage({left: true});
};
const hasLeft = async () => Date.now() - (await recall("left") || 0) < LEFT_FOR;

// ---------------------------------------------------------------------------------------- what is fetched
let slow = 0;
const standIns = new Set();
const within = (coming, patience) => Promise.race([
  coming, new Promise((_, late) => { setTimeout(late, patience, "late"); }),
]);
const answered = async (request, options) => {
  const answer = await fetch(request, options);
  if (AWAY.includes(answer.status)) throw answer.status;
  return answer;
};
const standIn = async (event, address) => {
  const page = await kept(address);
  if (page) standIns.add(event.resultingClientId);
  return page;
};
const page = async (event, path) => {
  const {request} = event, begun = Date.now();
  const press = CALLS.test(path) && await recall("press");
  if (press) {
    // It was made on a page that is closed by now: it is asked about, never sent by itself.
    await remember("press", {...press, fresh: false});
    const asking = await standIn(event, OFFLINE);
    if (asking) return asking;
  }
  const coming = answered(request);
  coming.then(() => { if (Date.now() - begun > PATIENCE) slow = Date.now(); }, () => {});
  try {
    // The plan's page is the same whether it comes from here or from there, so nobody waits for it.
    const patience = path === PLAN ? PLAN_PATIENCE : begun - slow < SLOW_FOR ? SLOW_PATIENCE : PATIENCE;
    const answer = await within(coming, patience);
    if (path === PLAN && mayKeep(answer)) {
      const copy = answer.clone();
      event.waitUntil(caches.open(KEPT + VERSION).then((cache) => cache.put(PLAN, copy)));
    }
    return answer;
  } catch {
    const plan = path === PLAN && !await hasLeft() && await standIn(event, PLAN);
    return plan || await standIn(event, OFFLINE) || coming.catch(() => fetch(request));
  }
};
const pressed = async (event, path) => {
  const {request} = event, at = Date.now(), form = await request.clone().formData().catch(() => new FormData());
  if (form.get("do") !== "raise") {
    const answer = await fetch(request);
    if (form.get("do") === "go_on" && answer.ok) await forget("left");
    return answer;
  }
  const stop = new AbortController(), patience = setTimeout(() => stop.abort(), PRESS_PATIENCE);
  try {
    const answer = await answered(request, {signal: stop.signal});
    if (answer.headers.has("Press-Kept")) await Promise.all([forget("press"), forget("left")]);
    return answer;
  } catch {
    const saying = await standIn(event, OFFLINE);
    if (!saying) return Response.error();
    const [need, after] = [form.get("need"), form.get("after") || ""];
    await remember("press", {need, path, after, at, unsure: stop.signal.aborted, fresh: true});
    await forget("left");
    return saying;
  } finally {
    clearTimeout(patience);
  }
};
const file = async (event, path) => {
  const {request} = event, found = await kept(path);
  if (!found) return fetch(request);
  if (NEVER_CHANGES.test(path) || standIns.has(event.clientId)) return found;
  return within(answered(request), FILE_PATIENCE).catch(() => found);
};
self.addEventListener("fetch", (event) => {
  const {request} = event, {origin, pathname} = new URL(request.url), looks = request.method === "GET";
  if (origin !== self.location.origin) return;
  if (pathname === "/exit" && !looks) event.waitUntil(left());
  else if (looks && pathname.startsWith("/static/")) event.respondWith(file(event, pathname));
  else if (request.mode !== "navigate") return;
  else if (!looks && CALLS.test(pathname)) event.respondWith(pressed(event, pathname));
  else if (looks && OWN.test(pathname)) event.respondWith(page(event, pathname));
});

// ------------------------------------------------------------------------------------------ our messages
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
