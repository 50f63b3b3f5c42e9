"use strict";
// Without this script nothing of the report is lost: it draws figures whose numbers stand in tables, lets readers sort and
// search, and computes what they try out. The files of this folder are one script of the page, in the order of script.py.
// Texts from logs become text nodes only, never markup.
const root = document.documentElement;
const made = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};
// Plotly and all data lie in the page as gzip in base64.
const inflated = async (name) => {
  const packed = atob(document.getElementById(name).textContent.trim());
  const bytes = Uint8Array.from(packed, (char) => char.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
};

// A link into something folded unfolds it.
const unfold = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const folded = target?.closest("details:not([open])");
  if (folded) {
    folded.open = true;
    target.scrollIntoView();
  }
};
addEventListener("hashchange", unfold);
unfold();

// The box of a table is a stop for the keyboard, and a region with a name, where there is something to move in it; else
// readers would pass a box at every table.
const boxed = new ResizeObserver((entries) => {
  for (const { target: box } of entries) {
    const moves = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
    box.dataset.name ??= box.getAttribute("aria-label") ?? "";
    const set = { tabindex: "0", role: "region", "aria-label": box.dataset.name };
    Object.entries(set).forEach(([key, value]) => {
      if (moves) box.setAttribute(key, value);
      else box.removeAttribute(key);
    });
  }
});
document.querySelectorAll('.scroll[role="region"]').forEach((box) => boxed.observe(box));
