// One key for every action: controls name theirs in data-key. Single keys can be switched off (WCAG 2.1.4) and never
// act while typing. Everything here also works without this file, as plain links and forms.
(() => {
  "use strict";
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const toggle = document.querySelector("[data-keys-toggle]");
  const foot = document.querySelector("[data-keys]");
  const rows = all("[data-row]");
  let on = localStorage.getItem("single-keys") !== "off";

  if (toggle && foot) {
    const show = () => toggle.setAttribute("aria-pressed", String(on));
    toggle.addEventListener("click", () => {
      on = !on;
      localStorage.setItem("single-keys", on ? "on" : "off");
      show();
    });
    foot.hidden = false;
    show();
  }

  const words = (control) => {
    const label = control.labels?.[0] || control;
    const copy = label.cloneNode(true);
    all("kbd, input, textarea, select", copy).forEach((part) => part.remove());
    return copy.textContent.trim().replace(/\s+/g, " ");
  };
  const run = (control) => {
    const details = control.closest("details");
    if (control.matches("summary")) {
      details.open = true;
      details.scrollIntoView({ block: "nearest" });
      (details.querySelector("input:not([type=hidden]), textarea, select") || control).focus();
    } else if (control.matches("textarea, input:not([type=radio]), select")) {
      if (details) details.open = true;
      control.focus();
      // What stands there already goes on: a machine's sentence is not to be written into from the front.
      if (control.matches("textarea")) control.setSelectionRange(control.value.length, control.value.length);
    } else if (control.matches("[type=radio]")) {
      control.checked = true;
      const facts = control.form.querySelector("[name=facts]");
      (facts && !facts.value && control.name === "action" ? facts : control).focus();
    } else {
      control.click();
    }
  };
  const target = (row) => row.querySelector("[data-open]") || row;
  const place = () => rows.findIndex((row) => row.contains(document.activeElement));
  const go = (i) => {
    if (!rows.length) return false;
    const to = target(rows[Math.max(0, Math.min(rows.length - 1, i))]);
    to.focus();
    to.scrollIntoView({ block: "nearest" });
    return true;
  };
  const lists = { j: () => go(place() + 1), k: () => go(place() < 0 ? 0 : place() - 1), o: () => place() >= 0 && (target(rows[place()]).click(), true) };

  const help = document.getElementById("help");
  const openHelp = () => {
    const list = help.querySelector("dl");
    list.replaceChildren();
    for (const control of all("[data-key]")) {
      const [term, what, key] = [document.createElement("dt"), document.createElement("dd"), document.createElement("kbd")];
      key.textContent = control.dataset.key;
      term.append(key);
      what.textContent = words(control);
      list.append(term, what);
    }
    help.showModal();
  };

  const palette = document.getElementById("palette");
  const openPalette = () => {
    const input = palette.querySelector("input");
    const list = palette.querySelector("ul");
    const choices = all("[data-key], .top nav a, main a.button, main h2[id]").map((control) => [words(control), control]);
    let shown = [];
    let at = 0;
    const mark = () => shown.forEach(([, , option], i) => {
      option.setAttribute("aria-selected", String(i === at));
      if (i === at) {
        input.setAttribute("aria-activedescendant", option.id);
        option.scrollIntoView({ block: "nearest" });
      }
    });
    const fill = () => {
      const asked = input.value.toLowerCase().split(/\s+/);
      list.replaceChildren();
      at = 0;
      shown = choices.filter(([name]) => asked.every((word) => name.toLowerCase().includes(word))).slice(0, 40);
      shown = shown.map(([name, control], i) => {
        const option = document.createElement("li");
        option.id = `choice-${i}`;
        option.setAttribute("role", "option");
        option.textContent = name;
        option.addEventListener("click", () => take(control));
        list.append(option);
        return [name, control, option];
      });
      if (!shown.length) input.removeAttribute("aria-activedescendant");
      mark();
    };
    const take = (control) => {
      palette.close();
      if (control.matches("h2")) {
        control.tabIndex = -1;
        control.scrollIntoView();
        control.focus();
      } else run(control);
    };
    input.oninput = fill;
    input.onkeydown = (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && shown.length) {
        at = (at + step + shown.length) % shown.length;
        mark();
      } else if (event.key === "Enter") {
        if (shown[at]) take(shown[at][1]);
      } else return;
      event.preventDefault();
    };
    input.value = "";
    fill();
    palette.showModal();
    input.focus();
  };
  document.querySelector("[data-palette]")?.addEventListener("click", openPalette);

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && palette) {
      event.preventDefault();
      if (!palette.open) openPalette();
      return;
    }
    const form = event.target.closest?.("form");
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      const decide = document.querySelector("[data-decide]");
      const send = form?.matches("[data-decide]") || !form ? decide : form;
      if (send) {
        event.preventDefault();
        send.requestSubmit(send.querySelector("button"));
      }
      return;
    }
    if (!on || event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
    if (event.target.closest?.("textarea, select, input:not([type=radio]):not([type=checkbox])")) return;
    if (event.key === "Enter") return;
    if (event.key === "?" && help) openHelp();
    else if (!(lists[event.key] && lists[event.key]())) {
      const control = all("[data-key]").find((one) => one.dataset.key === event.key && !one.disabled);
      if (!control) return;
      run(control);
    }
    event.preventDefault();
  });

  for (const clock of all("[data-countdown]")) {
    const end = performance.now() + 1000 * Number(clock.dataset.countdown);
    const bar = clock.closest(".undo");
    const number = /[\d٠-٩۰-۹]+/;
    const timer = setInterval(() => {
      const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
      clock.textContent = clock.textContent.replace(number, String(left));
      if (left) return;
      clearInterval(timer);
      if (bar) bar.hidden = true;
    }, 1000);
  }
  // What stood in the page from the start is not read out by itself: it is put into a region that was empty.
  const said = document.querySelector("[data-said]");
  const news = all("[role=status]").filter((one) => !one.hidden).map((one) => words(one.querySelector("p") || one));
  if (said && news.length) setTimeout(() => (said.textContent = news.join(" ")), 100);
})();
