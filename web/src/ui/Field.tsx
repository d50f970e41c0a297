//! A text field with its label, hint and error, tied together for screen readers.

import type { InputHTMLAttributes, ReactNode } from "react";
import { FieldError } from "react-aria-components/FieldError";
import { Input } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { Text } from "react-aria-components/Text";
import { TextField, type TextFieldProps } from "react-aria-components/TextField";
import css from "./Field.module.css";

export interface FieldProps extends Omit<TextFieldProps, "className" | "children" | "style"> {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly error?: string | undefined;
  readonly input?: InputHTMLAttributes<HTMLInputElement>;
}

export function Field({ label, hint, error, input, ...rest }: FieldProps) {
  return (
    <TextField
      {...rest}
      isInvalid={error !== undefined}
      validationBehavior="aria"
      className={css.field ?? ""}
    >
      <Label className={css.label ?? ""}>{label}</Label>
      <Input className={css.input ?? ""} {...input} />
      {/* Always there: the field looks for it once, and a hint may come later. */}
      <Text slot="description" className={css.hint ?? ""}>
        {error === undefined && hint}
      </Text>
      <FieldError className={css.error ?? ""}>{error}</FieldError>
    </TextField>
  );
}
