// What a script adds to pages that work without it: "/" goes to the search box, Escape and a click
// elsewhere close menus, and buttons with data-copy copy the text of the element they name.
"use strict";

const search = document.getElementById("top-q") || document.getElementById("q");
const menus = () => document.querySelectorAll("details.menu[open], details.actions-menu-links[open]");

function isTyping(target) {
  return target.isContentEditable || ["INPUT", "SELECT", "TEXTAREA"].includes(target.tagName);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !isTyping(event.target) && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    search.focus();
    search.select();
  }
  if (event.key === "Escape") {
    menus().forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  }
});

document.addEventListener("click", (event) => {
  menus().forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

// A button that only a script can serve is hidden in the page.
document.querySelectorAll("button[data-copy]").forEach((button) => {
  if (!navigator.clipboard) return;
  button.hidden = false;
  const label = button.textContent;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = label; }, 2000);
  });
});

// The field that Datasette's SQL editor types into has no label of its own.
addEventListener("load", () => {
  document.querySelectorAll(".CodeMirror textarea").forEach((field) => {
    field.setAttribute("aria-label", "SQL");
  });
});
