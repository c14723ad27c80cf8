import { mount } from "svelte";

import "./page.css";
import Assistant from "./Assistant.svelte";
import type { PageSettings } from "./api.ts";

// The login page has the style sheet alone.
const target = document.getElementById("assistant");
const settings = document.getElementById("page");
if (target && settings) {
  target.replaceChildren();
  mount(Assistant, { target, props: { settings: JSON.parse(settings.textContent ?? "{}") as PageSettings } });
}
