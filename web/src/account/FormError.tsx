//! What a form as a whole got wrong, read aloud when it appears.

import { Icon } from "../ui/Icon";
import css from "./account.module.css";

export function FormError({ title, detail }: { readonly title: string; readonly detail?: string }) {
  return (
    <div role="alert" className={css.error}>
      <Icon name="warn" />
      <div>
        <strong>{title}</strong>
        {detail && <p>{detail}</p>}
      </div>
    </div>
  );
}
