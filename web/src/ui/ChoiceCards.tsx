//! A choice of one among a few, each with a line that explains it.

import type { ReactNode } from "react";
import { Label } from "react-aria-components/Label";
import { Radio, RadioGroup } from "react-aria-components/RadioGroup";
import css from "./ChoiceCards.module.css";

export interface Choice {
  readonly value: string;
  readonly title: ReactNode;
  readonly detail?: ReactNode;
  /** What stands at the end of the line. */
  readonly end?: ReactNode;
  readonly disabled?: boolean;
}

export interface ChoiceCardsProps {
  readonly label: string;
  readonly value: string | null;
  readonly choices: readonly Choice[];
  readonly onChange: (value: string) => void;
  readonly disabled?: boolean;
  readonly compact?: boolean;
  readonly hideLabel?: boolean;
}

export function ChoiceCards({
  label,
  value,
  choices,
  onChange,
  disabled = false,
  compact = false,
  hideLabel = false,
}: ChoiceCardsProps) {
  return (
    <RadioGroup
      className={css.group ?? ""}
      value={value}
      onChange={onChange}
      isDisabled={disabled}
      data-compact={compact || undefined}
    >
      <Label className={hideLabel ? "visually-hidden" : (css.label ?? "")}>{label}</Label>
      {choices.map(choice => (
        <Radio
          key={choice.value}
          value={choice.value}
          isDisabled={choice.disabled ?? false}
          className={css.card ?? ""}
        >
          <span className={css.dot} aria-hidden="true" />
          <span className={css.text}>
            <span className={css.title}>{choice.title}</span>
            {choice.detail && <span className={css.detail}>{choice.detail}</span>}
          </span>
          {choice.end && <span className={css.end}>{choice.end}</span>}
        </Radio>
      ))}
    </RadioGroup>
  );
}
