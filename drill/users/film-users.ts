import { randomBytes } from 'node:crypto';
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

/** People who arrive at the same time, and how often they try. */
const TOGETHER = 5;
const MOST_TRIES = 20;

/** A review that a member wrote. */
interface Written {
  readonly body: string;
  /** When it was acknowledged, on `performance.now()`'s clock. */
  readonly at: number;
  /** Whether a later one, sent and not acknowledged, may have taken its place. */
  mayBeOlder: boolean;
}

interface Member {
  readonly name: string;
  readonly visitor: Visitor;
  readonly filmId: number;
  csrf: string;
  written: Written | undefined;
  /** Reviews of one member are written one after the other. */
  writing: Promise<unknown>;
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
  private acknowledged = 0;
  private stale = 0;
  private stalestMs = 0;

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
      written: undefined,
      writing: Promise.resolve(),
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
      case 'review': {
        const writing = member.writing.then(() => this.review(member));
        member.writing = writing;
        return writing;
      }
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
      this.members.map(async (member) => {
        await member.writing;
        const { body, status } = await member.visitor.get(`/films/${member.filmId}`);
        const isSignedIn = body.includes('<textarea');
        const { written } = member;
        const isThere = written === undefined || written.mayBeOlder || body.includes(written.body);
        return { isDead: status === 200 && !isSignedIn, isLost: isSignedIn && !isThere };
      }),
    );
    return {
      acknowledged: this.acknowledged,
      lost: looked.filter(({ isLost }) => isLost).length,
      stale: this.stale,
      stalestMs: this.stalestMs,
      sessions: MEMBERS,
      dead: looked.filter(({ isDead }) => isDead).length,
    };
  }

  /** Members delete everything about themselves, as the portal lets everybody. */
  async depart(): Promise<readonly string[]> {
    await Promise.all(this.members.map((member) => member.writing));
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
    const status = await this.signIn(member.visitor, member.name);
    if (status !== 303) {
      throw new Error(`nobody can sign in before the drill: ${this.address}/sign-in answered ${status}`);
    }
    member.csrf = tokenIn((await this.untilServed(member.visitor, `/films/${member.filmId}`)).body);
    const review = await this.review(member);
    if (!review.isOk) {
      throw new Error(`nobody can write a review before the drill: it was answered ${review.status}`);
    }
  }

  private async untilServed(visitor: Visitor, path: string): Promise<Answer> {
    for (let tries = 1; ; tries += 1) {
      const answer = await visitor.get(path);
      if (answer.status === 200) {
        return answer;
      }
      if (tries >= MOST_TRIES) {
        throw new Error(`nobody can read ${path} before the drill: it was answered ${answer.status}`);
      }
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

  private async review(member: Member): Promise<UserSample> {
    const body = `A drill was here: ${randomBytes(8).toString('hex')}`;
    const answer = await member.visitor.post(`/films/${member.filmId}/reviews`, {
      rating: '7',
      body,
      _csrf: member.csrf,
    });
    const isOk = answer.status === 303 && String(answer.headers.location).startsWith('/films/');
    if (isOk) {
      this.acknowledged += 1;
      member.written = { body, at: performance.now(), mayBeOlder: false };
    } else if (member.written !== undefined) {
      // It may have been written all the same.
      member.written.mayBeOlder = true;
    }
    return sampleOf(answer, 'review', isOk);
  }

  /** A member reads their own review: what they were told is written must be there. */
  private async own(member: Member): Promise<UserSample> {
    await member.writing;
    const { written } = member;
    const answer = await member.visitor.get(`/films/${member.filmId}`);
    const isSignedIn = answer.body.includes('<textarea');
    const isCurrent = written === undefined || written.mayBeOlder || written !== member.written;
    if (answer.status === 200 && isSignedIn && !isCurrent && !answer.body.includes((written as Written).body)) {
      this.stale += 1;
      this.stalestMs = Math.max(this.stalestMs, answer.askedAt - (written as Written).at);
    }
    return sampleOf(answer, 'account', answer.status === 200 && isSignedIn);
  }

  private async signIn(visitor: Visitor, name: string): Promise<number> {
    const form = await visitor.get('/sign-in');
    return (await visitor.post('/sign-in', { name, _csrf: tokenIn(form.body) })).status;
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

/** The token of a page's form; empty when it has none. */
function tokenIn(body: string): string {
  return /name="_csrf" value="([^"]+)"/.exec(body)?.[1] ?? '';
}
