// Zoom and drag for the link graph: buttons, dragging, Ctrl and the wheel, and the keys + - 0.
"use strict";

document.querySelectorAll(".graph-view svg.graph").forEach((svg) => {
  const whole = svg.viewBox.baseVal;
  const start = { x: whole.x, y: whole.y, width: whole.width, height: whole.height };
  const view = { ...start };
  const show = () => svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);

  function zoom(factor, at = { x: view.x + view.width / 2, y: view.y + view.height / 2 }) {
    const width = Math.min(start.width, Math.max(start.width / 8, view.width * factor));
    const scale = width / view.width;
    view.x = at.x - (at.x - view.x) * scale;
    view.y = at.y - (at.y - view.y) * scale;
    view.width = width;
    view.height *= scale;
    show();
  }

  function reset() {
    Object.assign(view, start);
    show();
  }

  const tools = document.createElement("p");
  tools.className = `tools ${svg.classList.contains("narrow") ? "narrow" : "wide"}`;
  [["Zoom in", "+", () => zoom(0.7)], ["Zoom out", "−", () => zoom(1 / 0.7)], ["Whole graph", "Reset", reset]]
    .forEach(([label, text, act]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "quiet";
      button.textContent = text;
      button.setAttribute("aria-label", label);
      button.addEventListener("click", act);
      tools.append(button);
    });
  svg.before(tools);

  svg.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    zoom(event.deltaY > 0 ? 1.15 : 1 / 1.15, point);
  }, { passive: false });

  svg.addEventListener("keydown", (event) => {
    const act = { "+": () => zoom(0.7), "=": () => zoom(0.7), "-": () => zoom(1 / 0.7), 0: reset }[event.key];
    if (!act || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    act();
  });

  // A short press is a click on an article; a longer way is a drag.
  let from = null;
  let isDrag = false;
  svg.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || view.width === start.width) return;
    from = { x: event.clientX, y: event.clientY, left: view.x, top: view.y };
    isDrag = false;
  });
  addEventListener("pointermove", (event) => {
    if (!from) return;
    const scale = view.width / svg.getBoundingClientRect().width;
    const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
    isDrag = isDrag || Math.hypot(dx, dy) > 4;
    if (!isDrag) return;
    view.x = from.left - dx * scale;
    view.y = from.top - dy * scale;
    show();
  });
  addEventListener("pointerup", () => { from = null; });
  svg.addEventListener("click", (event) => {
    if (isDrag) event.preventDefault();
    isDrag = false;
  }, true);
  svg.addEventListener("dragstart", (event) => event.preventDefault());
});
