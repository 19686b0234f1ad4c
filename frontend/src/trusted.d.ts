// What src/nightlight/web/static/trusted.js gives to every page, before any other script.
interface Window {
  readonly nightlight: {
    /** A page as it was sent, to be read: it is shown nowhere, and nothing in it runs. */
    parsed(html: string): Document;
    /** Registers /sw.js, the one service worker there is. */
    keepWorker(): Promise<ServiceWorkerRegistration>;
  };
}
