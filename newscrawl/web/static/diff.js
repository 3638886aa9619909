// On the page of two revisions, "n" and "p" go to the next change and to the one before.
"use strict";

const changes = [...document.querySelectorAll(".diff .changed")];
let current = -1;
let followed = "";

// A link to a change moves there, too. Its event may come later than the next key.
function followAddress() {
  if (location.hash === followed) return;
  followed = location.hash;
  current = changes.findIndex((change) => `#${change.id}` === followed);
}

document.querySelectorAll(".script-only").forEach((hint) => { hint.hidden = changes.length === 0; });

document.addEventListener("keydown", (event) => {
  const step = { n: 1, p: -1 }[event.key];
  const isTyping = ["INPUT", "SELECT", "TEXTAREA"].includes(event.target.tagName);
  if (!step || isTyping || event.ctrlKey || event.metaKey || event.altKey || !changes.length) return;
  followAddress();
  current = Math.min(Math.max(current + step, 0), changes.length - 1);
  changes[current].focus();
  changes[current].scrollIntoView({ block: "center" });
});
