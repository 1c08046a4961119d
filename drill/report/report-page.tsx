import { renderToString } from 'preact-render-to-string';
import type { DrillResult } from './drill-result';
import { DrillSection } from './drill-section';
import { outcomeOf, overall, worstFigure } from './outcome';
import { OutcomeCell } from './outcome-cell';
import { PAGE_STYLE } from './page-style';
import { CHART_WIDTH, drawTimeline, type TimelineDrawing } from './timeline-svg';
import { moment, origins } from './wording';

/** Nothing is loaded, and no script is run. */
const CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'";

interface DrawnDrill {
  readonly result: DrillResult;
  readonly wide: TimelineDrawing;
  readonly narrow: TimelineDrawing;
}

/** The report as one page that needs nothing else. */
export async function reportPage(results: readonly DrillResult[]): Promise<string> {
  const drills: DrawnDrill[] = [];
  for (const result of results) {
    const wide = await drawTimeline(result, { width: CHART_WIDTH.wide, hasHeading: false });
    const narrow = await drawTimeline(result, { width: CHART_WIDTH.narrow, hasHeading: false });
    drills.push({ result, wide, narrow });
  }
  return `<!doctype html>${renderToString(<ReportPage drills={drills} />)}\n`;
}

function ReportPage({ drills }: { readonly drills: readonly DrawnDrill[] }) {
  const results = drills.map(({ result }) => result);
  const title = `Failover drills: ${overall(results)}`;
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={CONTENT_POLICY} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title}</title>
        <style>{PAGE_STYLE}</style>
      </head>
      <body>
        <main>
          <h1>{title}</h1>
          <Origins results={results} />
          {drills.length > 0 && <Overview results={results} />}
          {drills.map(({ result, wide, narrow }, index) => (
            <DrillSection key={idOf(index)} id={idOf(index)} result={result} wide={wide} narrow={narrow} />
          ))}
        </main>
      </body>
    </html>
  );
}

function idOf(index: number): string {
  return `drill-${index + 1}`;
}

/** When and where. */
function Origins({ results }: { readonly results: readonly DrillResult[] }) {
  const { environments, startedAt, places } = origins(results);
  if (startedAt === undefined) {
    return null;
  }
  return (
    <div class="quiet">
      <p>
        Environment {environments}, <time dateTime={startedAt}>{moment(startedAt)}</time>
      </p>
      {places.map((place) => (
        <p key={place}>{place}</p>
      ))}
    </div>
  );
}

/** One row a drill. */
function Overview({ results }: { readonly results: readonly DrillResult[] }) {
  return (
    <div class="scroll">
      <table class="overview">
        <thead>
          <tr>
            <th scope="col">Drill</th>
            <th scope="col">Outcome</th>
            <th scope="col">Worst figure</th>
          </tr>
        </thead>
        <tbody>
          {results.map((result, index) => (
            <tr key={idOf(index)}>
              <th scope="row">
                <a href={`#${idOf(index)}`}>{result.title}</a>
              </th>
              <OutcomeCell outcome={outcomeOf(result)} />
              <td>{worstFigure(result)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
