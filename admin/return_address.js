// Keeps the path of this tab over a sign-in elsewhere, and goes there once the user is back. It
// tries twice: another change of the address can end a navigation that has begun.
const NAME = "sluis.return";
const TRIES = 2;

export default function ({ data }) {
  const here = window.location.pathname + window.location.search;
  if (data === "keep") {
    window.sessionStorage.setItem(NAME, JSON.stringify({ path: here, left: TRIES }));
    return;
  }
  const kept = JSON.parse(window.sessionStorage.getItem(NAME) ?? "null");
  if (!kept) return;
  const isPath = kept.path.startsWith("/") && !kept.path.startsWith("//");
  if (kept.path === here || kept.left < 1 || !isPath) {
    window.sessionStorage.removeItem(NAME);
    return;
  }
  kept.left -= 1;
  window.sessionStorage.setItem(NAME, JSON.stringify(kept));
  window.location.replace(kept.path);
}
