// The keyboard of the desk, and the seconds left to undo. Every page works without it.
(() => {
  "use strict";
  const desk = document.getElementById("bureau");
  if (!desk) return;

  // The seconds left to undo.
  for (const banner of document.querySelectorAll(".undo[data-seconds]")) {
    let left = Number(banner.dataset.seconds);
    const told = banner.querySelector(".left");
    const tick = setInterval(() => {
      left -= 1;
      if (told) told.textContent = `(${left}\u00a0s)`;
      if (left <= 0) {
        clearInterval(tick);
        banner.querySelector("button").remove();
      }
    }, 1000);
  }

  // How many needs are checked.
  const count = document.getElementById("coches");
  const boxes = [...document.querySelectorAll('.inbox input[name="besoin"]')];
  const tell = () => {
    const n = boxes.filter((box) => box.checked).length;
    if (count) count.textContent = n ? `(${n})` : "";
    document.getElementById("gestes")?.classList.toggle("ready", n > 0);
  };
  boxes.forEach((box) => box.addEventListener("change", tell));
  tell();

  if (desk.dataset.shortcuts !== "on") return;

  const rows = [...document.querySelectorAll(".inbox-row")];
  const dialog = document.getElementById("aide-clavier");
  let current = -1;

  const link = () => rows[current]?.querySelector("a.row-words");
  const box = () => rows[current]?.querySelector('input[name="besoin"]');
  const go = (step) => {
    if (!rows.length) return;
    rows[current]?.classList.remove("current");
    current = Math.min(Math.max(current + step, 0), rows.length - 1);
    rows[current].classList.add("current");
    link().focus();
    rows[current].scrollIntoView({ block: "nearest" });
  };
  const check = (wanted) => {
    if (!box()) return;
    box().checked = wanted ?? !box().checked;
    tell();
  };
  // To the list of gestures, at the first of a group; in the inbox, for what is checked or current.
  const gesture = (key) => {
    const list = document.getElementById("geste");
    const first = list?.querySelector(`optgroup[data-key="${key}"] option`);
    if (!first) return;
    if (boxes.length && !boxes.some((one) => one.checked)) check(true);
    list.value = first.value;
    list.focus();
    list.scrollIntoView({ block: "center" });
  };
  const merge = () => {
    const part = document.getElementById("fusionner");
    if (part) {
      part.open = true;
      document.getElementById("reference").focus();
    } else if (link()) {
      location.assign(`${link().href}#fusionner`);
    }
  };
  const search = () => (document.getElementById("q") ?? document.getElementById("chercher"))?.focus();

  const keys = {
    j: () => go(1),
    k: () => go(-1),
    x: () => check(),
    Enter: () => link()?.click(),
    a: () => gesture("a"),
    s: () => gesture("s"),
    m: merge,
    e: () => gesture("e"),
    "/": search,
    "?": () => dialog?.showModal(),
  };
  rows.forEach((row, at) => row.addEventListener("focusin", () => {
    rows[current]?.classList.remove("current");
    current = at;
    row.classList.add("current");
  }));

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || dialog?.open) return;
    const at = event.target;
    const typing = at.matches?.('input:not([type="checkbox"]), textarea, select, [contenteditable]');
    // Enter already does what it should on what can be activated.
    if (typing || (event.key === "Enter" && at.matches?.("a, button, summary, input"))) return;
    const act = Object.hasOwn(keys, event.key) ? keys[event.key] : null;
    if (!act) return;
    event.preventDefault();
    act();
  });

  // Coming from the inbox to merge: after the browser has moved to the part, which takes the focus.
  if (location.hash === "#fusionner") addEventListener("load", () => setTimeout(merge));
})();
