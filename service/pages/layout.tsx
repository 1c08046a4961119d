import type { ComponentChildren } from 'preact';

/** What every page knows of its visitor. */
export interface Visitor {
  /** Name of who is signed in. */
  readonly member: string | undefined;
  /** Token that a form of a signed-in visitor carries. */
  readonly csrfToken: string | undefined;
  /** Name of the instance that serves; only in development. */
  readonly instance: string | undefined;
}

interface LayoutProps {
  readonly title: string;
  readonly visitor: Visitor;
  /** Text in the search field. */
  readonly search?: string;
  readonly children: ComponentChildren;
}

/** The frame of every page. The panel is filled in by its script, in development only. */
export function Layout({ title, visitor, search, children }: LayoutProps) {
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · Reel`}</title>
        <link rel="stylesheet" href="/assets/style.css" />
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
        {visitor.instance !== undefined && <script src="/assets/panel.js" defer />}
      </head>
      <body class={visitor.instance === undefined ? undefined : 'with-panel'}>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <header>
          <a class="brand" href="/">
            Reel
          </a>
          <search>
            <form action="/">
              <input
                type="search"
                name="q"
                value={search}
                placeholder="Search 3,201 films"
                aria-label="Search films by title"
              />
              <button type="submit">Search</button>
            </form>
          </search>
          <nav aria-label="Main">
            <a href="/rankings">Rankings</a>
            {visitor.member === undefined ? (
              <a href="/sign-in">Sign in</a>
            ) : (
              <>
                <a href="/me">{visitor.member}</a>
                <form action="/sign-out" method="post">
                  <CsrfField visitor={visitor} />
                  <button type="submit" class="link">
                    Sign out
                  </button>
                </form>
              </>
            )}
          </nav>
        </header>
        <main id="main">{children}</main>
        {visitor.instance !== undefined && (
          <aside id="panel" aria-label="What the cache does">
            <p class="quiet">Loading the panel …</p>
          </aside>
        )}
        <footer>
          <p>
            Films from <a href="https://github.com/vega/vega-datasets">vega-datasets</a>.
            {visitor.instance !== undefined && <span> Served by {visitor.instance}.</span>}
          </p>
        </footer>
      </body>
    </html>
  );
}

/** The token of a form. */
export function CsrfField({ visitor }: { visitor: Visitor }) {
  return <input type="hidden" name="_csrf" value={visitor.csrfToken ?? ''} />;
}

/** A page that says what went wrong. */
export function ProblemPage({ title, text, visitor }: { title: string; text: string; visitor: Visitor }) {
  return (
    <Layout title={title} visitor={visitor}>
      <h1>{title}</h1>
      <p>{text}</p>
      <p>
        <a href="/">Back to the films</a>
      </p>
    </Layout>
  );
}
