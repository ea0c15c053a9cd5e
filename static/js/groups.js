// Leaves one heading to each day or month of a wall, after cards have been added above those that were there.
export function mergeGroups(wall) {
  const seen = new Set();
  for (const heading of wall.querySelectorAll("[data-group]")) {
    const { group } = heading.dataset;
    if (seen.has(group)) heading.remove();
    seen.add(group);
  }
}
