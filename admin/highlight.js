// Builds the marked text from text nodes, so that nothing in the text can become markup.
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".marked");
  root.replaceChildren();
  for (const piece of data) {
    if (!piece.label) {
      root.append(document.createTextNode(piece.text));
      continue;
    }
    const mark = document.createElement("mark");
    mark.className = ["personal", "secret", "label", "topic"].includes(piece.kind) ? piece.kind : "other";
    mark.append(document.createTextNode(piece.text));
    const label = document.createElement("span");
    label.textContent = `${piece.label} ${piece.score} · ${piece.tier}`;
    mark.append(label);
    root.append(mark);
  }
}
