// The people whose names and numbers the person wrote in the plan: to be rung or texted without us.
import {dialled} from "../plan/kinds.ts";
import {all, one} from "./page.ts";
import {type Numbers, numbersHere} from "./numbers.ts";

const row = (name: string, number: string, words: string): HTMLElement | null => {
  const digits = dialled(number);
  if (!digits) return null;
  const made = one<HTMLTemplateElement>("template").content.firstElementChild!.cloneNode(true) as HTMLElement;
  const find = <Found extends HTMLElement>(selector: string): Found => made.querySelector<Found>(selector)!;
  find("[data-name]").textContent = name || number;
  // The template says what each link does with a number.
  const ring = find<HTMLAnchorElement>("[data-ring]"), text = find<HTMLAnchorElement>("[data-text]");
  ring.href = ring.getAttribute("href")! + digits;
  text.href = `${text.getAttribute("href")!}${digits}?body=${encodeURIComponent(words)}`;
  return made;
};

const put = (known: Numbers | "shut" | null): void => {
  const people = known && known !== "shut" ? known.people : [];
  const words = known && known !== "shut" && known.opening || one("[data-opening]").textContent!;
  const rows = people.map(({name, number}) => row(name, number, words)).filter((made) => made !== null);
  one("[data-people]").replaceChildren(...rows);
  one("[data-nobody]").hidden = rows.length > 0 || known === "shut";
  one("[data-shut]").hidden = known !== "shut";
};

let shown = false;

/** Open them by this browser's own key, and show them; they go when nobody looks, and come again. */
export const showPeople = async (): Promise<void> => {
  shown = true;
  put(await numbersHere().catch(() => null));
};

/** Take every name off the page. */
export const hidePeople = (): void => {
  for (const list of all("[data-people]")) list.replaceChildren();
};

document.addEventListener("visibilitychange", () => {
  if (!shown) return;
  if (document.hidden) hidePeople();
  else void showPeople();
});
addEventListener("pagehide", hidePeople);
