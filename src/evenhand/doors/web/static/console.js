// Single keys on lists: j and k move, o opens. They can be switched off (WCAG 2.1.4) and never act while typing.
(() => {
  "use strict";
  const rows = [...document.querySelectorAll("[data-row]")];
  const hint = document.querySelector("[data-keys]");
  const toggle = document.querySelector("[data-keys-toggle]");
  if (!rows.length || !hint || !toggle) return;
  let on = localStorage.getItem("single-keys") !== "off";
  const show = () => toggle.setAttribute("aria-pressed", String(on));
  toggle.addEventListener("click", () => {
    on = !on;
    localStorage.setItem("single-keys", on ? "on" : "off");
    show();
  });
  hint.hidden = false;
  show();

  const target = (row) => row.querySelector("[data-open]") || row;
  const place = () => rows.findIndex((row) => row.contains(document.activeElement));
  const go = (i) => {
    const to = target(rows[Math.max(0, Math.min(rows.length - 1, i))]);
    to.focus();
    to.scrollIntoView({ block: "nearest" });
  };
  const acts = {
    j: () => go(place() + 1),
    k: () => go(place() < 0 ? 0 : place() - 1),
    o: () => place() >= 0 && (rows[place()].querySelector("[data-open]") || rows[place()].querySelector("summary"))?.click(),
  };
  document.addEventListener("keydown", (event) => {
    if (!on || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest("input, textarea, select")) return;
    const act = acts[event.key];
    if (act) {
      act();
      event.preventDefault();
    }
  });
})();
