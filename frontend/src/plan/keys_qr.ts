// An address as a picture that a camera reads. Always dark on light: not every camera reads it the other way round.

import encodeQR from "qr";

const SVG = "http://www.w3.org/2000/svg", QUIET = 4;

const element = (name: string, attributes: Record<string, string>): SVGElement => {
  const made = document.createElementNS(SVG, name);
  for (const [each, value] of Object.entries(attributes)) made.setAttribute(each, value);
  return made;
};

/** `words` as a drawing called `label`. */
export const drawing = (words: string, label: string): SVGElement => {
  const rows = encodeQR(words, "raw", {ecc: "medium", border: QUIET}), size = String(rows.length);
  const dots = rows.flatMap((row, y) => row.flatMap((isDark, x) => isDark ? `M${x} ${y}h1v1h-1z` : []));
  const made = element("svg", {
    viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": label, "shape-rendering": "crispEdges",
  });
  made.append(element("rect", {width: size, height: size, fill: "#fff"}), element("path", {d: dots.join(""), fill: "#000"}));
  return made;
};
