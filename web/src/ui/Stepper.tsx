//! A small number, chosen with minus and plus. Every press says the new number.

import { useWords } from "../lib/useWords";
import { Button } from "./Button";
import { Icon } from "./Icon";
import css from "./Stepper.module.css";

export interface StepperProps {
  readonly label: string;
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly onChange: (value: number) => void;
}

export function Stepper({ label, value, least, most, onChange }: StepperProps) {
  const { t } = useWords();
  return (
    <fieldset className={css.stepper} aria-label={label}>
      <Button
        size="sm"
        aria-label={t("common.less")}
        isDisabled={value <= least}
        onPress={() => onChange(value - 1)}
      >
        <Icon name="minus" size={18} />
      </Button>
      <output className={`${css.value} numbers`} aria-live="polite">
        {value}
      </output>
      <Button
        size="sm"
        aria-label={t("common.plus")}
        isDisabled={value >= most}
        onPress={() => onChange(value + 1)}
      >
        <Icon name="plus" size={18} />
      </Button>
    </fieldset>
  );
}
