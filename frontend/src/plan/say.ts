// What the page may have to say stands in its template, in the reader's language: `#plan-sayings data-tampered="…"`.

const sayings = (): HTMLElement | null => document.getElementById("plan-sayings");

/** The sentence called `what`, with `values` put in for `{name}` and the like; "" when the template has none. */
export const sentence = (what: string, values: Record<string, string> = {}): string => {
  const line = sayings()?.getAttribute(`data-${what.replaceAll("_", "-")}`) ?? "";
  return line.replace(/\{(\w+)\}/g, (all, name: string) => values[name] ?? all);
};

let said = "";

/** Say it in the place screen readers listen to; "" takes it away. The same thing is not said twice in a row. */
export const say = (what: string, values: Record<string, string> = {}): void => {
  const line = what ? sentence(what, values) : "", place = sayings();
  if (line === said || !place) return;
  said = line;
  place.replaceChildren();
  if (!line) return;
  const shown = document.createElement("p");
  shown.className = "notice";
  shown.textContent = line;
  place.append(shown);
};
