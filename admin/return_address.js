// Keeps the path of this tab over a sign-in elsewhere, and goes there once the user is back.
const NAME = "sluis.return";

export default function ({ data }) {
  const here = window.location.pathname + window.location.search;
  if (data === "keep") {
    window.sessionStorage.setItem(NAME, here);
    return;
  }
  const kept = window.sessionStorage.getItem(NAME);
  window.sessionStorage.removeItem(NAME);
  if (kept && kept !== here && kept.startsWith("/") && !kept.startsWith("//")) {
    window.location.replace(kept);
  }
}
