// Running scans, live. The page works without this file.
"use strict";
(() => {
  const box = document.querySelector("[data-events]");
  const blank = document.getElementById("run-blank");
  if (!box || !blank || !window.EventSource) return;
  const list = box.querySelector(".runs");
  const words = box.querySelector("[data-words]");
  const state = (name) => {
    for (const s of box.querySelectorAll("[data-state]")) s.hidden = s.dataset.state !== name;
    box.querySelector("[data-reload]").hidden = name === "on";
  };
  const put = (el, text) => { if (el.textContent !== text) el.textContent = text; };

  function show(el, scan) {
    for (const f of el.querySelectorAll("[data-f]")) {
      const text = scan.text[f.dataset.f] ?? "";
      put(f, text);
      f.closest(".bit").classList.toggle("none", text === "");
    }
    for (const part of scan.bar) {
      const rect = el.querySelector(`[data-part="${part.name}"]`);
      rect?.setAttribute("x", part.x);
      rect?.setAttribute("width", part.w);
    }
    el.querySelector("[data-label]").setAttribute("aria-label", scan.text.label);
    el.querySelector("[data-since]").dateTime = scan.started;
    if (scan.link) el.querySelector("[data-link]").href = scan.link;
  }

  function update(view) {
    const known = new Map([...list.children].map((el) => [el.dataset.scan, el]));
    for (const scan of view.scans) {
      let el = known.get(scan.id);
      known.delete(scan.id);
      if (!el) {
        el = blank.content.firstElementChild.cloneNode(true);
        el.dataset.scan = scan.id;
      }
      show(el, scan);
      if (el !== list.children[view.scans.indexOf(scan)]) list.insertBefore(el, list.children[view.scans.indexOf(scan)] ?? null);
    }
    for (const el of known.values()) el.remove();
    put(words, view.words);
    if (known.size) refresh();
  }

  // refresh fetches the table of finished scans. An XMLHttpRequest parses it
  // without running anything and without a string ever becoming markup here.
  let asking = null;
  function refresh() {
    asking?.abort();
    const ask = asking = new XMLHttpRequest();
    ask.open("GET", box.dataset.finished);
    ask.responseType = "document";
    ask.onload = () => {
      const fresh = ask.status === 200 && ask.response?.getElementById("finished");
      const old = document.getElementById("finished");
      // A table that somebody reads with the keyboard is not taken away.
      if (!fresh || !old) return;
      if (old.contains(document.activeElement)) { old.addEventListener("focusout", refresh, { once: true }); return; }
      const open = new Set([...old.querySelectorAll("tr:has(details[open])")].map((tr) => tr.querySelector("time")?.dateTime));
      for (const tr of fresh.querySelectorAll("tr")) {
        const d = tr.querySelector("details");
        if (d && open.has(tr.querySelector("time")?.dateTime)) d.open = true;
      }
      old.replaceWith(document.importNode(fresh, true));
    };
    ask.send();
  }

  let stream = null, again = 0, missed = false;
  function close() {
    clearTimeout(again);
    stream?.close();
    stream = null;
  }
  function open() {
    close();
    stream = new EventSource(box.dataset.events);
    stream.onopen = () => { state("on"); if (missed) { missed = false; refresh(); } };
    stream.onmessage = (e) => update(JSON.parse(e.data));
    stream.onerror = () => {
      state("off");
      missed = true;
      // The browser tries again by itself, but not after an answer that was refused.
      if (stream?.readyState === EventSource.CLOSED) again = setTimeout(open, 30000);
    };
  }
  // A page that nobody looks at holds no connection.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { close(); missed = true; } else open();
  });
  if (!document.hidden) open();
})();
