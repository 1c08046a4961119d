import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { OwnWrites, WriteTally } from './own-writes';
import { untilDone } from './until-done';
import type { LoadTruth, UserSample, Users } from './users';
import { type Answer, sampleOf, Visitor } from './visitor';

/** People who are signed in during the load. */
const MEMBERS = 20;

/** Films that are read, the first ones far more often than the last. */
const FILMS = 60;

/** Films that nobody has read, from here on. */
const FIRST_COLD_FILM = 2_000;

/** So many requests of ten are of each kind, in turn. */
const TURNS = [
  'browse',
  'review',
  'browse',
  'account',
  'browse',
  'browse',
  'review',
  'own',
  'browse',
  'browse',
] as const;

/** Of so many turns one is somebody who signs in. */
const SIGN_IN_EVERY = 20;

/** People who arrive at the same time, how often they try, and how long after each other, in milliseconds. */
const TOGETHER = 5;
const MOST_TRIES = 20;
const TRY_AGAIN_MS = 100;

interface Member {
  readonly name: string;
  readonly visitor: Visitor;
  readonly filmId: number;
  csrf: string;
  readonly reviews: OwnWrites;
}

/** The readers of the film portal: they browse, look at their page, review, and sign in. */
export class FilmUsers implements Users {
  readonly hotPath = '/films/1/recommendations';
  private readonly run = randomBytes(4).toString('hex');
  private readonly anonymous: Visitor;
  private readonly members: Member[];
  private readonly weights: readonly number[];
  /** Of each name the last who signed in. */
  private readonly guests = new Map<string, Visitor>();
  private signIns = 0;
  private static coldFilms = 0;
  private readonly tally = new WriteTally();

  constructor(
    private readonly address: string,
    private readonly random: () => number = Math.random,
  ) {
    this.anonymous = new Visitor(address);
    this.members = Array.from({ length: MEMBERS }, (_, index) => ({
      name: `Drill ${this.run} ${index + 1}`,
      visitor: new Visitor(address),
      // Each their own, so that one member's review does not make another's page miss all the time.
      filmId: 1_000 + index,
      csrf: '',
      reviews: new OwnWrites(`/films/${1_000 + index}`, this.tally),
    }));
    let sum = 0;
    this.weights = Array.from({ length: FILMS }, (_, index) => (sum += 1 / (index + 1)));
  }

  coldPath(): string {
    FilmUsers.coldFilms += 1;
    return `/films/${FIRST_COLD_FILM + FilmUsers.coldFilms}/recommendations`;
  }

  async arrive(): Promise<void> {
    // A few at a time: a service whose caches are cold sheds a crowd, and is right to.
    for (let film = 1; film <= FILMS; film += TOGETHER) {
      await Promise.all(
        Array.from({ length: TOGETHER }, (_, index) => this.untilServed(this.anonymous, `/films/${film + index}`)),
      );
    }
    await this.untilServed(this.anonymous, this.hotPath);
    for (let first = 0; first < MEMBERS; first += TOGETHER) {
      await Promise.all(this.members.slice(first, first + TOGETHER).map((member) => this.arriveAs(member)));
    }
  }

  async act(number: number): Promise<UserSample> {
    if (number % SIGN_IN_EVERY === SIGN_IN_EVERY - 1) {
      return this.newcomer();
    }
    const member = this.members[number % MEMBERS] as Member;
    switch (TURNS[number % TURNS.length]) {
      case 'account':
        return this.account(member);
      case 'review':
        return this.review(member);
      case 'own':
        return this.own(member);
      default:
        return this.ask(number % 7 === 0 ? this.hotPath : `/films/${this.film()}`);
    }
  }

  async ask(path: string): Promise<UserSample> {
    const answer = await this.anonymous.get(path);
    return sampleOf(answer, 'browse', answer.status === 200);
  }

  async truth(): Promise<LoadTruth> {
    const looked = await Promise.all(
      this.members.map(({ visitor, filmId, reviews }) => reviews.readAtLast(() => visitor.get(`/films/${filmId}`))),
    );
    const { acknowledged, lost, stale, stalestMs, remarks } = this.tally;
    const dead = looked.filter((answer) => answer.status === 200 && !isForMember(answer)).length;
    return { acknowledged, lost, stale, stalestMs, sessions: MEMBERS, dead, remarks };
  }

