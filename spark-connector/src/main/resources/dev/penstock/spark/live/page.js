"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const at = id => document.getElementById(id);
  const state = { steps: [], validations: [], plan: {}, best: Infinity };
  const charts = [];
  const TIMELINE = "Above as planned from the times that its actions took, without communication; below as measured.";
  let dirty = false;

  const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const finite = value => (typeof value === "number" ? value : null); // JSON has NaN as a text
  const grouped = value => Math.round(value).toLocaleString("en-US");
  const fixed = (value, digits) => (finite(value) === null ? "NaN" : value.toFixed(digits));
  const bytes = value => (value >= 1e9 ? (value / 1e9).toFixed(2) + " GB" : (value / 1e6).toFixed(1) + " MB");
  const clock = millis => new Date(millis).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });

  function short(value) {
    const size = Math.abs(value);
    if (value === 0) return "0";
    if (size >= 1e6) return +(value / 1e6).toPrecision(3) + "M";
    if (size >= 1e4) return +(value / 1e3).toPrecision(3) + "k";
    return size < 1e-3 ? value.toExponential(1).replace(".0e", "e") : String(+value.toPrecision(4));
  }

  function duration(seconds) {
    const whole = Math.round(seconds);
    if (whole >= 3600) return Math.floor(whole / 3600) + "h " + String(Math.floor((whole % 3600) / 60)).padStart(2, "0") + "m";
    return whole >= 60 ? Math.floor(whole / 60) + "m " + String(whole % 60).padStart(2, "0") + "s" : whole + "s";
  }

  function element(tag, text, className) {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  function row(table, cells, numbers, header) {
    const made = element("tr");
    cells.forEach((cell, index) => made.append(element(header ? "th" : "td", cell, numbers[index] ? "number" : "")));
    table.append(made);
    return made;
  }

  function entry(list, millis, text, className) {
    const made = element("li");
    made.append(element("time", clock(millis)), element("span", text, className));
    at(list).append(made);
    at(list).scrollTop = at(list).scrollHeight;
  }

  function status(text, className) {
    at("status").textContent = text;
    at("status").className = "pill " + (className || "");
    at("done").className = className || "";
  }

  const handlers = {
    planned(event) {
      state.plan = event;
      document.title = event.runId + " – Penstock";
      at("where").textContent = event.runId + " → " + event.modelPath;
      status("trains");
      const stages = at("stages");
      const numbers = [true, true, true, true, false];
      row(stages, ["stage", "rank", "parameters", "cost", "modules"], numbers, true);
      event.stages.forEach(s => row(stages, [String(s.stage), String(s.rank), grouped(s.parameters), (100 * s.cost).toFixed(1) + "%", s.modules], numbers));
      Object.keys(event.params).sort().forEach(name => row(at("params"), [name, event.params[name]], []));
      memory(null);
      if (event.plan) drawing("Schedule of a pipeline step", "Each row is a rank, time goes to the right, numbers are microbatches; every action at unit cost. What is measured takes its place.", event.plan);
    },
    attempt(event) {
      entry("attempts", event.at, "attempt " + event.attempt + (event.after ? " goes on after step " + grouped(event.after) : " begins"));
    },
    attemptFailed(event) {
      entry("attempts", event.at, event.problem, "bad");
    },
    checkpoint(event) {
      entry("attempts", event.at, "checkpoint of step " + grouped(event.step), "good");
    },
    step(event) {
      const last = state.steps[state.steps.length - 1];
      if (!last || event.step[0] > last[0]) state.steps.push(event.step);
    },
    validation(event) {
      state.validations.push(event.validation);
    },
    measured(event) {
      memory(event.peaks);
      if (event.timeline) drawing("Step " + grouped(event.step) + " beside its plan", TIMELINE, event.timeline);
    },
    note(event) {
      entry("log", event.at, event.line);
    },
    failed(event) {
      status("failed", "failed");
      entry("log", event.at, event.problem, "bad");
    },
    completed(event) {
      state.steps = event.steps;
      state.validations = event.validations;
      state.over = true;
      status("done", "done");
      entry("log", event.at, "the model is in " + event.modelPath, "good");
      memory(event.peaks);
      phases(event.phases);
      if (event.timeline) drawing("Last pipeline step beside its plan", TIMELINE, event.timeline);
    },
  };

  function apply(event) {
    (handlers[event.type] || (() => {}))(event);
    dirty = true;
  }

  function drawing(title, note, svg) {
    at("timeline-card").hidden = false;
    at("timeline-title").textContent = title;
    at("timeline-note").textContent = note;
    at("timeline").innerHTML = svg;
  }

  const PARTS = [["weights", "--blue"], ["gradients", "--orange"], ["moments", "--purple"], ["activations", "--teal"], ["logits", "--red"], ["checkpoint", "--green"]];

  function legend(list, names) {
    list.replaceChildren();
    names.forEach(([name, color]) => {
      const item = element("li");
      const mark = element("i");
      mark.style.background = `var(${color})`;
      item.append(mark, name);
      list.append(item);
    });
  }

  function memory(peaks) {
    const ranks = state.plan.memory || [];
    const total = rank => PARTS.reduce((sum, [name]) => sum + rank[name], 0);
    const scale = Math.max(...ranks.map(total));
    at("memory").replaceChildren();
    ranks.forEach((rank, index) => {
      const box = element("div", undefined, "rank");
      const head = element("div", undefined, "head");
      const measured = peaks && peaks[index] ? ", process held " + bytes(peaks[index]) : "";
      head.append(element("b", "rank " + rank.rank), element("span", bytes(total(rank)) + " expected in tensors" + measured));
      const stack = element("div", undefined, "stack");
      PARTS.forEach(([name, color]) => {
        const part = element("i");
        part.style.width = (100 * rank[name]) / scale + "%";
        part.style.background = `var(${color})`;
        part.title = name + " " + bytes(rank[name]);
        stack.append(part);
      });
      box.append(head, stack);
      at("memory").append(box);
    });
    const list = element("ul", undefined, "legend");
    legend(list, PARTS);
    at("memory").append(list);
    if (peaks) at("memory").append(element("p", "A process holds the JVM and native libraries too, and ranks of one executor share it.", "quiet"));
  }

  function phases(seconds) {
    const names = Object.keys(seconds).filter(name => seconds[name] > 0);
    const all = names.reduce((sum, name) => sum + seconds[name], 0);
    if (!all) return;
    const colors = ["--quiet", "--teal", "--purple", "--orange", "--blue", "--green", "--red"];
    at("phases-card").hidden = false;
    at("phases").replaceChildren();
    names.forEach((name, index) => {
      const part = element("i");
      part.style.width = (100 * seconds[name]) / all + "%";
      part.style.background = `var(${colors[index % colors.length]})`;
      part.title = name;
      at("phases").append(part);
    });
    legend(at("phases-legend"), names.map((name, index) => [name + " " + (seconds[name] < 10 ? seconds[name].toFixed(1) + "s" : duration(seconds[name])), colors[index % colors.length]]));
  }

  function pace() {
    const recent = state.steps.slice(-50);
    const seconds = recent.reduce((sum, step) => sum + step[5], 0);
    const tokens = recent.reduce((sum, step) => sum + step[4], 0);
    return { tokens: tokens / seconds, step: seconds / recent.length };
  }

  function tiles() {
    const last = state.steps[state.steps.length - 1];
    if (!last) return;
    const known = state.plan.numSteps > 0; // a stream ends when it ends
    const all = known ? state.plan.numSteps : last[0];
    const { tokens, step } = pace();
    at("step").replaceChildren(grouped(last[0]), element("small", known ? " / " + grouped(all) : ""));
    at("done").style.width = (100 * last[0]) / all + "%";
    at("bar").setAttribute("aria-valuenow", Math.round((100 * last[0]) / all));
    at("loss").textContent = fixed(last[1], 4);
    at("speed").textContent = grouped(tokens);
    at("eta").textContent = state.over ? duration(state.steps.reduce((sum, s) => sum + s[5], 0)) : known ? duration((all - last[0]) * step) : "–";
    at("eta-label").textContent = state.over ? "in steps" : "to go";
    at("peak").textContent = last[6] ? bytes(last[6]) : "–";
    const validation = state.validations[state.validations.length - 1];
    at("validation-tile").hidden = !validation;
    if (validation) at("validation").textContent = fixed(validation[1], 4);
  }

  function smooth(values) {
    let mean = null;
    const weight = Math.max(0.05, Math.min(1, 60 / values.length));
    return values.map(value => {
      if (value !== null) mean = mean === null ? value : mean + weight * (value - mean);
      return value === null ? null : mean;
    });
  }

  function lossData() {
    const steps = state.steps.map(step => step[0]);
    const losses = state.steps.map(step => finite(step[1]));
    const found = new Map(state.validations.map(v => [v[0], finite(v[1])]));
    return [steps, losses, smooth(losses), steps.map(step => (found.has(step) ? found.get(step) : undefined))];
  }

  const column = value => () => [state.steps.map(step => step[0]), state.steps.map(value)];

  const CHARTS = [
    { id: "loss-chart", data: lossData, series: [["loss", "--faint", 1], ["smoothed", "--blue", 2], ["validation", "--orange", 2, true]] },
    { id: "norm-chart", data: column(step => finite(step[2])), series: [["norm", "--purple", 1.5]] },
    { id: "rate-chart", data: column(step => finite(step[3])), series: [["rate", "--teal", 1.5]] },
    { id: "speed-chart", data: column(step => (step[5] > 0 ? step[4] / step[5] : null)), series: [["tokens/s", "--green", 1.5]] },
  ];

  function size(definition) {
    const box = at(definition.id);
    const legend = definition.series.length === 1 ? 0 : box.clientWidth < 560 ? 54 : 28;
    return { width: box.clientWidth, height: box.clientHeight - legend };
  }

  function chart(definition) {
    const box = at(definition.id);
    const axis = { stroke: css("--quiet"), grid: { stroke: css("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
    const made = new uPlot(
      {
        ...size(definition),
        padding: [8, 16, 0, 0],
        legend: { show: definition.series.length > 1 },
        cursor: { y: false },
        scales: { x: { time: false } },
        axes: [
          { ...axis, size: 28, values: (_, values) => values.map(v => (Number.isInteger(v) ? short(v) : "")) },
          { ...axis, size: 56, values: (_, values) => values.map(short) },
        ],
        series: [
          { label: "step" },
          ...definition.series.map(([label, color, width, points]) => ({
            label, width, stroke: css(color), spanGaps: Boolean(points),
            points: points ? { show: true, size: 6, fill: css(color) } : { show: false },
            value: (_, value) => (value === null || value === undefined ? "–" : short(value)),
          })),
        ],
      },
      definition.data(),
      box,
    );
    made.definition = definition;
    return made;
  }

  function build() {
    charts.splice(0).forEach(old => old.destroy());
    CHARTS.forEach(definition => charts.push(chart(definition)));
    dirty = true;
  }

  function draw() {
    if (!dirty) return;
    dirty = false;
    tiles();
    charts.forEach(made => made.setData(made.definition.data()));
    setTimeout(lastInLegend); // behind the drawing, which empties it
  }

  function lastInLegend() {
    charts.forEach(made => {
      if (state.steps.length && made.cursor.left < 0) made.setLegend({ idx: state.steps.length - 1 });
    });
  }

  function listen() {
    const source = new EventSource("events?after=" + data.last);
    let over = false;
    source.onmessage = message => apply(JSON.parse(message.data));
    source.onopen = () => { if (!state.over) status("trains"); };
    source.addEventListener("end", () => { over = true; source.close(); });
    source.onerror = () => {
      if (!over && !state.over && at("status").textContent !== "failed") status("no connection");
    };
  }

  data.events.forEach(apply);
  build();
  draw();
  setInterval(draw, 500);
  new ResizeObserver(() => charts.forEach(made => made.setSize(size(made.definition)))).observe(document.querySelector("main"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", build);
  if (data.live) listen();
})();
