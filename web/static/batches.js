// The work on batches, live. The page works without this file.
"use strict";
(() => {
  const box = document.querySelector("[data-events]");
  if (!box || !window.EventSource) return;
  const put = (el, text) => { if (el && el.textContent !== text) el.textContent = text; };
  // A page on which somebody is typing or ticking is not taken away.
  let touched = false;
  document.addEventListener("input", () => { touched = true; });

  function update(runs) {
    let over = false;
    for (const run of runs) {
      const el = box.querySelector(`[data-run="${run.id}"]`);
      if (!el || el.dataset.state !== run.state) { over = true; }
      if (!el) continue;
      put(el.querySelector('[data-f="words"]'), run.words);
      put(el.querySelector('[data-f="count"]'), run.done + " / " + run.total);
      put(el.querySelector('[data-f="note"]'), run.note);
      const bar = el.querySelector("progress");
      if (bar) { bar.max = Math.max(1, run.total); bar.value = run.done; }
    }
    // What ended has files, numbers and a log, which the page alone can show.
    if (over && !touched) location.reload();
  }

  let stream = null;
  function open() {
    stream?.close();
    stream = new EventSource(box.dataset.events);
    stream.onmessage = (e) => update(JSON.parse(e.data).runs.filter((run) => run.state === "running" || box.querySelector(`[data-run="${run.id}"]`)));
  }
  document.addEventListener("visibilitychange", () => { if (document.hidden) { stream?.close(); } else open(); });
  if (!document.hidden) open();
  document.body.dataset.live = "on";
})();
