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
const blockOf = (name) => JSON.parse(document.getElementById(name).textContent);

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
