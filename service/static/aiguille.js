// What makes pages quicker to use. Every page works without it.
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);

  // A counter of characters: <p data-counts="field" data-said="{count} / {most}">.
  for (const told of document.querySelectorAll("[data-counts]")) {
    const field = byId(told.dataset.counts);
    const before = told.textContent;
    const tell = () => {
      const count = field.value.length;
      told.textContent = count
        ? told.dataset.said.replace("{count}", count.toLocaleString(document.documentElement.lang)).replace("{most}", field.maxLength.toLocaleString(document.documentElement.lang))
        : before;
    };
    field.addEventListener("input", tell);
    tell();
  }

  // A link that fills a field with its own words.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-fills]");
    if (!link) return;
    event.preventDefault();
    const field = byId(link.dataset.fills);
    field.value = link.textContent.trim();
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
    field.scrollIntoView({ block: "center" });
  });

  // Errors are read first.
  document.querySelector("[data-focus]")?.focus();

  // Where the field that was used is gone with what it stood for, reading goes on from its section.
  document.addEventListener("htmx:afterSettle", () => {
    if (document.activeElement === document.body) byId("compris")?.focus({ preventScroll: true });
  });

  // What a part of a page could not show, the whole page says: too many requests, a failure.
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.elt instanceof HTMLFormElement) event.detail.elt.submit();
  });

  // A field with a list of proposals, by the ARIA combobox pattern; htmx brings the options.
  for (const field of document.querySelectorAll("[data-combo]")) combo(field);

  function combo(field) {
    const list = byId(field.dataset.combo);
    const code = document.querySelector(`[data-combo-code="${list.id}"]`);
    const status = document.querySelector(`[data-combo-status="${list.id}"]`);
    let at = -1;
    field.setAttribute("role", "combobox");
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", list.id);
    field.setAttribute("aria-expanded", "false");
    const options = () => [...list.querySelectorAll("[role=option]")];
    const show = (open) => {
      list.hidden = !open;
      field.setAttribute("aria-expanded", String(open));
      if (!open) mark(-1);
    };
    const mark = (next) => {
      at = next;
      options().forEach((option, i) => option.setAttribute("aria-selected", String(i === at)));
      const one = options()[at];
      if (one) {
        field.setAttribute("aria-activedescendant", one.id);
        one.scrollIntoView({ block: "nearest" });
      } else field.removeAttribute("aria-activedescendant");
    };
    const choose = (option) => {
      field.value = option.dataset.label;
      if (code) code.value = option.dataset.code;
      show(false);
      status.textContent = "";
    };
    list.addEventListener("htmx:afterSwap", () => {
      const count = options().length;
      const open = count > 0 && document.activeElement === field && field.value.trim() !== "";
      show(open);
      const said = count === 0 ? status.dataset.none : count === 1 ? status.dataset.one : status.dataset.many;
      status.textContent = said.replace("{count}", count);
    });
    field.addEventListener("input", () => {
      if (code) code.value = "";
      if (field.value.trim() === "") show(false);
    });
    field.addEventListener("blur", () => show(false));
    field.addEventListener("keydown", (event) => {
      const count = options().length;
      if (event.key === "Escape") show(false);
      else if (event.key === "Enter" && at >= 0) choose(options()[at]);
      else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && count) {
        if (list.hidden) show(true);
        mark((at + (event.key === "ArrowDown" ? 1 : at < 0 ? 0 : -1) + count) % count);
      } else return;
      if (event.key !== "Escape") event.preventDefault();
    });
    list.addEventListener("mousedown", (event) => {
      const option = event.target.closest("[role=option]");
      event.preventDefault();
      if (option) choose(option);
    });
  }

  // What a script alone can do is shown by it alone.
  for (const made of document.querySelectorAll("[data-script]")) made.hidden = false;
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copies], [data-prints]");
    if (!button) return;
    if (button.hasAttribute("data-prints")) return window.print();
    const field = byId(button.dataset.copies);
    field.select();
    // Without TLS a browser gives no clipboard, but still copies what is selected.
    const written = navigator.clipboard?.writeText(field.value).then(() => true, () => false);
    if ((await written) || document.execCommand("copy")) button.textContent = button.dataset.done;
    button.focus();
  });
})();
