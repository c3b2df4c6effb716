/** What the device says in its own words, which are English and mostly for its operator. */
export function Reason({ text }: { text: string }) {
  return (
    <span class="reason" lang="en" dir="ltr">
      {text}
    </span>
  );
}
