//! One of many, found by typing: time zones, currencies.

import { Button } from "react-aria-components/Button";
import { ComboBox } from "react-aria-components/ComboBox";
import { FieldError } from "react-aria-components/FieldError";
import { Input } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { ListBox, ListBoxItem } from "react-aria-components/ListBox";
import { Popover } from "react-aria-components/Popover";
import { Text } from "react-aria-components/Text";
import field from "../../ui/Field.module.css";
import css from "./Picker.module.css";

export interface PickerItem {
  readonly id: string;
  /** What is shown, and searched. */
  readonly text: string;
  readonly detail?: string;
}

export interface PickerProps {
  readonly label: string;
  readonly items: readonly PickerItem[];
  readonly value: string;
  readonly onChange: (id: string) => void;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
  readonly disabled?: boolean;
}

export function Picker({ label, items, value, onChange, hint, error, disabled = false }: PickerProps) {
  return (
    <ComboBox
      className={field.field ?? ""}
      defaultItems={items}
      selectedKey={value}
      onSelectionChange={key => key !== null && onChange(String(key))}
      isInvalid={error !== undefined}
      isDisabled={disabled}
      menuTrigger="focus"
      validationBehavior="aria"
    >
      <Label className={field.label ?? ""}>{label}</Label>
      <div className={css.box}>
        <Input className={`${field.input} ${css.input}`} />
        <Button className={css.open ?? ""}>
          <svg
            aria-hidden="true"
            width="16"
            height="16"
            viewBox="0 0 24 24"
            fill="none"
            stroke="currentColor"
            strokeWidth="2"
          >
            <path d="m6 9 6 6 6-6" />
          </svg>
        </Button>
      </div>
      {hint && error === undefined && (
        <Text slot="description" className={field.hint ?? ""}>
          {hint}
        </Text>
      )}
      <FieldError className={field.error ?? ""}>{error}</FieldError>
      <Popover className={css.popover ?? ""} offset={4}>
        <ListBox<PickerItem> className={css.list ?? ""}>
          {item => (
            <ListBoxItem id={item.id} textValue={item.text} className={css.item ?? ""}>
              <span>{item.text}</span>
              {item.detail && <span className={css.detail}>{item.detail}</span>}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}
