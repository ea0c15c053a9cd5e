// Completes names separated by commas: an input's list offers what it holds so far with the last name completed.

export function complete(input) {
  const offered = document.createElement("datalist");
  offered.id = `${input.id}-offered`;
  input.after(offered);
  input.setAttribute("list", offered.id);
  const isList = input.name === "tags";

  const offer = () => {
    const source = document.getElementById(input.dataset.complete);
    const names = Array.from(source.options, (option) => option.value);
    const parts = isList ? input.value.split(",") : [input.value];
    const last = parts.pop().trim().toLowerCase();
    const before = parts.map((part) => part.trim()).filter(Boolean);
    const used = new Set(before.map((name) => name.toLowerCase()));
    const fitting = names.filter((name) => !used.has(name.toLowerCase()) && name.toLowerCase().includes(last));
    offered.replaceChildren(
      ...fitting.slice(0, 12).map((name) => {
        const option = document.createElement("option");
        option.value = [...before, name].join(", ");
        return option;
      }),
    );
  };
  input.addEventListener("focus", offer);
  input.addEventListener("input", offer);
}
