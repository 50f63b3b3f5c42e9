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
