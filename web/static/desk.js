// Keys for the desk. Every page works without this file.
"use strict";
(() => {
  const $ = (s, from = document) => from.querySelector(s);
  const all = (s, from = document) => [...from.querySelectorAll(s)];
  const page = document.body.dataset.page;
  const cards = all(".card");
  const form = $("#triage") || $("#decide");
  const here = location.pathname + location.search;
  let at = -1;

  const memory = {
    get(key) { try { return JSON.parse(sessionStorage.getItem(key)); } catch { return null; } },
    set(key, value) { try { sessionStorage.setItem(key, JSON.stringify(value)); } catch { /* without memory, the place is lost */ } },
  };

  function focusCard(i, scroll = true) {
    if (!cards.length) return;
    i = Math.max(0, Math.min(i, cards.length - 1));
    cards[at]?.classList.remove("current");
    at = i;
    cards[at].classList.add("current");
    cards[at].focus({ preventScroll: true });
    if (scroll) cards[at].scrollIntoView({ block: "nearest" });
    memory.set("desk.at", { id: cards[at].id, i: at });
  }

  const picked = () => all('.card input[name="id"]:checked');

  function showPicked() {
    const out = $(".bulk .picked");
    if (!out) return;
    out.dataset.none ??= out.textContent;
    const n = picked().length;
    out.textContent = n ? out.dataset.picked.replace("{n}", n) : out.dataset.none;
  }

  // target makes sure that something is selected: the current card where
  // nothing is ticked.
  function target() {
    if (page === "lead") return true;
    if (!picked().length) {
      const box = cards[at] && $('input[name="id"]', cards[at]);
      if (!box) return false;
      box.checked = true;
      showPicked();
    }
    return true;
  }

  const button = (status) => all('button[name="status"]').find((b) => b.value === status && b.form === form);

  function submit(status) {
    const b = button(status);
    if (b && target()) form.requestSubmit(b);
  }

  function dismiss() {
    if (!button("dismissed")) return;
    if (target()) $("#dismiss")?.showModal();
  }

  function choose(reason) {
    for (const s of all('select[name="reason"]')) s.value = reason;
    $("#dismiss")?.close();
    submit("dismissed");
  }

  const assigner = () => all('button[name="do"][value="assign"]').find((b) => b.form === form);

  function assign() {
    if (assigner() && target()) $("#assign")?.showModal();
  }

  function give(person) {
    for (const s of all('select[name="assignee"]')) s.value = person;
    $("#assign")?.close();
    form.requestSubmit(assigner());
  }

  function go(step) {
    const list = memory.get("desk.list");
    const i = list ? list.hrefs.indexOf(location.pathname) : -1;
    if (i >= 0 && list.hrefs[i + step]) location.href = list.hrefs[i + step];
  }

  const keys = {
    j: () => (page === "lead" ? go(1) : focusCard(at + 1)),
    k: () => (page === "lead" ? go(-1) : focusCard(at - 1)),
    o: () => { if (cards[at]) location.href = cards[at].dataset.href; },
    x: () => { const box = cards[at] && $('input[name="id"]', cards[at]); if (box) { box.checked = !box.checked; showPicked(); } },
    c: () => submit("confirmed"),
    r: () => submit("review"),
    d: dismiss,
    a: assign,
    u: () => { if (page === "scan") location.href = "/scans"; else if (page !== "search") location.href = memory.get("desk.list")?.from || "/"; },
    "/": () => { const q = $("#q"); if (q) { q.focus(); q.select(); } else { location.href = "/"; } },
    "?": () => $("#help")?.showModal(),
  };

  // After g, the next key within five seconds names a page of the menu.
  const places = { l: "/", s: "/sources", r: "/scans" };
  let going = -Infinity;

  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
    const typing = e.target.closest("input:not([type=checkbox]):not([type=radio]), select, textarea");
    if (e.key === "Escape" && typing) { typing.blur(); return; }
    const open = $("dialog[open]");
    if (open) {
      const picks = /^[0-9]$/.test(e.key) ? all(".pick button", open) : [];
      const pick = e.key === "0" ? (open.id === "assign" ? picks.at(-1) : null) : picks[e.key - 1];
      if (pick) { e.preventDefault(); (open.id === "assign" ? give : choose)(pick.value); }
      return;
    }
    if (typing) return;
    const place = e.timeStamp - going < 5000 && $(`.top nav a[href="${places[e.key]}"]`);
    going = e.key === "g" ? e.timeStamp : -Infinity;
    if (place) { e.preventDefault(); place.click(); return; }
    const own = e.target.closest("a, button, summary, input");
    const act = keys[e.key] || (e.key === "Enter" && !own ? keys.o : null);
    if (act) { e.preventDefault(); act(); }
  });

  document.addEventListener("change", showPicked);
  document.addEventListener("click", (e) => {
    const facet = e.altKey && e.target.closest("a[data-not]");
    if (facet) { e.preventDefault(); location.href = facet.dataset.not; return; }
    const help = e.target.closest("a[data-help]");
    if (help && !e.ctrlKey && !e.metaKey && !e.shiftKey && $("#help")) { e.preventDefault(); $("#help").showModal(); return; }
    const reason = e.target.closest(".pick button");
    if (reason) { (reason.closest("#assign") ? give : choose)(reason.value); return; }
    // A click on a card's empty part makes it the current one.
    const card = e.target.closest(".card");
    if (card && !e.target.closest("a, input, button")) focusCard(cards.indexOf(card), false);
  });

  if (page === "search" && cards.length) {
    memory.set("desk.list", { from: here, hrefs: cards.map((c) => c.dataset.href) });
    const last = memory.get("desk.at");
    const i = last ? cards.findIndex((c) => c.id === last.id) : -1;
    if (i >= 0) focusCard(i);
    else if (last && new URLSearchParams(location.search).has("done")) focusCard(last.i);
    showPicked();
  }
  if (page === "lead") {
    const back = $('a[data-key="u"]');
    const from = memory.get("desk.list")?.from;
    if (back && from) back.href = from;
    memory.set("desk.at", { id: "c-" + decodeURIComponent(location.pathname.split("/").pop()), i: 0 });
  }
  // Says that the keys work from now on.
  document.body.dataset.keys = "on";
})();
