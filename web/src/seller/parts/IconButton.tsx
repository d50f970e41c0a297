//! A small button that is only a picture; its name is spoken, and shown when one rests on it.

import type { ReactNode } from "react";
import { Button } from "react-aria-components/Button";
import { Tooltip, TooltipTrigger } from "react-aria-components/Tooltip";
import css from "./IconButton.module.css";

const PATHS = {
  up: "M12 19V6m-6 6 6-6 6 6",
  down: "M12 5v13m6-6-6 6-6-6",
  copy: "M9 9h10.5v10.5H9zM15 9V4.5H4.5V15H9",
  bin: "M5 7h14M10 7V4.5h4V7m-7 0 .8 12.5h8.4L17 7M10.5 10.5v5.5m3-5.5v5.5",
  rows: "M4 7h16M4 12h10M4 17h16M18.5 9.8v4.4M16.3 12h4.4",
} as const;

export interface IconButtonProps {
  readonly icon: keyof typeof PATHS;
  readonly label: string;
  readonly onPress: () => void;
  readonly disabled?: boolean;
  readonly expanded?: boolean;
  readonly children?: ReactNode;
}

export function IconButton({ icon, label, onPress, disabled = false, expanded, children }: IconButtonProps) {
  return (
    <TooltipTrigger delay={500}>
      <Button
        className={css.button ?? ""}
        aria-label={label}
        isDisabled={disabled}
        onPress={onPress}
        data-move={icon === "up" || icon === "down" || undefined}
        {...(expanded !== undefined && { "aria-expanded": expanded })}
      >
        <svg
          aria-hidden="true"
          focusable="false"
          width="18"
          height="18"
          viewBox="0 0 24 24"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.7"
          strokeLinecap="round"
          strokeLinejoin="round"
        >
          <path d={PATHS[icon]} />
        </svg>
        {children}
      </Button>
      <Tooltip className={css.tooltip ?? ""} offset={4}>
        {label}
      </Tooltip>
    </TooltipTrigger>
  );
}
