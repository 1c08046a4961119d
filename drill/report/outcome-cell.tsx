import { OUTCOME_SIGNS, type Outcome } from './outcome';

/** A sign and a word; the colour only helps. */
export function OutcomeCell({ outcome }: { readonly outcome: Outcome }) {
  return (
    <td class={`state ${outcome.replace(' ', '-')}`}>
      <span aria-hidden="true">{OUTCOME_SIGNS[outcome]}</span> {outcome}
    </td>
  );
}
