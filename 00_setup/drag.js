// Two vectors that can be dragged. The page moves the arrows at once; Python answers with numbers and the plane.
const SVG = "http://www.w3.org/2000/svg";
const SIZE = 380;
const COLOURS = { a: "#0072B2", b: "#D55E00" }; // as canvas.py has them
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

function add(parent, tag, attributes = {}, text = "") {
  const made = parent.appendChild(parent.namespaceURI === SVG || tag === "svg"
    ? document.createElementNS(SVG, tag) : document.createElement(tag));
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.textContent = text;
  return made;
}

function render({ model, el }) {
  const reach = model.get("reach"), step = model.get("step"), unit = SIZE / (2 * reach);
  const snap = (v) => Math.max(-reach, Math.min(reach, Math.round(Math.round(v / step) * step * 1e9) / 1e9));
  const place = ([x, y]) => [(reach + x) * unit, (reach - y) * unit];
  const said = (v) => `(${v.map((n) => String(+n.toFixed(3)).replace("-", "−")).join(", ")})`;

  el.classList.add("drag-vectors");
  el.setAttribute("data-lm-suppress-shortcuts", "true"); // arrows move the vector, not the notebook's selection
  const svg = add(el, "svg", { viewBox: `-14 -14 ${SIZE + 28} ${SIZE + 28}`, role: "group",
    "aria-label": "Two vectors from the origin. Tab to one, then move it with the arrow keys." });
  for (let line = Math.ceil(-reach); line <= reach; line++) {
    const [x, y] = place([line, line]), kind = line === 0 ? "axis" : "grid";
    add(svg, "line", { x1: x, x2: x, y1: 0, y2: SIZE, class: kind });
    add(svg, "line", { x1: 0, x2: SIZE, y1: y, y2: y, class: kind });
    if (line) {
      add(svg, "text", { x, y: SIZE / 2 + 14, class: "tick" }, said([line]).slice(1, -1));
      add(svg, "text", { x: SIZE / 2 - 9, y: y + 3.5, class: "tick" }, said([line]).slice(1, -1));
    }
  }
  const clip = `plane-${Math.random().toString(36).slice(2)}`; // what a matrix throws out of the frame is not drawn
  add(add(svg, "clipPath", { id: clip }), "rect", { width: SIZE, height: SIZE });
  const plane = add(svg, "g", { "clip-path": `url(#${clip})`, class: "plane" });
  const fall = add(svg, "line", { class: "fall" }), shadow = add(svg, "line", { class: "shadow" });
  const side = add(el, "div", { class: "side" });
  const numbers = add(side, "dl", { "aria-live": "polite" });
  const wrong = add(side, "div", { class: "wrong", role: "alert" });
  add(side, "p", { class: "how" }, "Drag a tip, or Tab to it and use the arrow keys (Shift: whole steps).");

  const arrows = {};
  for (const name of ["a", "b"]) {
    const group = add(svg, "g", { tabindex: 0, role: "slider", "aria-label": model.get("titles")[name], class: `arrow ${name}`,
      "aria-valuemin": -reach, "aria-valuemax": reach, style: `--colour:${COLOURS[name]}` });
    arrows[name] = { group, shaft: add(group, "line", { class: "shaft" }), head: add(group, "path", { class: "head" }),
      label: add(group, "text", { class: "name" }, model.get("labels")[name]), grip: add(group, "circle", { r: 15, class: "grip" }) };
    const move = (to) => {
      model.set(name, to.map(snap));
      model.save_changes();
    };
    const follow = (event) => {
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      move([at.x / unit - reach, reach - at.y / unit]);
    };
    group.addEventListener("pointerdown", (event) => {
      group.setPointerCapture(event.pointerId);
      group.focus();
      event.preventDefault();
    });
    group.addEventListener("pointermove", (event) => {
      if (group.hasPointerCapture(event.pointerId)) follow(event);
    });
    group.addEventListener("keydown", (event) => {
      const way = STEPS[event.key];
      if (!way) return;
      event.preventDefault();
      event.stopPropagation();
      const far = event.shiftKey ? Math.max(1, step) : step;
      move(model.get(name).map((n, i) => n + way[i] * far));
    });
  }

  function drawArrows() {
    for (const [name, parts] of Object.entries(arrows)) {
      const v = model.get(name), [x0, y0] = place([0, 0]), [x, y] = place(v);
      const length = Math.hypot(x - x0, y - y0) || 1, dx = (x - x0) / length, dy = (y - y0) / length;
      const back = Math.min(13, length), [bx, by] = [x - dx * back, y - dy * back];
      for (const [key, value] of Object.entries({ x1: x0, y1: y0, x2: bx, y2: by })) parts.shaft.setAttribute(key, value);
      parts.head.setAttribute("d", `M${x},${y} L${bx - dy * 5},${by + dx * 5} L${bx + dy * 5},${by - dx * 5} Z`);
      const reading = dx < -0.9 ? -1 : 1; // keep the name off the shaft
      parts.label.setAttribute("x", x + dx * 16 - dy * 4 * reading);
      parts.label.setAttribute("y", y + dy * 16 + 5);
      parts.grip.setAttribute("cx", x);
      parts.grip.setAttribute("cy", y);
      parts.group.setAttribute("aria-valuenow", v[0]);
      parts.group.setAttribute("aria-valuetext", said(v));
    }
  }
  function drawShadow() {
    const foot = model.get("shadow");
    for (const line of [fall, shadow]) line.style.display = foot.length ? "" : "none";
    if (!foot.length) return;
    const [x, y] = place(foot), [x0, y0] = place([0, 0]), [bx, by] = place(model.get("b"));
    for (const [key, value] of Object.entries({ x1: x0, y1: y0, x2: x, y2: y })) shadow.setAttribute(key, value);
    for (const [key, value] of Object.entries({ x1: bx, y1: by, x2: x, y2: y })) fall.setAttribute(key, value);
  }
  function drawPlane() {
    plane.replaceChildren();
    for (const [kind, points] of model.get("plane")) {
      add(plane, kind === "figure" ? "polygon" : "polyline", { class: kind, points: points.map(place).join(" ") });
    }
  }
  function drawNumbers() {
    numbers.replaceChildren();
    for (const name of ["a", "b"]) {
      add(numbers, "dt", { style: `color:${COLOURS[name]}` }, model.get("labels")[name]);
      add(numbers, "dd", {}, said(model.get(name)));
    }
    for (const [name, value] of model.get("numbers")) {
      add(numbers, "dt", {}, name);
      add(numbers, "dd", {}, value);
    }
    wrong.textContent = model.get("error");
  }
  const all = () => { drawPlane(); drawArrows(); drawShadow(); drawNumbers(); };
  const events = { "change:a": drawArrows, "change:b": drawArrows, "change:answered": all };
  for (const [event, draw] of Object.entries(events)) model.on(event, draw);
  all();
  return () => { for (const [event, draw] of Object.entries(events)) model.off(event, draw); };
}

export default { render };
