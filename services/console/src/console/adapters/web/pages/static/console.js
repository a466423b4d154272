// Keeps a page up to date: what stands in [data-live-seconds] is fetched anew and replaced when it differs.
// Everything works without this script, by reloading the page.
"use strict";
(() => {
  const MOST_SECONDS = 60;
  let failures = 0;

  const parts = () => [...document.querySelectorAll("[data-live-seconds]")];

  function waitSeconds() {
    const wanted = Math.min(...parts().map((part) => Number(part.dataset.liveSeconds) || 5));
    return Math.min(wanted * 2 ** failures, MOST_SECONDS);
  }

  function inUse(part) {
    const active = document.activeElement;
    const typing = active && part.contains(active) && active.matches("input, select, textarea");
    return typing || part.querySelector("details[open] form") !== null;
  }

  function replace(part, fresh) {
    if (part.innerHTML === fresh.innerHTML) return;
    const active = document.activeElement;
    const focused = active && part.contains(active) ? active.id || active.getAttribute("href") : null;
    const opened = [...part.querySelectorAll("details[open][id]")].map((each) => each.id);
    part.replaceWith(fresh);
    opened.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
    if (focused) {
      const again = [...fresh.querySelectorAll("[id], [href]")].find(
        (each) => each.id === focused || each.getAttribute("href") === focused,
      );
      again?.focus({ preventScroll: true });
    }
  }

  function tellGone() {
    const banner = document.createElement("p");
    banner.className = "notice";
    banner.setAttribute("role", "status");
    banner.textContent = document.body.dataset.gone;
    document.getElementById("content").prepend(banner);
  }

  async function update() {
    const answer = await fetch(location.href, { headers: { "X-Asked-By-Script": "1" }, redirect: "manual" });
    if (answer.type === "opaqueredirect") {
      tellGone();
      return false;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of parts()) {
      const fresh = page.getElementById(part.id);
      if (fresh && !inUse(part)) replace(part, fresh);
    }
    return true;
  }

  async function round() {
    if (document.hidden) return plan();
    try {
      if (!(await update())) return;
      failures = 0;
    } catch {
      failures += 1;
    }
    plan();
  }

  function plan() {
    if (parts().length) setTimeout(round, waitSeconds() * 1000);
  }

  // A button that was pressed is not pressed again by a second click.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) event.preventDefault();
    // A download leaves the page where it is, and may be asked for again.
    if (form.method === "post" && !("sentOften" in form.dataset)) form.dataset.sent = "1";
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
  // On a phone rooms and tabs scroll sideways; what is open is in sight.
  document.querySelectorAll(".rooms [aria-current], .tabs [aria-current]").forEach((open) => {
    const strip = open.closest("nav");
    strip.scrollLeft = open.offsetLeft - strip.offsetLeft - (strip.clientWidth - open.offsetWidth) / 2;
  });
  plan();
})();
