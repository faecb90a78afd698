import { type ComponentProps, type ReactNode, useId } from "react";

/** A labelled input with a hint below it. */
export function Field({
  label,
  hint,
  ...input
}: { label: string; hint?: ReactNode } & Omit<ComponentProps<"input">, "id">) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} autoComplete="off" {...(hint ? { "aria-describedby": `${id}-hint` } : {})} {...input} />
      {hint && (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

/** A labelled choice. */
export function Choice({
  label,
  options,
  ...select
}: { label: string; options: readonly { value: string; label: string }[] } & Omit<ComponentProps<"select">, "id">) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} {...select}>
        {options.map(({ value, label: text }) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}
