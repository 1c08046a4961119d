import type { ComponentChildren } from 'preact';
import { type Bucket, bucketsOf, phasesOf, spanOf } from './buckets';
import type { DrillResult, DrillSample } from './drill-result';
import { figuresOf, type LoadFigures } from './load-figures';
import { count, duration, markText, percent, seconds } from './wording';

/** Steps of the table that stands for the charts. */
const STEPS_MS = [1_000, 2_000, 5_000, 10_000, 30_000, 60_000] as const;

const MOST_ROWS = 60;

const ACTIONS: ReadonlyArray<DrillSample['action']> = ['browse', 'account', 'sign-in', 'review'];

/** The load from mark to mark. */
export function PhaseTable({ result }: { readonly result: DrillResult }) {
  return (
    <>
      <h3>From mark to mark</h3>
      <FiguresTable class="phases" caption="From mark to mark" first="Since">
        {phasesOf(result).map(({ mark, ...phase }) => (
          <FiguresRow key={`${phase.fromMs} ${mark?.kind}`} figures={phase}>
            {mark === undefined ? `${seconds(phase.fromMs)} the load began` : markText(mark)}
          </FiguresRow>
        ))}
      </FiguresTable>
    </>
  );
}

/** The load by what users did. */
export function ActionTable({ result }: { readonly result: DrillResult }) {
  const rows = ACTIONS.map((action) => ({
    action,
    figures: figuresOf(result.samples.filter((sample) => sample.action === action)),
  })).filter(({ figures }) => figures.requests > 0);
  return rows.length === 0 ? null : (
    <>
      <h3>By what users did</h3>
      <FiguresTable class="actions" caption="By what users did" first="Action">
        {rows.map(({ action, figures }) => (
          <FiguresRow key={action} figures={figures}>
            {action}
          </FiguresRow>
        ))}
      </FiguresTable>
    </>
  );
}

/** What the charts show, in numbers. */
export function TimelineTable({ result }: { readonly result: DrillResult }) {
  const stepMs = STEPS_MS.find((step) => spanOf(result) / step <= MOST_ROWS) ?? spanOf(result) / MOST_ROWS;
  return (
    <details>
      <summary>The timeline in numbers</summary>
      <FiguresTable class="timeline" caption="The timeline in numbers" first="From">
        {bucketsOf(result, stepMs).map((bucket: Bucket) => (
          <FiguresRow key={bucket.fromMs} figures={bucket}>
            {seconds(bucket.fromMs)}
          </FiguresRow>
        ))}
      </FiguresTable>
    </details>
  );
}

const HEADINGS = ['Requests', 'Failed', 'p50', 'p99', 'Caches, p99', 'Database, p99', 'Hit ratio'];

interface FiguresTableProps {
  readonly class: string;
  /** What the table is of, for those who do not see where it stands. */
  readonly caption: string;
  /** Heading of the first column. */
  readonly first: string;
  readonly children: ComponentChildren;
}

function FiguresTable({ class: className, caption, first, children }: FiguresTableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard
    <section class="scroll" tabIndex={0} aria-label={caption}>
      <table class={className}>
        <thead>
          <tr>
            <th scope="col">{first}</th>
            {HEADINGS.map((heading) => (
              <th key={heading} scope="col" class="number">
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

interface FiguresRowProps {
  readonly figures: LoadFigures;
  /** The cell that names the row. */
  readonly children: ComponentChildren;
}

function FiguresRow({ figures, children }: FiguresRowProps) {
  const cells = [
    count(figures.requests),
    count(figures.failed),
    duration(figures.p50Ms),
    duration(figures.p99Ms),
    duration(figures.p99CacheMs),
    duration(figures.p99DatabaseMs),
    percent(figures.hitRatio),
  ];
  return (
    <tr>
      <th scope="row">{children}</th>
      {cells.map((cell, index) => (
        <td key={HEADINGS[index]} class="number">
          {cell}
        </td>
      ))}
    </tr>
  );
}
