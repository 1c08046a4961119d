import type { Film } from '../films';
import type { Profile } from '../members';
import { FilmCard } from './film-card';
import { CsrfField, Layout, type Visitor } from './layout';

interface SignInPageProps {
  readonly then: string;
  readonly problem?: string | undefined;
  readonly name?: string | undefined;
  readonly visitor: Visitor;
}

/** Signing in, by name. */
export function SignInPage({ then, problem, name, visitor }: SignInPageProps) {
  return (
    <Layout title="Sign in" visitor={visitor}>
      <h1>Sign in</h1>
      <p>A name is enough here. Every instance will know you by your session, which lives in the cache.</p>
      <form class="sign-in" action="/sign-in" method="post">
        <CsrfField visitor={visitor} />
        <input type="hidden" name="then" value={then} />
        {problem !== undefined && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <label>
          Your name
          <input name="name" value={name} required maxLength={40} autocomplete="nickname" />
        </label>
        <button type="submit">Sign in</button>
      </form>
    </Layout>
  );
}

interface MemberPageProps {
  readonly profile: Profile;
  readonly recent: readonly Film[];
  readonly favourites: readonly Film[];
  readonly visitor: Visitor;
}

/** What the portal remembers of a member. */
export function MemberPage({ profile, recent, favourites, visitor }: MemberPageProps) {
  return (
    <Layout title={visitor.member ?? ''} visitor={visitor}>
      <h1>{visitor.member}</h1>
      <p class="quiet">
        Signed in {profile.signIns} {profile.signIns === 1 ? 'time' : 'times'} since {profile.since.slice(0, 10)}
      </p>
      <FilmSection title="Favourites" films={favourites} none="None yet: add one from its page." />
      <FilmSection title="Recently viewed" films={recent} none="None yet." />
      <form class="forget" action="/me/forget" method="post">
        <CsrfField visitor={visitor} />
        <button type="submit" class="quiet">
          Delete my reviews and everything about me
        </button>
      </form>
    </Layout>
  );
}

function FilmSection({ title, films, none }: { title: string; films: readonly Film[]; none: string }) {
  return (
    <section>
      <h2>{title}</h2>
      {films.length === 0 ? (
        <p class="quiet">{none}</p>
      ) : (
        <ul class="cards small">
          {films.map((film) => (
            <FilmCard key={film.id} film={film} />
          ))}
        </ul>
      )}
    </section>
  );
}
