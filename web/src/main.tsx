//! The application's entry.

import "./ui/tokens.css";
import "./ui/base.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App, fetchPage } from "./app/App";
import { startLanguage } from "./i18n/index";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has an element #root");
const words = startLanguage();
fetchPage();
await words;
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
