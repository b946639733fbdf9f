// What saves key strokes. Without it, the form, its buttons and the links do the same.

const form = document.querySelector("#search");
const box = document.querySelector("#q");
const RESUME = "broadsheet.resume";
const KEYS = "broadsheet.keys";

// Where a browser keeps nothing for anybody, the page works without.
const storage = (kind) => {
  try {
    return window[kind];
  } catch {
    return undefined;
  }
};
const session = storage("sessionStorage");
const local = storage("localStorage");

for (const element of document.querySelectorAll(".at-once, .keys")) element.hidden = false;

// Addresses stay short: what is left empty is not sent.
form.addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData]) {
    if (value === "" && name !== "facets") formData.delete(name);
  }
});

// Going back brings a page as it was left: then the form says again what the results are of.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) form.reset();
});

// A tick is a search. The next page goes on where this one was left.
document.addEventListener("change", ({ target }) => {
  if (target.type !== "checkbox" || target.form !== form) return;
  if (target.checked) {
    for (const other of target.closest(".row")?.querySelectorAll("input") ?? []) {
      if (other !== target) other.checked = false;
    }
  }
  const { name, value } = target;
  session?.setItem(RESUME, JSON.stringify({ name, value, top: scrollY }));
  form.requestSubmit();
});

const left = JSON.parse(session?.getItem(RESUME) ?? null);
if (left) {
  session.removeItem(RESUME);
  scrollTo(0, left.top);
  for (const field of form.elements) {
    if (field.name === left.name && field.value === left.value) field.focus({ preventScroll: true });
  }
  // A live region speaks when something is put into it, not when a page begins with it.
  const count = document.querySelector("#count");
  if (count) setTimeout(() => count.replaceChildren(...count.childNodes), 300);
}

// Keys: "/" to the box, j and k from headline to headline; off for who dictates, or has other uses for them.
const keys = document.querySelector("#keys");
keys.checked = local?.getItem(KEYS) !== "off";
keys.addEventListener("change", () => local?.setItem(KEYS, keys.checked ? "on" : "off"));
document.addEventListener("keydown", (event) => {
  if (!keys.checked || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input:not([type=checkbox])")) return;
  if (event.key === "/") {
    event.preventDefault();
    box.focus();
    box.select();
  } else if (event.key === "j" || event.key === "k") {
    const headlines = [...document.querySelectorAll(".hits > li :is(h2, h3) a")];
    const here = headlines.findIndex((link) => link.closest("li").contains(document.activeElement));
    headlines[event.key === "j" ? here + 1 : Math.max(here - 1, 0)]?.focus();
  }
});

// Completion: a combobox, as the ARIA practices describe it.
const list = document.createElement("ul");
list.id = "completions";
list.className = "completions";
list.setAttribute("role", "listbox");
list.setAttribute("aria-label", "Completions");
list.hidden = true;
box.after(list);
for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) {
  box.setAttribute(name, value);
}
let chosen = -1;
let asking;

