// A source with line numbers: to read, with some lines marked, or to edit, with faults at their lines.
const PAUSE_MS = 500; // after the last key, before the text is sent

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".source");
  const field = root.querySelector(".text") ?? (data.editable ? area(root, data, setStateValue) : region(root, data));
  field.setAttribute("aria-label", data.label);
  number(root, field, data);
  root.style.height = field.style.height = `${data.height}px`;
  if (!data.editable) show(root, field, data);
}

function area(root, data, setStateValue) {
  const field = document.createElement("textarea");
  field.className = "text";
  field.spellcheck = false;
  field.value = data.text;
  let sent = data.text;
  let waiting;
  const send = () => {
    clearTimeout(waiting);
    if (field.value === sent) return;
    sent = field.value;
    setStateValue("text", sent);
  };
  field.addEventListener("input", () => {
    number(root, field, { ...data, faults: [] });
    clearTimeout(waiting);
    waiting = setTimeout(send, PAUSE_MS);
  });
  field.addEventListener("blur", send);
  follow(root, field);
  return field;
}

function region(root, data) {
  const field = document.createElement("pre");
  field.className = "text";
  field.tabIndex = 0;
  field.setAttribute("role", "region");
  follow(root, field);
  return field;
}

function follow(root, field) {
  const numbers = document.createElement("div");
  numbers.className = "numbers";
  numbers.setAttribute("aria-hidden", "true");
  field.addEventListener("scroll", () => (numbers.scrollTop = field.scrollTop));
  root.replaceChildren(numbers, field);
}

function number(root, field, data) {
  const lines = (data.editable ? field.value : data.text).split("\n").length;
  const faults = new Map(data.faults.map((fault) => [fault.line, fault.message]));
  const numbers = root.querySelector(".numbers");
  numbers.replaceChildren(
    ...Array.from({ length: lines }, (_, index) => {
      const line = document.createElement("div");
      line.textContent = String(index + 1);
      if (faults.has(index + 1)) {
        line.className = "fault";
        line.title = faults.get(index + 1);
      }
      return line;
    }),
  );
  numbers.scrollTop = field.scrollTop;
}

// Text nodes only: nothing in a source can become markup.
function show(root, field, data) {
  const [first, last] = data.chosen;
  field.replaceChildren(
    ...data.text.split("\n").map((text, index) => {
      const line = document.createElement("span");
      line.textContent = text;
      if (index + 1 >= first && index + 1 <= last) line.className = "chosen";
      return line;
    }),
  );
  const chosen = field.querySelector(".chosen");
  field.scrollTop = chosen ? Math.max(0, chosen.offsetTop - field.offsetTop - 24) : 0;
  root.querySelector(".numbers").scrollTop = field.scrollTop;
}
