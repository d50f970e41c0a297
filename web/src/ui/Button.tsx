//! Buttons, and links that look like buttons.
//!
//! Promises: a button that is busy says so, cannot be pressed twice, and keeps its width.

import { Link, type LinkComponentProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from "react-aria-components/Button";
import css from "./Button.module.css";
import { Spinner } from "./Spinner";

interface Look {
  readonly look?: "action" | "accent" | "plain" | "quiet" | "danger";
  readonly size?: "md" | "lg" | "sm";
  readonly wide?: boolean;
}

function classes({ look = "plain", size = "md", wide = false }: Look, more?: string): string {
  return [css.button, css[look], css[size], wide && css.wide, more].filter(Boolean).join(" ");
}

export interface ButtonProps extends Look, Omit<AriaButtonProps, "className" | "children" | "style"> {
  readonly children: ReactNode;
  readonly busy?: boolean;
  readonly className?: string;
}

export function Button({ look, size, wide, busy = false, className, children, ...rest }: ButtonProps) {
  const looks = { ...(look && { look }), ...(size && { size }), ...(wide && { wide }) };
  return (
    <AriaButton {...rest} isPending={busy} className={classes(looks, className)}>
      <span className={css.label}>{children}</span>
      {busy && <Spinner className={css.spinner ?? ""} />}
    </AriaButton>
  );
}

export function LinkButton({
  look,
  size,
  wide,
  className,
  ...rest
}: Look & LinkComponentProps<"a"> & { readonly className?: string }) {
  const looks = { ...(look && { look }), ...(size && { size }), ...(wide && { wide }) };
  return <Link {...rest} className={classes(looks, className)} />;
}