  /** Members delete everything about themselves, as the portal lets everybody. */
  async depart(): Promise<readonly string[]> {
    await Promise.all(this.members.map(({ reviews }) => reviews.answered()));
    const people = [
      ...this.members.map(({ name, visitor }) => ({ name, visitor })),
      ...[...this.guests].map(([name, visitor]) => ({ name, visitor })),
    ];
    const forgotten = await Promise.all(people.map(({ name, visitor }) => untilDone(() => this.forget(name, visitor))));
    const left = people.flatMap(({ name }, index) => (forgotten[index] === true ? [] : [name]));
    return left.length === 0 ? [] : [`what these wrote could not be deleted: ${left.join(', ')}`];
  }

  /** @returns whether nothing is left of somebody, who signs in again where the session was lost */
  private async forget(name: string, visitor: Visitor): Promise<boolean> {
    let page = await visitor.get('/me');
    if (page.status === 303) {
      await this.signIn(visitor, name);
      page = await visitor.get('/me');
    }
    const { status } = await visitor.post('/me/forget', { _csrf: tokenIn(page.body) });
    return page.status === 200 && status === 303;
  }

  private async arriveAs(member: Member): Promise<void> {
    const { visitor, name, filmId } = member;
    await this.untilAnswered('sign in', 303, () => this.signIn(visitor, name));
    member.csrf = tokenIn((await this.untilServed(visitor, `/films/${filmId}`)).body);
    await this.untilAnswered('write a review', 303, () => this.review(member));
  }

  private untilServed(visitor: Visitor, path: string): Promise<Answer> {
    return this.untilAnswered(`read ${path}`, 200, () => visitor.get(path));
  }

  private async untilAnswered<T extends { readonly status: number }>(
    what: string,
    wanted: number,
    ask: () => Promise<T>,
  ): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      const answer = await ask();
      if (answer.status === wanted) {
        return answer;
      }
      if (tries === MOST_TRIES) {
        throw new Error(`nobody can ${what} before the drill: ${this.address} answered ${answer.status}`);
      }
      await sleep(TRY_AGAIN_MS);
    }
  }

  private async newcomer(): Promise<UserSample> {
    this.signIns += 1;
    const visitor = new Visitor(this.address);
    const form = await visitor.get('/sign-in');
    if (form.status !== 200) {
      return sampleOf(form, 'sign-in', false);
    }
    const name = `Guest ${this.run} ${this.signIns % MEMBERS}`;
    const answer = await visitor.post('/sign-in', { name, _csrf: tokenIn(form.body) });
    if (answer.status === 303) {
      this.guests.set(name, visitor);
    }
    return { ...sampleOf(answer, 'sign-in', answer.status === 303), atMs: form.askedAt, ms: form.ms + answer.ms };
  }

  private async account({ visitor, name }: Member): Promise<UserSample> {
    const answer = await visitor.get('/me');
    return sampleOf(answer, 'account', answer.status === 200 && answer.body.includes(name));
  }

  private review({ visitor, filmId, csrf, reviews }: Member): Promise<UserSample> {
    const body = `A drill was here: ${randomBytes(8).toString('hex')}`;
    return reviews.write(body, async () => {
      const answer = await visitor.post(`/films/${filmId}/reviews`, { rating: '7', body, _csrf: csrf });
      const isOk = answer.status === 303 && String(answer.headers.location).startsWith('/films/');
      return sampleOf(answer, 'review', isOk);
    });
  }

  /** A member reads their own review: what they were told is written must be there. */
  private async own({ visitor, filmId, reviews }: Member): Promise<UserSample> {
    const answer = await reviews.read(() => visitor.get(`/films/${filmId}`));
    return sampleOf(answer, 'account', answer.status === 200 && isForMember(answer));
  }

  private async signIn(visitor: Visitor, name: string): Promise<Answer> {
    const form = await visitor.get('/sign-in');
    return visitor.post('/sign-in', { name, _csrf: tokenIn(form.body) });
  }

  /** By Zipf's law: the first is read about a hundred times as often as the last. */
  private film(): number {
    const at = this.random() * (this.weights.at(-1) as number);
    return (
      1 +
      Math.max(
        0,
        this.weights.findIndex((weight) => weight >= at),
      )
    );
  }
}

/** Whether a film's page knows who asks: it has a form for their review then. */
function isForMember({ body }: Answer): boolean {
  return body.includes('<textarea');
}

/** The token of a page's form; empty when it has none. */
function tokenIn(body: string): string {
  return /name="_csrf" value="([^"]+)"/.exec(body)?.[1] ?? '';
}
