// Bytes, characters and words of one field carry the same data-l: to touch one is to light up all.
(() => {
  const inspector = document.getElementById("inspector");
  const hint = inspector.innerHTML;
  inspector.hidden = false;
  const fields = new Map();
  for (const element of document.querySelectorAll("[data-l]")) {
    for (const field of element.dataset.l.split(" ")) {
      if (!fields.has(field)) fields.set(field, []);
      fields.get(field).push(element);
    }
  }
  const tied = (names) => (names ?? "").split(" ").flatMap((field) => fields.get(field) ?? []);
  const chips = [...document.querySelectorAll(".chips [data-l]")];
  const units = [...document.querySelectorAll(".unit")];
  let lit = null, pinned = null;

  const light = (names) => {
    if (names === lit) return;
    for (const element of tied(lit)) element.classList.remove("on");
    lit = names;
    const elements = tied(names);
    for (const element of elements) {
      if (!element.matches(".top .name")) element.classList.add("on");
    }
    describe(elements.find((element) => element.dataset.name));
  };

  const describe = (chip) => {
    if (!chip) { inspector.innerHTML = hint; return; }
    const { name, from, to, bits, note, section, hex } = chip.dataset;
    const pieces = [["b", name], ["span", `bytes ${from}–${to - 1} · ${to - from} in all`, "where"], ["span", hex, "raw"]];
    if (note) pieces.push(["span", note]);
    if (section) pieces.push(["span", section, "where"]);
    if (to - from === 1) pieces[1][1] = bits ? `${bits} of byte ${from}` : `byte ${from}`;
    inspector.replaceChildren(...pieces.map(([tag, text, kind]) => {
      const piece = document.createElement(tag);
      piece.textContent = text;
      if (kind) piece.className = kind;
      return piece;
    }));
  };

  const fieldAt = (target) => target.closest?.("[data-l]")?.dataset.l ?? null;
  document.addEventListener("pointerover", (event) => light(fieldAt(event.target) ?? pinned));
  document.addEventListener("focusin", (event) => light(fieldAt(event.target) ?? pinned));
  document.addEventListener("click", (event) => {
    const field = fieldAt(event.target);
    if (field === null || event.target.closest(".section, summary")) return;
    event.preventDefault();
    pinned = pinned === field ? null : field;
    history.replaceState(null, "", pinned ? `#f${pinned}` : location.pathname + location.search);
    light(pinned);
  });

  // Arrow keys: left and right go from field to field, up and down from unit to unit.
  const step = (list, from, by) => list[Math.min(Math.max(from + by, 0), list.length - 1)];
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Escape") { pinned = null; light(null); return; }
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!by) return;
    const active = document.activeElement;
    const unit = active.closest?.(".unit");
    if (!unit) return;
    event.preventDefault();
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      step(units, units.indexOf(unit), by)?.focus();
    } else {
      const chip = chips.indexOf(active);
      const first = chips.findIndex((candidate) => unit.contains(candidate));
      (chip < 0 ? chips[first] : step(chips, chip, by))?.focus();
    }
  });

  const named = decodeURIComponent(location.hash).match(/^#f(.+)$/);
  if (named) { pinned = named[1]; light(pinned); }
})();
