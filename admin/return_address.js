// Keeps the path of this tab over a sign-on elsewhere. The identity provider leads back to the first
// page; from there it goes to the kept path. It tries twice: another change of the address can end a
// navigation that has begun.
const NAME = "sluis.return";
const FIRST = "/";
const TRIES = 2;

export default function ({ data }) {
  const { pathname, search } = window.location;
  if (data === "keep") {
    const kept = { path: pathname + search, left: TRIES };
    window.sessionStorage.setItem(NAME, JSON.stringify(kept));
    return;
  }
  const kept = JSON.parse(window.sessionStorage.getItem(NAME) ?? "null");
  if (!kept) return;
  const isElsewhere = /^\/[^/]/.test(kept.path);
  if (pathname !== FIRST || !isElsewhere || kept.left < 1) {
    window.sessionStorage.removeItem(NAME);
    return;
  }
  kept.left -= 1;
  window.sessionStorage.setItem(NAME, JSON.stringify(kept));
  window.location.replace(kept.path);
}
