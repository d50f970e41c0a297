//! A text of several lines with its label, hint and error.

import { FieldError } from "react-aria-components/FieldError";
import { Label } from "react-aria-components/Label";
import { Text } from "react-aria-components/Text";
import { TextArea } from "react-aria-components/TextArea";
import { TextField } from "react-aria-components/TextField";
import field from "../../ui/Field.module.css";
import css from "./Area.module.css";

export interface AreaProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: string;
  readonly error?: string | undefined;
}

export function Area({ label, value, onChange, hint, error }: AreaProps) {
  return (
    <TextField
      className={field.field ?? ""}
      value={value}
      onChange={onChange}
      isInvalid={error !== undefined}
      validationBehavior="aria"
    >
      <Label className={field.label ?? ""}>{label}</Label>
      <TextArea className={`${field.input} ${css.area}`} rows={4} />
      {hint && error === undefined && (
        <Text slot="description" className={field.hint ?? ""}>
          {hint}
        </Text>
      )}
      <FieldError className={field.error ?? ""}>{error}</FieldError>
    </TextField>
  );
}