function show(suggestions) {
  chosen = -1;
  list.replaceChildren(
    ...suggestions.map(({ text, kind, count }, place) => {
      const option = document.createElement("li");
      const number = document.createElement("small");
      const name = document.createElement("bdi");
      name.textContent = asQuery({ text, kind });
      number.textContent = `${kind === "source" ? "source, " : ""}${count.toLocaleString("en")}`;
      option.append(name, number);
      option.id = `completion-${place}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        take(suggestions[place]);
      });
      return option;
    }),
  );
  list.suggestions = suggestions;
  list.hidden = suggestions.length === 0;
  box.setAttribute("aria-expanded", String(!list.hidden));
  box.removeAttribute("aria-activedescendant");
}

function choose(place) {
  list.children[chosen]?.setAttribute("aria-selected", "false");
  chosen = (place + list.children.length) % list.children.length;
  list.children[chosen].setAttribute("aria-selected", "true");
  box.setAttribute("aria-activedescendant", list.children[chosen].id);
}

// A phrase is taken as one: what was counted is its very words.
const asQuery = ({ text, kind }) => (kind === "phrase" ? `"${text.replaceAll('"', "")}"` : text);

function take({ text, kind }) {
  const field = document.createElement("input");
  if (kind === "source") {
    Object.assign(field, { type: "hidden", name: "source", value: text });
    form.append(field);
    box.value = "";
  } else if (kind === "word") {
    // What stands before the last word stays as it was typed.
    box.value = box.value.slice(0, box.value.lastIndexOf(" ") + 1) + text.slice(text.lastIndexOf(" ") + 1);
  } else {
    box.value = asQuery({ text, kind });
  }
  show([]);
  form.requestSubmit();
  // What is sent is settled: should the browser bring this page back as it is left, the next search is without.
  field.remove();
}

async function complete() {
  asking?.abort();
  const asked = (asking = new AbortController());
  const typed = box.value;
  if (!typed.trim() || typed.length > 200) return show([]);
  try {
    const address = `${box.dataset.suggestions}?${new URLSearchParams({ q: typed, limit: 8 })}`;
    const response = await fetch(address, { signal: asked.signal });
    if (response.ok) {
      const { suggestions } = await response.json();
      if (asked === asking && document.activeElement === box) show(suggestions);
    }
  } catch (error) {
    if (error.name !== "AbortError") show([]);
  }
}

let waiting;
box.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(complete, 120);
});
box.addEventListener("blur", () => show([]));
form.addEventListener("submit", () => clearTimeout(waiting));
box.addEventListener("keydown", (event) => {
  if (list.hidden || event.isComposing) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    choose(event.key === "ArrowDown" ? chosen + 1 : Math.max(chosen, 0) - 1);
  } else if (event.key === "Enter" && chosen >= 0) {
    event.preventDefault();
    take(list.suggestions[chosen]);
  } else if (event.key === "Escape") {
    event.preventDefault();
    show([]);
  }
});

// The histogram: a stretch of time under the pointer becomes the range of days.
const chart = document.querySelector(".chart");
if (chart) {
  const brush = chart.querySelector(".brush");
  const columns = [...chart.querySelectorAll("a")];
  let from = null;
  const under = (event) => {
    const { left, width } = chart.getBoundingClientRect();
    const place = Math.floor(((event.clientX - left) / width) * columns.length);
    return Math.min(Math.max(place, 0), columns.length - 1);
  };
  let dragged = false;
  chart.addEventListener("dragstart", (event) => event.preventDefault());
  chart.addEventListener("pointerdown", (event) => {
    dragged = false;
    from = event.button === 0 ? { place: under(event), x: event.clientX } : null;
  });
  chart.addEventListener("pointermove", (event) => {
    if (from === null || (!dragged && Math.abs(event.clientX - from.x) < 5)) return;
    if (!dragged) chart.setPointerCapture(event.pointerId);
    dragged = true;
    const [first, last] = [from.place, under(event)].sort((a, b) => a - b);
    brush.setAttribute("x", `${(100 * first) / columns.length}%`);
    brush.setAttribute("width", `${(100 * (last - first + 1)) / columns.length}%`);
  });
  chart.addEventListener("pointerup", (event) => {
    if (from === null || !dragged) return;
    const [first, last] = [from.place, under(event)].sort((a, b) => a - b);
    from = null;
    // Going back must not bring the mark of it.
    brush.setAttribute("width", "0");
    // Each link is the search within its own days: the first one's with the last one's end is that of the stretch.
    const address = new URL(columns[first].href.baseVal, location.href);
    address.searchParams.set("until", columns[last].dataset.until);
    location.assign(address);
  });
  chart.addEventListener("pointercancel", () => {
    from = null;
    brush.setAttribute("width", "0");
  });
  // The click that ends a drag follows no link.
  chart.addEventListener("click", (event) => dragged && event.preventDefault(), true);
}
