import { bucketWidth } from './buckets';
import type { DrillResult, DrillVerdict } from './drill-result';
import { outcomeOf, whatHappened } from './outcome';
import { OutcomeCell } from './outcome-cell';
import { TimelineChart, type TimelineDrawing } from './timeline-svg';
import { ActionTable, PhaseTable, TimelineTable } from './timeline-tables';
import { duration, moment } from './wording';

interface DrillSectionProps {
  readonly id: string;
  readonly result: DrillResult;
  readonly wide: TimelineDrawing;
  readonly narrow: TimelineDrawing;
}

/** All that is told of one drill. */
export function DrillSection({ id, result, wide, narrow }: DrillSectionProps) {
  return (
    <section id={id} class="drill" aria-labelledby={`${id}-heading`}>
      <h2 id={`${id}-heading`}>{result.title}</h2>
      <p class="quiet">
        {result.drill}, {outcomeOf(result)}. Began <time dateTime={result.startedAt}>{moment(result.startedAt)}</time>.
      </p>
      <p>{whatHappened(result).join(' ')}</p>
      <figure>
        <TimelineChart result={result} drawing={wide} id={`${id}-wide`} class="chart wide" />
        <TimelineChart result={result} drawing={narrow} id={`${id}-narrow`} class="chart narrow" />
        <figcaption>
          Each point tells of the requests that began within {duration(bucketWidth(result))}; latency is that of the
          requests that were answered well. The upper edge of the hits is the hit ratio; a read that passed by a cache
          it could not ask is a bypass.
        </figcaption>
      </figure>
      <Verdicts verdicts={result.verdicts} />
      <Notes notes={result.notes} />
      <PhaseTable result={result} />
      <ActionTable result={result} />
      <TimelineTable result={result} />
    </section>
  );
}

function Verdicts({ verdicts }: { readonly verdicts: readonly DrillVerdict[] }) {
  if (verdicts.length === 0) {
    return <p>Nothing was judged.</p>;
  }
  return (
    <>
      <h3>Verdicts</h3>
      <div class="scroll">
        <table class="verdicts">
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Outcome</th>
              <th scope="col">Wanted</th>
              <th scope="col">Got</th>
            </tr>
          </thead>
          <tbody>
            {verdicts.map(({ name, wanted, got, passed }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <OutcomeCell outcome={passed ? 'passed' : 'failed'} />
                <td>{wanted}</td>
                <td>{got}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Notes({ notes }: { readonly notes: readonly string[] }) {
  return notes.length === 0 ? null : (
    <>
      <h3>Notes</h3>
      <ul>
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </>
  );
}
