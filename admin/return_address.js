// Keeps the path of this tab over a sign-on elsewhere. The identity provider leads back to the first
// page; from there it goes to the kept path. It tries twice: another change of the address can end a
// navigation that has begun.
const NAME = "sluis.return";
const FIRST = "/";
const TRIES = 2;
let touched = Date.now();
let lapsed = false;
let idleMs = 0;

export default function ({ data }) {
  if (data.mode === "keep") keep(location(), false);
  else follow(data.idle_s * 1000);
}

const location = () => window.location.pathname + window.location.search;
const kept = () => JSON.parse(window.sessionStorage.getItem(NAME) ?? "null");
const isElsewhere = path => /^\/[^/]/.test(path);

function keep(path, idle) {
  // After an idle session the provider leads to the first page, which then asks for the sign-on.
  if (path === FIRST && kept()?.idle) return;
  window.sessionStorage.setItem(NAME, JSON.stringify({ path, idle, left: TRIES }));
}

function follow(idle) {
  watch(idle);
  const found = kept();
  if (!found) return;
  if (window.location.pathname !== FIRST || !isElsewhere(found.path) || found.left < 1) {
    window.sessionStorage.removeItem(NAME);
    return;
  }
  window.sessionStorage.setItem(NAME, JSON.stringify({ ...found, left: found.left - 1 }));
  window.location.replace(found.path);
}

// A page that goes after so long without activity is left by the end of an idle session.
function watch(idle) {
  const watches = idleMs > 0;
  idleMs = idle;
  if (watches || !idle) return;
  for (const name of ["pointerdown", "keydown"]) window.addEventListener(name, touch, true);
  window.addEventListener("pagehide", () => {
    touch();
    if (lapsed) keep(location(), true);
  });
}

function touch() {
  const now = Date.now();
  lapsed ||= now - touched >= idleMs;
  touched = now;
}
