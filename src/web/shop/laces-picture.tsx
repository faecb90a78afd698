/** A hank of waxed laces. */
export function LacesPicture() {
  return (
    <svg className="laces-picture" viewBox="0 0 64 64" aria-hidden="true">
      <g fill="none" stroke="currentColor" strokeWidth="3.4" strokeLinecap="round">
        <path d="M20 12c-9 10-9 30 0 40 6 5 10-2 8-20S32 6 38 10c8 8 8 34 0 42-5 5-9-2-8-18S40 8 46 14c6 9 5 28-2 38" />
      </g>
      <path d="M15 30h36v8H15z" fill="var(--field)" />
      <path d="M44 52l-3 8M20 12l2-8" stroke="var(--field)" strokeWidth="4" strokeLinecap="round" />
    </svg>
  );
}
